import { Timeout, type TimeoutOwner } from "./clock.js";
import { ThreadState, SWITCH } from "./constants.js";
import { KernelAssertion } from "./fatal.js";
import type { Kernel } from "./kernel.js";
import { KObject, ObjType } from "./object.js";
import { InitRule } from "./permissions.js";
import { pendCurrent, ready, reschedule, unpend } from "./scheduler.js";
import type { Blocking, Continuation, Thread } from "./thread.js";
import { WaitQueue } from "./wait-queue.js";

/** A timer, one-shot or periodic (Zephyr's `struct k_timer`). */
export class Timer extends KObject implements TimeoutOwner {
  expiryFn: ((timer: Timer) => void) | null;
  stopFn: ((timer: Timer) => void) | null;
  /** The firmware's own (Zephyr's `k_timer_user_data_get`); read and set through the methods in user mode. */
  userData: unknown = null;
  private readonly timeout: Timeout;
  private periodTicks = 0;
  /** Expiries since the status was read last. */
  private status = 0;
  readonly waiters: WaitQueue;

  /**
   * As `K_TIMER_DEFINE`.
   *
   * @param expiryFn runs in the tick interrupt at each expiry
   * @param stopFn runs in the context of whoever stops the running timer
   */
  constructor(
    kernel: Kernel,
    expiryFn: ((timer: Timer) => void) | null = null,
    stopFn: ((timer: Timer) => void) | null = null,
    name = "",
  ) {
    super(kernel, ObjType.TIMER, name);
    this.expiryFn = expiryFn;
    this.stopFn = stopFn;
    this.timeout = new Timeout(this);
    this.waiters = new WaitQueue(this, kernel.narrow);
  }

  /** Zephyr's `k_timer_init`: stopped, never started; waiters are lost. Supervisor only. */
  init(expiryFn: ((timer: Timer) => void) | null, stopFn: ((timer: Timer) => void) | null): void {
    const k = this.kernel;
    k.supervisorOnly("k_timer_init");
    k.clock.stop(this.timeout);
    this.expiryFn = expiryFn;
    this.stopFn = stopFn;
    this.status = 0;
    this.periodTicks = 0;
    this.userData = null;
    this.waiters.abandon();
    k.initialise(this);
  }

  /** Whether an expiry is to come. */
  get running(): boolean {
    return this.timeout.armed;
  }

  /**
   * Zephyr's `k_timer_start`: the first expiry after `duration`, further ones every `period`, each on the
   * tick that the schedule says whatever the handler's delay. A running timer starts anew without its stop
   * function. Thread, ISR and user mode.
   *
   * @param duration nanoseconds, rounded up to ticks; K_FOREVER does nothing
   * @param period nanoseconds; 0 or K_FOREVER for one expiry
   * @returns 0; SWITCH
   */
  startNow(duration: number, period: number): number {
    const k = this.kernel;
    if (k.slow !== 0) k.enter(this, ObjType.TIMER, InitRule.INIT, "k_timer_start");
    if (duration === Number.POSITIVE_INFINITY) return k.leave(k.costs.timerStart, 0);
    const clock = k.clock;
    const now = clock.tickAt(k.cpu.time);
    this.periodTicks =
      period === 0 || period === Number.POSITIVE_INFINITY ? 0 : Math.max(1, clock.ticksOf(period));
    this.status = 0;
    const tick =
      duration < 0 ? Math.max(now + 1, -1 - duration) : now + Math.max(1, clock.ticksOf(duration));
    clock.startAt(this.timeout, tick, k.cpu.time);
    if (k.checker !== null) k.checker.release(this, k.current);
    return k.leave(k.costs.timerStart, 0);
  }

  /** {@link startNow} as a generator. */
  *start(duration: number, period: number): Blocking {
    const rc = this.startNow(duration, period);
    return rc === SWITCH ? yield SWITCH : rc;
  }

  /**
   * Zephyr's `k_timer_stop`: nothing when it does not run; else its stop function runs here and a waiter
   * for its status is woken. Thread, ISR and user mode. A reschedule point when it wakes one.
   *
   * @returns 0; SWITCH
   */
  stopNow(): number {
    const k = this.kernel;
    if (k.slow !== 0) k.enter(this, ObjType.TIMER, InitRule.INIT, "k_timer_stop");
    if (!k.clock.stop(this.timeout)) return k.leave(k.costs.timerStop, 0);
    if (this.stopFn !== null) k.callSupervisor(this.stopFn, this);
    const thread = this.waiters.head;
    if (thread === null) return k.leave(k.costs.timerStop, 0);
    unpend(k, thread);
    ready(k, thread);
    return reschedule(k, k.costs.timerStop, 0);
  }

