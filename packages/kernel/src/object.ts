import type { Kernel } from "./kernel.js";
import type { Thread } from "./thread.js";

/** Types of kernel objects, Zephyr's `enum k_objects`. `ANY` matches each of them. */
export const ObjType = {
  ANY: 0,
  THREAD: 1,
  THREAD_STACK: 2,
  MUTEX: 3,
  SEM: 4,
  EVENT: 5,
  TIMER: 6,
  CONDVAR: 7,
  QUEUE: 8,
  FUTEX: 9,
  SYS_MUTEX: 10,
  /** A device or another object of the firmware's own that threads are granted. */
  DEVICE: 11,
} as const;
export type ObjType = (typeof ObjType)[keyof typeof ObjType];

/** Bits of {@link KObject.flags}. */
export const ObjFlag = {
  INITIALISED: 1,
  /** Every thread may use it (`k_object_access_all_grant`). */
  PUBLIC: 2,
  /** Comes from `objectAlloc`; lives while a thread holds a permission on it. */
  DYNAMIC: 4,
  /** Was freed: the kernel knows it no more. */
  FREED: 8,
} as const;

/**
 * A kernel object: something that threads name in system calls. An object that is constructed is as one
 * that the linker placed: static and initialised; `kernel.objectAlloc` makes dynamic, uninitialised ones.
 */
export abstract class KObject {
  readonly kernel: Kernel;
  readonly type: ObjType;
  name: string;
  flags: number;
  /** One bit per thread id. */
  readonly perms: Int32Array;
  /** The thread that a system call last found a bit of its own for; null when bits have been cleared since. */
  grantee: Thread | null = null;
  /** Where the object lies; 0 for a static object, whose address nobody needs. */
  address = 0;
  /** Gives a dynamic object's memory back when the object goes. */
  onDestroy: (() => void) | null = null;

  constructor(kernel: Kernel, type: ObjType, name: string) {
    this.kernel = kernel;
    this.type = type;
    this.name = name;
    this.flags = ObjFlag.INITIALISED;
    this.perms = new Int32Array(kernel.permWords);
    kernel.objects.add(this);
  }

  /** System calls may use it. */
  get initialised(): boolean {
    return (this.flags & ObjFlag.INITIALISED) !== 0;
  }

  /** It came from `objectAlloc`. */
  get dynamic(): boolean {
    return (this.flags & ObjFlag.DYNAMIC) !== 0;
  }

  /** The kernel knows it no more. */
  get freed(): boolean {
    return (this.flags & ObjFlag.FREED) !== 0;
  }
}
