import type { Kernel } from "./kernel.js";
import { KObject, ObjType } from "./object.js";

/** A thread's stack in memory (Zephyr's `k_thread_stack_t`). In use while its INITIALISED flag is set. */
export class ThreadStack extends KObject {
  readonly size: number;
  /** User threads may run on it. */
  readonly user: boolean;
  /** It was made for one thread, with which it goes. */
  ownedByThread = false;

  /** As `K_THREAD_STACK_DEFINE`, or `K_KERNEL_STACK_DEFINE` with `user` false. */
  constructor(kernel: Kernel, address: number, size: number, user = true, name = "") {
    super(kernel, ObjType.THREAD_STACK, name);
    this.flags = 0;
    this.address = address;
    this.size = size;
    this.user = user;
  }
}