  /** {@link stopNow} as a generator. */
  *stop(): Blocking {
    const rc = this.stopNow();
    return rc === SWITCH ? yield SWITCH : rc;
  }

  /** Zephyr's `k_timer_status_get`: expiries since the last reading. Thread, ISR and user mode. */
  statusGet(): number {
    const k = this.kernel;
    if (k.slow !== 0) k.enter(this, ObjType.TIMER, InitRule.INIT, "k_timer_status_get");
    return this.readStatus();
  }

  /**
   * Zephyr's `k_timer_status_sync`: as `statusGet`, but waits for an expiry or for the timer's stop when
   * there was none. Thread and user mode.
   *
   * @returns expiries since the last reading; 0 when the timer does not run or was stopped; SWITCH
   */
  statusSyncNow(): number {
    const k = this.kernel;
    if (k.slow !== 0) k.enter(this, ObjType.TIMER, InitRule.INIT, "k_timer_status_sync");
    if (k.isr) throw new KernelAssertion("k_timer_status_sync in an ISR");
    if (this.status !== 0 || !this.timeout.armed)
      return k.leave(k.costs.timerStop, this.readStatus());
    k.requireBlocking("k_timer_status_sync");
    k.current.waitObject = this;
    k.current.continuation = STATUS_WAITED;
    return pendCurrent(k, this.waiters, Number.POSITIVE_INFINITY, 0, k.costs.timerStop);
  }

  /** {@link statusSyncNow} as a generator. */
  *statusSync(): Blocking {
    const rc = this.statusSyncNow();
    return rc === SWITCH ? yield SWITCH : rc;
  }

  /** Zephyr's `k_timer_remaining_ticks`: ticks to the next expiry, 0 when it does not run. */
  remainingTicks(): number {
    const k = this.kernel;
    if (k.slow !== 0) k.enter(this, ObjType.TIMER, InitRule.INIT, "k_timer_remaining_ticks");
    return this.timeout.armed ? Math.max(0, this.timeout.tick - k.clock.tickAt(k.cpu.time)) : 0;
  }

  /** Zephyr's `k_timer_remaining_get`: whole milliseconds to the next expiry, 0 when it does not run. */
  remainingGet(): number {
    return Math.floor((this.remainingTicks() * 1000) / this.kernel.ticksPerSecond);
  }

  /** Zephyr's `k_timer_expires_ticks`: tick of the next expiry; now when it does not run. */
  expiresTicks(): number {
    const k = this.kernel;
    if (k.slow !== 0) k.enter(this, ObjType.TIMER, InitRule.INIT, "k_timer_expires_ticks");
    return this.timeout.armed ? this.timeout.tick : k.clock.tickAt(k.cpu.time);
  }

  /** Zephyr's `k_timer_user_data_get`. Thread, ISR and user mode. */
  userDataGet(): unknown {
    const k = this.kernel;
    if (k.slow !== 0) k.enter(this, ObjType.TIMER, InitRule.INIT, "k_timer_user_data_get");
    return this.userData;
  }

  /** Zephyr's `k_timer_user_data_set`. Thread, ISR and user mode. */
  userDataSet(data: unknown): void {
    const k = this.kernel;
    if (k.slow !== 0) k.enter(this, ObjType.TIMER, InitRule.INIT, "k_timer_user_data_set");
    this.userData = data;
  }

  /** An expiry, in the tick interrupt. */
  onTimeout(timeout: Timeout): void {
    const k = this.kernel;
    if (this.periodTicks > 0) k.clock.startAt(timeout, timeout.tick + this.periodTicks, k.cpu.time);
    this.status++;
    if (k.checker !== null) k.checker.acquire(this, k.current);
    if (this.expiryFn !== null) this.expiryFn(this);
    const thread = this.waiters.head;
    if (thread === null || (thread.state & ThreadState.PENDING) === 0) return;
    unpend(k, thread);
    ready(k, thread);
    if (k.checker !== null) {
      k.checker.release(this, k.current);
      k.checker.acquire(this, thread);
    }
  }

  /** Reads the expiry count and starts it anew; the kernel's own. */
  readStatus(): number {
    const status = this.status;
    this.status = 0;
    return status;
  }
}

const STATUS_WAITED: Continuation = {
  resume(_kernel: Kernel, thread: Thread): number {
    return (thread.waitObject as Timer).readStatus();
  },
};
