import { K_MSEC, K_USEC, SWITCH } from "./constants.js";
import { createThread, spawnThread, type ThreadOptions } from "./create-thread.js";
import { KernelAssertion } from "./fatal.js";
import { KernelCpus } from "./kernel-cpus.js";
import { reschedule } from "./scheduler.js";
import {
  allRuntimeStats,
  nameCopy,
  nameSet,
  type RuntimeStats,
  threadRuntimeStats,
} from "./thread-info.js";
import { sleepCurrent, yieldCurrent } from "./thread-life.js";
import type { Blocking, Thread } from "./thread.js";
import { resetSlice } from "./time-slice.js";
import type { UserString } from "./user-string.js";

/** Threads: making them, sleeping, yielding, what is known of them. */
export abstract class KernelThreads extends KernelCpus {
  /**
   * Zephyr's `k_thread_create`. Thread context (or around `run`); in user mode a checked system call. A new
   * thread that is better than the caller runs at the caller's next reschedule point; use {@link
   * spawnThread} where it must run before this returns.
   */
  createThread(options: ThreadOptions): Thread {
    return createThread(this.self, options);
  }

  /** {@link createThread} with its reschedule point. */
  spawnThread(options: ThreadOptions): Blocking<Thread> {
    return spawnThread(this.self, options);
  }

  /**
   * Zephyr's `k_sleep`; K_NO_WAIT is a yield. Thread and user mode.
   *
   * @returns 0; milliseconds left, rounded up, when `wakeup` ended it early; K_TICKS_FOREVER when that ended an
   * endless one; SWITCH
   */
  sleepNow(timeout: number): number {
    return sleepCurrent(this.self, timeout, 1000);
  }

  /** {@link sleepNow} as a generator. */
  *sleep(timeout: number): Blocking {
    const rc = this.sleepNow(timeout);
    return rc === SWITCH ? yield SWITCH : rc;
  }

  /** Zephyr's `k_msleep`: {@link sleep} of `ms` milliseconds. */
  *msleep(ms: number): Blocking {
    const rc = this.sleepNow(K_MSEC(ms));
    return rc === SWITCH ? yield SWITCH : rc;
  }

  /** Zephyr's `k_usleep`: as {@link sleep}, in microseconds, and microseconds left. */
  *usleep(us: number): Blocking {
    const rc = sleepCurrent(this.self, K_USEC(us), 1_000_000);
    return rc === SWITCH ? yield SWITCH : rc;
  }

  /** Zephyr's `k_busy_wait`: computes for so many microseconds. Thread, ISR and user mode. */
  *busyWait(us: number): Blocking {
    if (this.slow !== 0) this.enterCall("k_busy_wait");
    return yield* this.busy(this.cyclesOf(us * 1000));
  }

  /**
   * Zephyr's `k_yield`: equal threads go first, also when the caller has locked the scheduler or its interrupts.
   * Thread and user mode.
   *
   * @returns 0; SWITCH
   */
  yieldNow(): number {
    return yieldCurrent(this.self);
  }

  /** {@link yieldNow} as a generator. */
  *yield(): Blocking {
    const rc = this.yieldNow();
    return rc === SWITCH ? yield SWITCH : rc;
  }

  /**
   * Zephyr's `k_sched_lock`: no other thread but a meta-IRQ one takes the CPU from the caller. Nests.
   * Thread, supervisor only.
   */
  schedLock(): void {
    this.supervisorOnly("k_sched_lock");
    if (this.isr) throw new KernelAssertion("k_sched_lock in an ISR");
    this.current.schedLocked++;
    // It excludes the other threads of this CPU, for which the idle thread stands.
    if (this.checker !== null) this.checker.acquire(this.cpu.idleThread, this.current);
  }

  /** Zephyr's `k_sched_unlock`. A reschedule point. @returns 0; SWITCH */
  schedUnlockNow(): number {
    this.supervisorOnly("k_sched_unlock");
    if (this.isr) throw new KernelAssertion("k_sched_unlock in an ISR");
    const thread = this.current;
    if (thread.schedLocked === 0) throw new KernelAssertion("k_sched_unlock without k_sched_lock");
    thread.schedLocked--;
    if (this.checker !== null) this.checker.release(this.cpu.idleThread, thread);
    this.cpu.resched = true;
    return reschedule(this.self, 0, 0);
  }

  /** {@link schedUnlockNow} as a generator. */
  *schedUnlock(): Blocking {
    const rc = this.schedUnlockNow();
    return rc === SWITCH ? yield SWITCH : rc;
  }

  /** Zephyr's `k_is_preempt_thread`: whether a better thread may take the CPU from the caller. */
  isPreemptThread(): boolean {
    const { current } = this;
    return !this.isr && current.priority >= 0 && current.schedLocked === 0;
  }

  /**
   * Whether a thread may have `priority` (Zephyr's `Z_VALID_PRIO`): from the best cooperative to the worst
   * application one; the idle priority is the idle thread's alone.
   */
  validPriority(priority: number, idle = false): boolean {
    if (idle && priority === this.idlePriority) return true;
    return (
      Number.isInteger(priority) && priority >= this.bestPriority && priority < this.idlePriority
    );
  }

  /**
   * Zephyr's `k_sched_time_slice_set`: preemptible threads of priorities from `priority` on take turns of
   * `slice` nanoseconds, rounded up to ticks; 0 for none. Supervisor only.
   */
  timeSliceSet(slice: number, priority: number): void {
    this.supervisorOnly("k_sched_time_slice_set");
    this.pass(this.costs.threadPriority);
    this.sliceTicks = this.clock.ticksOf(slice);
    this.slicePriority = priority;
    this.slicing = true;
    this.plain = false;
    for (const cpu of this.cpus) if (cpu.online) resetSlice(this.self, cpu);
  }

  /** Zephyr's `k_thread_runtime_stats_get`. Supervisor. @returns 0; -EINVAL without a thread or a buffer */
  threadRuntimeStatsGet(
    thread: Thread | null | undefined,
    stats: RuntimeStats | null | undefined,
  ): number {
    return threadRuntimeStats(this.self, thread, stats);
  }

  /** Zephyr's `k_thread_runtime_stats_all_get`. Supervisor. @returns 0; -EINVAL without a buffer */
  runtimeStatsAllGet(stats: RuntimeStats | null | undefined): number {
    return allRuntimeStats(this.self, stats);
  }

  /**
   * Zephyr's `k_thread_name_set`; null names the caller. Thread and user mode.
   *
   * @param name plain text, or text that lies in memory
   * @returns 0; -EFAULT when the user thread cannot read it; -EINVAL from user mode for what is no thread, or
   * without permission; -ENOSYS without names
   */
  threadNameSet(thread: unknown, name: string | UserString | null): number {
    return nameSet(this.self, thread, name);
  }

  /**
   * Zephyr's `k_thread_name_copy`; needs no permission. Thread and user mode.
   *
   * @param bytes size of the buffer with its terminator
   * @param buffer address of the buffer, if it lies in memory: a user thread needs to be able to write there
   * @returns the name; -ENOSPC; -EFAULT; -EINVAL for what is no thread, and from user mode for one that has ended;
   * -ENOSYS without names
   */
  threadNameCopy(thread: unknown, bytes: number, buffer?: number): string | number {
    return nameCopy(this.self, thread, bytes, buffer);
  }
}
