import { SWITCH } from "./constants.js";
import type { Kernel } from "./kernel.js";
import { KObject, ObjType } from "./object.js";
import { observePost } from "./observe.js";
import { InitRule } from "./permissions.js";
import { pendCurrent, reschedule, wake } from "./scheduler.js";
import type { Blocking, Thread } from "./thread.js";
import { WaitQueue } from "./wait-queue.js";

const WAIT_ALL = 1;
const WAIT_SAFE = 2;

/** A word of 32 event bits (Zephyr's `struct k_event`). Bits are unsigned 32-bit numbers. */
export class KEvent extends KObject {
  events = 0;
  readonly waiters: WaitQueue;

  constructor(kernel: Kernel, name = "") {
    super(kernel, ObjType.EVENT, name);
    this.waiters = new WaitQueue(this, kernel.narrow);
  }

  /**
   * Zephyr's `k_event_init`: no bit set. A supervisor may do it again, and waiters are lost; a user thread
   * only on an object that is not initialised.
   *
   * @returns 0
   */
  init(): number {
    const k = this.kernel;
    if (k.slow !== 0) k.enter(this, ObjType.EVENT, InitRule.NOT_INIT, "k_event_init");
    this.events = 0;
    this.waiters.abandon();
    k.initialise(this);
    return 0;
  }

  /**
   * Zephyr's `k_event_post`: sets `bits` and wakes every waiter that they satisfy. Thread, ISR and user
   * mode. A reschedule point.
   *
   * @returns the previous value of `bits` (0 in the older model); SWITCH
   */
  postNow(bits: number): number {
    return this.change(bits, bits, "k_event_post");
  }

  /** {@link postNow} as a generator. */
  *post(bits: number): Blocking {
    const rc = this.postNow(bits);
    return rc === SWITCH ? yield SWITCH : rc;
  }

  /** Zephyr's `k_event_set`: `bits` replace all others. Else as {@link postNow}. */
  setNow(bits: number): number {
    return this.change(bits, 0xffff_ffff, "k_event_set");
  }

  /** {@link setNow} as a generator. */
  *set(bits: number): Blocking {
    const rc = this.setNow(bits);
    return rc === SWITCH ? yield SWITCH : rc;
  }

  /** Zephyr's `k_event_set_masked`: `bits` replace those in `mask`. Else as {@link postNow}. */
  setMaskedNow(bits: number, mask: number): number {
    return this.change(bits, mask, "k_event_set_masked");
  }

  /** {@link setMaskedNow} as a generator. */
  *setMasked(bits: number, mask: number): Blocking {
    const rc = this.setMaskedNow(bits, mask);
    return rc === SWITCH ? yield SWITCH : rc;
  }

  /** Zephyr's `k_event_clear`: clears `bits`. Else as {@link postNow}. */
  clearNow(bits: number): number {
    return this.change(0, bits, "k_event_clear");
  }

  /** {@link clearNow} as a generator. */
  *clear(bits: number): Blocking {
    const rc = this.clearNow(bits);
    return rc === SWITCH ? yield SWITCH : rc;
  }

  /**
   * Zephyr's `k_event_wait`: waits for any of `bits`. Bits stay set. Thread and user mode; ISR without
   * waiting only.
   *
   * @param reset clears all bits first
   * @param timeout nanoseconds, K_NO_WAIT or K_FOREVER
   * @returns those of `bits` that are set; 0 on time-out; SWITCH
   */
  waitNow(bits: number, reset: boolean, timeout: number): number {
    return this.await(bits, reset, timeout, 0, "k_event_wait");
  }

  /** {@link waitNow} as a generator. */
  *wait(bits: number, reset: boolean, timeout: number): Blocking {
    const rc = this.waitNow(bits, reset, timeout);
    return rc === SWITCH ? yield SWITCH : rc;
  }

  /** Zephyr's `k_event_wait_all`: waits for all of `bits`. Else as {@link waitNow}. */
  waitAllNow(bits: number, reset: boolean, timeout: number): number {
    return this.await(bits, reset, timeout, WAIT_ALL, "k_event_wait_all");
  }

