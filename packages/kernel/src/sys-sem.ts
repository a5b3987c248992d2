import { EACCES, EAGAIN, EINVAL, ETIMEDOUT } from "@sof-ts/kit";
import { Slow, SWITCH } from "./constants.js";
import { Futex } from "./futex.js";
import type { Kernel } from "./kernel.js";
import { pendCurrent, reschedule, wake } from "./scheduler.js";
import { K_SEM_MAX_LIMIT } from "./sem.js";
import { userMay } from "./syscalls.js";
import type { Blocking, Continuation, Thread } from "./thread.js";

const INT_MAX = 0x7fff_ffff;
const WORD_BYTES = 4;

/**
 * A semaphore in user memory (Zephyr's `struct sys_sem`): needs write access to its memory, no permission;
 * the kernel is called only to wait and to wake. Without user space it behaves as Zephyr's wrapper around
 * `k_sem` does.
 */
export class SysSem {
  readonly kernel: Kernel;
  readonly name: string;
  readonly address: number;
  private readonly futex: Futex;
  private limit: number;
  /** Threads may wait: a give must wake them. */
  private contended = false;

  /** @param address where it lies; user threads need a writable partition there */
  constructor(kernel: Kernel, address: number, initial: number, limit: number, name = "") {
    this.kernel = kernel;
    this.name = name;
    this.address = address;
    this.futex = new Futex(kernel, address, initial, name);
    this.limit = limit;
  }

  /**
   * Zephyr's `sys_sem_init`. Any context.
   *
   * @returns 0; -EINVAL for a limit of 0 or (with user space) over INT_MAX, or an initial count above it
   */
  init(initial: number, limit: number): number {
    const count = initial >>> 0;
    const bound = limit >>> 0;
    const most = this.kernel.options.userspace ? INT_MAX : K_SEM_MAX_LIMIT;
    if (bound === 0 || count > bound || bound > most) return -EINVAL;
    this.futex.value = count;
    this.limit = bound;
    this.contended = false;
    return 0;
  }

  /**
   * Zephyr's `sys_sem_take`. Thread and user mode; ISR without waiting only.
   *
   * @returns 0; -ETIMEDOUT also when not to wait; -EACCES without access to its memory; SWITCH
   */
  takeNow(timeout: number): number {
    const k = this.kernel;
    if (!this.accessible()) return k.leave(k.costs.futex, -EACCES);
    if (this.futex.value > 0) {
      this.futex.value--;
      if (k.checker !== null) k.checker.acquire(this.futex, k.current);
      return k.leave(k.costs.futex, 0);
    }
    if (k.slow !== 0) k.enterCall("k_futex_wait");
    if (timeout === 0) return k.leave(k.costs.futex, -ETIMEDOUT);
    k.requireBlocking("sys_sem_take");
    this.contended = true;
    const thread = k.current;
    thread.waitObject = this;
    thread.waitValue = timeout;
    thread.continuation = TAKE_AGAIN;
    return pendCurrent(k, this.futex.waiters, timeout, -ETIMEDOUT, k.costs.futex);
  }

  /** {@link takeNow} as a generator. */
  *take(timeout: number): Blocking {
    const rc = this.takeNow(timeout);
    return rc === SWITCH ? yield SWITCH : rc;
  }

  /**
   * Zephyr's `sys_sem_give`. Thread, ISR and user mode. A reschedule point when it wakes somebody.
   *
   * @returns 0; -EAGAIN at the limit (0 without user space); -EACCES; SWITCH
   */
  giveNow(): number {
    const k = this.kernel;
    if (!this.accessible()) return k.leave(k.costs.futex, -EACCES);
    if (this.futex.value >= this.limit) {
      return k.leave(k.costs.futex, k.options.userspace ? -EAGAIN : 0);
    }
    if (k.checker !== null) k.checker.release(this.futex, k.current);
    if (!k.options.userspace) {
      const waiter = this.futex.waiters.head;
      if (waiter !== null) return this.handOver(waiter);
    }
    this.futex.value++;
    if (!this.contended) return k.leave(k.costs.futex, 0);
    this.contended = false;
    if (k.slow !== 0) k.enterCall("k_futex_wake");
    const { waiters } = this.futex;
    for (let thread = waiters.head; thread !== null; thread = waiters.head) {
      wake(k, thread, 0);
    }
    return reschedule(k, k.costs.futex, 0);
  }

  /** {@link giveNow} as a generator. */
  *give(): Blocking {
    const rc = this.giveNow();
    return rc === SWITCH ? yield SWITCH : rc;
  }

  /** Zephyr's `sys_sem_count_get`. Any context. */
  countGet(): number {
    return this.futex.value;
  }

  /** A woken thread tries again and waits on when another was faster; the kernel's own. */
  retry(k: Kernel, thread: Thread): number {
    if (this.futex.value > 0) {
      this.futex.value--;
      if (k.checker !== null) k.checker.acquire(this.futex, thread);
      return 0;
    }
    this.contended = true;
    thread.continuation = TAKE_AGAIN;
    return pendCurrent(k, this.futex.waiters, thread.waitValue, -ETIMEDOUT, k.costs.futex);
  }

  /** Without user space it is a `k_sem`: a waiter gets the unit itself, nobody can be faster. */
  private handOver(waiter: Thread): number {
    const k = this.kernel;
    waiter.continuation = null;
    wake(k, waiter, 0);
    if (k.checker !== null) k.checker.acquire(this.futex, waiter);
    return reschedule(k, k.costs.futex, 0);
  }

  private accessible(): boolean {
    const k = this.kernel;
    if ((k.slow & (Slow.SWITCHED | Slow.DYING)) !== 0) k.refuse("sys_sem");
    return (k.slow & Slow.USER) === 0 || userMay(k, this.address, WORD_BYTES, true);
  }
}

const TAKE_AGAIN: Continuation = {
  resume(k: Kernel, thread: Thread): number {
    if (thread.result !== 0) return thread.result;
    return (thread.waitObject as SysSem).retry(k, thread);
  },
};
