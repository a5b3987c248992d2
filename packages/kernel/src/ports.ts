import type { KObject } from "./object.js";
import type { Spinlock } from "./spinlock.js";
import type { Thread } from "./thread.js";

/**
 * Sees every synchronisation of the machine, for data-race and privilege checking. The kernel calls it
 * only when one is set; the order of calls is the order in which the effects happen.
 */
export interface KernelChecker {
  /** What `actor` did before a matching release becomes visible to it. */
  acquire(object: KObject, actor: Thread): void;
  /** What `actor` has done so far becomes visible to whoever acquires `object`. */
  release(object: KObject, actor: Thread): void;
  /** As {@link acquire} and {@link release} for a spinlock. */
  acquireSpin(lock: Spinlock, actor: Thread): void;
  releaseSpin(lock: Spinlock, actor: Thread): void;
  /** `parent` has made `child` ready for its first run. */
  threadStart(parent: Thread, child: Thread): void;
  /** `waiter` has seen the end of `ended`. */
  threadJoin(waiter: Thread, ended: Thread): void;
  /** An interrupt handler starts or ends on the CPU that runs `interrupted`. */
  interrupt(interrupted: Thread, entering: boolean): void;
}