  /** {@link waitAllNow} as a generator. */
  *waitAll(bits: number, reset: boolean, timeout: number): Blocking {
    const rc = this.waitAllNow(bits, reset, timeout);
    return rc === SWITCH ? yield SWITCH : rc;
  }

  /** Zephyr's `k_event_wait_safe`: as {@link waitNow}, and clears the bits that it returns in one step. */
  waitSafeNow(bits: number, reset: boolean, timeout: number): number {
    return this.await(bits, reset, timeout, WAIT_SAFE, "k_event_wait_safe");
  }

  /** {@link waitSafeNow} as a generator. */
  *waitSafe(bits: number, reset: boolean, timeout: number): Blocking {
    const rc = this.waitSafeNow(bits, reset, timeout);
    return rc === SWITCH ? yield SWITCH : rc;
  }

  /** Zephyr's `k_event_wait_all_safe`: as {@link waitAllNow}, and clears the bits that it returns. */
  waitAllSafeNow(bits: number, reset: boolean, timeout: number): number {
    return this.await(bits, reset, timeout, WAIT_ALL | WAIT_SAFE, "k_event_wait_all_safe");
  }

  /** {@link waitAllSafeNow} as a generator. */
  *waitAllSafe(bits: number, reset: boolean, timeout: number): Blocking {
    const rc = this.waitAllSafeNow(bits, reset, timeout);
    return rc === SWITCH ? yield SWITCH : rc;
  }

  /** Zephyr's `k_event_test`: those of `bits` that are set. Thread, ISR and user mode. */
  test(bits: number): number {
    const k = this.kernel;
    if (k.slow !== 0) k.enter(this, ObjType.EVENT, InitRule.INIT, "k_event_test");
    return (this.events & bits) >>> 0;
  }

  private change(bits: number, mask: number, op: string): number {
    const k = this.kernel;
    if (k.slow !== 0) k.enter(this, ObjType.EVENT, InitRule.INIT, op);
    const before = this.events;
    const events = ((before & ~mask) | (bits & mask)) >>> 0;
    if (k.observed !== 0) observePost(k, this, events);
    let consumed = 0;
    // Every waiter is judged by the same value; what safe waiters matched goes after the walk.
    for (let thread = this.waiters.head; thread !== null;) {
      const next: Thread | null = thread.wqNext;
      const match = matched(events, thread.waitValue, thread.waitMode);
      if (match !== 0) {
        if ((thread.waitMode & WAIT_SAFE) !== 0) consumed |= match;
        wake(k, thread, match);
        if (k.checker !== null) k.checker.acquire(this, thread);
      }
      thread = next;
    }
    this.events = (events & ~consumed) >>> 0;
    const result = k.options.eventReturnsPrevious ? (before & mask) >>> 0 : 0;
    return reschedule(k, k.costs.eventPost, result);
  }

  private await(bits: number, reset: boolean, timeout: number, mode: number, op: string): number {
    const k = this.kernel;
    if (k.slow !== 0) k.enterWait(this, ObjType.EVENT, op, timeout);
    if (bits === 0) return k.leave(k.costs.eventWait, 0);
    if (reset) this.events = 0;
    const match = matched(this.events, bits, mode);
    if (match !== 0) {
      if ((mode & WAIT_SAFE) !== 0) this.events = (this.events & ~match) >>> 0;
      if (k.checker !== null) k.checker.acquire(this, k.current);
      return k.leave(k.costs.eventWait, match);
    }
    if (timeout === 0) return k.leave(k.costs.eventWait, 0);
    k.requireBlocking(op);
    const thread = k.current;
    thread.waitValue = bits;
    thread.waitMode = mode;
    return pendCurrent(k, this.waiters, timeout, 0, k.costs.eventWait);
  }
}

/** @returns the bits that satisfy a wait, 0 when it is not satisfied */
function matched(events: number, bits: number, mode: number): number {
  const match = (events & bits) >>> 0;
  return (mode & WAIT_ALL) !== 0 && match !== bits >>> 0 ? 0 : match;
}
