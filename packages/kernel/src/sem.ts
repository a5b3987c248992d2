import { EAGAIN, EBUSY, EINVAL, assert } from "@sof-ts/kit";
import { Slow, SWITCH } from "./constants.js";
import type { Kernel } from "./kernel.js";
import { KObject, ObjType } from "./object.js";
import { observeGive, observeTake } from "./observe.js";
import { InitRule } from "./permissions.js";
import { pendCurrent, reschedule, wake } from "./scheduler.js";
import type { Blocking } from "./thread.js";
import { WaitQueue } from "./wait-queue.js";

/** The largest limit (Zephyr's `K_SEM_MAX_LIMIT`). */
export const K_SEM_MAX_LIMIT = 0xffff_ffff;

/** A counting semaphore (Zephyr's `struct k_sem`). No owner, no priority inheritance. */
export class Sem extends KObject {
  count: number;
  limit: number;
  readonly waiters: WaitQueue;

  /** As `K_SEM_DEFINE`: limit at least 1, initial count at most the limit. */
  constructor(kernel: Kernel, initial: number, limit: number, name = "") {
    super(kernel, ObjType.SEM, name);
    assert(
      limit >= 1 && initial >= 0 && initial <= limit,
      `semaphore ${name}: ${initial} of ${limit}`,
    );
    this.count = initial;
    this.limit = limit;
    this.waiters = new WaitQueue(this, kernel.narrow);
  }

  /**
   * Zephyr's `k_sem_init`. Thread, ISR and user mode (with permission; in any state of initialisation).
   *
   * @returns 0; -EINVAL for a limit of 0 or an initial count above it
   */
  init(initial: number, limit: number): number {
    const k = this.kernel;
    if (k.slow !== 0) k.enter(this, ObjType.SEM, InitRule.ANY, "k_sem_init");
    // Both are unsigned: a negative one is beyond any limit.
    const count = initial >>> 0;
    const most = limit >>> 0;
    if (most === 0 || count > most) return -EINVAL;
    this.count = count;
    this.limit = most;
    this.waiters.abandon();
    k.initialise(this);
    return 0;
  }

  /**
   * Zephyr's `k_sem_take`. Thread and user mode; ISR without waiting only.
   *
   * @param timeout nanoseconds, K_NO_WAIT or K_FOREVER
   * @returns 0; -EBUSY when not available and not to wait; -EAGAIN on time-out or reset; SWITCH
   */
  takeNow(timeout: number): number {
    const k = this.kernel;
    if (k.slow !== 0 && !k.admits(this.grantee, this.flags, "k_sem_take")) {
      k.enterWait(this, ObjType.SEM, "k_sem_take", timeout);
    }
    if (this.count > 0) {
      this.count--;
      if ((k.slow & Slow.OBSERVED) !== 0) observeTake(k, this, k.current);
      return k.leave(k.costs.semTake, 0);
    }
    if (timeout === 0) return k.leave(k.costs.semTake, -EBUSY);
    return pendCurrent(k, this.waiters, timeout, -EAGAIN, k.costs.semTake);
  }

  /** {@link takeNow} as a generator. */
  *take(timeout: number): Blocking {
    const rc = this.takeNow(timeout);
    return rc === SWITCH ? yield SWITCH : rc;
  }

  /**
   * Zephyr's `k_sem_give`: hands one unit to the best waiter, or raises the count up to the limit. Thread,
   * ISR and user mode. A reschedule point.
   *
   * @returns 0; SWITCH
   */
  giveNow(): number {
    const k = this.kernel;
    if (k.slow !== 0) {
      k.enter(this, ObjType.SEM, InitRule.INIT, "k_sem_give");
      if ((k.slow & Slow.OBSERVED) !== 0) observeGive(k, this, k.current);
    }
    const thread = this.waiters.head;
    if (thread === null) {
      if (this.count < this.limit) this.count++;
      return k.leave(k.costs.semGive, 0);
    }
    wake(k, thread, 0);
    if ((k.slow & Slow.OBSERVED) !== 0) observeTake(k, this, thread);
    return reschedule(k, k.costs.semGive, 0);
  }

  /** {@link giveNow} as a generator. */
  *give(): Blocking {
    const rc = this.giveNow();
    return rc === SWITCH ? yield SWITCH : rc;
  }

  /**
   * Zephyr's `k_sem_reset`: the count is 0 and every waiter's take returns -EAGAIN. Thread, ISR and user
   * mode. A reschedule point.
   *
   * @returns 0; SWITCH
   */
  resetNow(): number {
    const k = this.kernel;
    if (k.slow !== 0) k.enter(this, ObjType.SEM, InitRule.INIT, "k_sem_reset");
    for (let thread = this.waiters.head; thread !== null; thread = this.waiters.head) {
      wake(k, thread, -EAGAIN);
    }
    this.count = 0;
    return reschedule(k, k.costs.semGive, 0);
  }

  /** {@link resetNow} as a generator. */
  *reset(): Blocking {
    const rc = this.resetNow();
    return rc === SWITCH ? yield SWITCH : rc;
  }

  /** Zephyr's `k_sem_count_get`. Thread, ISR and user mode. */
  countGet(): number {
    const k = this.kernel;
    if (k.slow !== 0) k.enter(this, ObjType.SEM, InitRule.INIT, "k_sem_count_get");
    return this.count;
  }
}
