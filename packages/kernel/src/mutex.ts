import { EBUSY, EINVAL, EPERM } from "@sof-ts/kit";
import { SWITCH } from "./constants.js";
import type { Kernel } from "./kernel.js";
import { contendedLock, finalUnlock, removeHeld, takeFirst } from "./mutex-pi.js";
import { KObject, ObjType } from "./object.js";
import { observeLock, observeUnlock } from "./observe.js";
import { InitRule } from "./permissions.js";
import type { Blocking, Thread } from "./thread.js";
import { WaitQueue } from "./wait-queue.js";

/** A recursive mutex with priority inheritance and direct hand-over (Zephyr's `struct k_mutex`). */
export class Mutex extends KObject {
  owner: Thread | null = null;
  /** Times that the owner has locked it. */
  count = 0;
  /** The owner's priority without what this mutex's waiters lend it. */
  savedPriority = 0;
  /** Neighbours in the owner's list of held mutexes. */
  heldNext: Mutex | null = null;
  heldPrev: Mutex | null = null;
  readonly waiters: WaitQueue;

  constructor(kernel: Kernel, name = "") {
    super(kernel, ObjType.MUTEX, name);
    this.waiters = new WaitQueue(this, kernel.narrow);
  }

  /**
   * Zephyr's `k_mutex_init`: free, nobody waiting. Thread, ISR and user mode (with permission; in any
   * state of initialisation).
   *
   * @returns 0
   */
  init(): number {
    const k = this.kernel;
    if (k.slow !== 0) k.enter(this, ObjType.MUTEX, InitRule.ANY, "k_mutex_init");
    if (this.owner !== null) removeHeld(this, this.owner);
    this.owner = null;
    this.count = 0;
    this.waiters.abandon();
    k.initialise(this);
    return 0;
  }

  /**
   * Zephyr's `k_mutex_lock`. Threads only, not in an ISR even without waiting.
   *
   * @param timeout nanoseconds, K_NO_WAIT or K_FOREVER
   * @returns 0; -EBUSY when taken and not to wait; -EAGAIN on time-out; SWITCH
   */
  lockNow(timeout: number): number {
    const k = this.kernel;
    if (k.slow !== 0 && !k.admits(this.grantee, this.flags, "k_mutex_lock")) {
      k.enterThreadOnly(this, ObjType.MUTEX, "k_mutex_lock");
      if (k.observed !== 0) return this.lockElse(timeout);
    }
    if (this.owner !== null) return this.lockElse(timeout);
    const thread = k.current;
    thread.counters.lockOps++;
    takeFirst(this, thread);
    return k.leave(k.costs.mutexLock, 0);
  }

  /** {@link lockNow} as a generator. */
  *lock(timeout: number): Blocking {
    const rc = this.lockNow(timeout);
    return rc === SWITCH ? yield SWITCH : rc;
  }

  /**
   * Zephyr's `k_mutex_unlock`: the last unlock hands the mutex to the best waiter. A reschedule point.
   *
   * @returns 0; -EINVAL when nobody holds it; -EPERM when another thread does; SWITCH
   */
  unlockNow(): number {
    const k = this.kernel;
    if (k.slow !== 0 && !k.admits(this.grantee, this.flags, "k_mutex_unlock")) {
      k.enterThreadOnly(this, ObjType.MUTEX, "k_mutex_unlock");
      if (k.observed !== 0) return this.unlockElse();
    }
    const thread = k.current;
    if (
      this.owner !== thread ||
      this.count !== 1 ||
      this.waiters.head !== null ||
      thread.held !== this ||
      thread.priority !== this.savedPriority
    ) {
      return this.unlockElse();
    }
    thread.counters.lockOps++;
    // Nobody to hand over to, nothing lent: the common case.
    const next = this.heldNext;
    if (next === null) thread.held = null;
    else {
      thread.held = next;
      next.heldPrev = null;
      this.heldNext = null;
    }
    this.owner = null;
    this.count = 0;
    return k.leave(k.costs.mutexUnlock, 0);
  }

  /** {@link unlockNow} as a generator. */
  *unlock(): Blocking {
    const rc = this.unlockNow();
    return rc === SWITCH ? yield SWITCH : rc;
  }

  /**
   * Takes the mutex from an owner that has ended, which `k_mutex` leaves locked for good, and hands it to the best
   * waiter. Kernel threads only. A reschedule point.
   *
   * @returns 0; -EINVAL when nobody holds it; -EBUSY while its owner lives; SWITCH
   */
  recover(): number {
    const k = this.kernel;
    k.supervisorOnly("k_mutex_recover");
    const { owner } = this;
    if (owner === null) return -EINVAL;
    if (!owner.dead) return -EBUSY;
    this.count = 1;
    return finalUnlock(k, this, owner);
  }

  private lockElse(timeout: number): number {
    const k = this.kernel;
    const thread = k.current;
    thread.counters.lockOps++;
    if (this.owner === null) takeFirst(this, thread);
    else if (this.owner === thread) this.count++;
    else if (timeout === 0) return k.leave(k.costs.mutexLock, -EBUSY);
    else return contendedLock(k, this, thread, timeout);
    if (k.observed !== 0) observeLock(k, this, thread);
    return k.leave(k.costs.mutexLock, 0);
  }

  private unlockElse(): number {
    const k = this.kernel;
    const thread = k.current;
    thread.counters.lockOps++;
    if (this.owner !== thread) {
      return k.leave(k.costs.mutexUnlock, this.owner === null ? -EINVAL : -EPERM);
    }
    if (k.observed !== 0) observeUnlock(k, this, thread);
    if (this.count > 1) {
      this.count--;
      return k.leave(k.costs.mutexUnlock, 0);
    }
    return finalUnlock(k, this, thread);
  }
}
