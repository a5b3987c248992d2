import type { Cycles } from "@sof-ts/kit";
import { Timeout, type TimeoutOwner } from "./clock.js";
import { SWITCH, ThreadState } from "./constants.js";
import { type Cpu, UNBOXED } from "./cpu.js";
import type { HeapWait, KHeap } from "./k-heap.js";
import type { Kernel } from "./kernel.js";
import type { MemDomain } from "./mem-domain.js";
import type { Mutex } from "./mutex.js";
import { KObject, ObjType } from "./object.js";
import { InitRule } from "./permissions.js";
import { threadTimeout } from "./scheduler.js";
import {
  abortThread,
  joinThread,
  resumeThread,
  startThread,
  suspendThread,
  wakeThread,
} from "./thread-life.js";
import {
  changeMask,
  changeMaskBit,
  changePriority,
  setAbsoluteDeadline,
  setRelativeDeadline,
  setThreadSlice,
  stateName,
} from "./thread-sched.js";
import type { ThreadStack } from "./thread-stack.js";
import { WaitQueue } from "./wait-queue.js";

/** What a thread runs: it yields {@link SWITCH} whenever an operation returned it. */
export type ThreadBody = Generator<number, void, number>;

/** An operation that may block, called with `yield*`. */
export type Blocking<T = number> = Generator<number, T, number>;

/** What is left to do in the waiter's own context when its wait is over. */
export interface Continuation {
  /** @returns the operation's result, or SWITCH when the thread waits again */
  resume(kernel: Kernel, thread: Thread): number;
}

/** Counts what a thread did. */
export class ThreadCounters {
  syscalls = 0;
  lockOps = 0;
  /** Times it was switched to. */
  switches = 0;
  /** Interrupts taken while it was current. */
  isrs = 0;
}

/**
 * A thread (Zephyr's `struct k_thread`). `kernel.createThread` makes and starts one. Fields are for
 * reading; methods that may switch come as a plain `...Now` form and as a generator.
 */
export class Thread extends KObject implements TimeoutOwner {
  /** Unique among all threads of the kernel, never used again. */
  readonly id: number;
  /** Bit number in permission sets, -1 when it has none. */
  permIndex = -1;
  priority = 0;
  /** Priority without inheritance; meaningful while it holds a mutex. */
  basePriority = 0;
  /** Absolute, in cycles; orders threads of one priority. */
  deadline = UNBOXED;
  /** {@link ThreadState} bits. */
  state: number = ThreadState.DEAD;
  essential = false;
  userMode = false;
  /** Bits of `Slow` that hold whenever this thread runs. */
  modeBits = 0;
  schedLocked = 0;
  cpuMask = -1;
  /** CPU that it runs on or ran on last. */
  cpu: Cpu | null = null;
  entry: ((thread: Thread) => ThreadBody) | null = null;
  body: ThreadBody | null = null;
  /** Result of the operation that it waits in. */
  result = 0;
  /** Cycles of computation still to do before it goes on. */
  remaining: number = UNBOXED;
  continuation: Continuation | null = null;
  /** Object and scratch values of a continuation. */
  waitObject: object | null = null;
  waitValue: number = UNBOXED;
  waitMode = 0;
  heapWait: HeapWait | null = null;
  /** What a queue handed over. */
  received: unknown = null;
  savedMasked = false;
  /** Depth of `irqLock` on SMP (Zephyr's `global_lock_count`). */
  globalLockCount = 0;
  rqNext: Thread | null = null;
  rqPrev: Thread | null = null;
  rqLevel = 0;
  wqNext: Thread | null = null;
  wqPrev: Thread | null = null;
  pendedOn: WaitQueue | null = null;
  readonly timeout: Timeout;
  /** Mutexes held, latest first. */
  held: Mutex | null = null;
  /** Mutex that it waits for. */
  waitMutex: Mutex | null = null;
  readonly joiners: WaitQueue;
  /** Threads that wait until another CPU has taken this one off. */
  readonly halters: WaitQueue;
  domain: MemDomain | null = null;
  /** Resource pool of `objectAlloc` and of user work (`k_thread_heap_assign`). */
  heap: KHeap | null = null;
  /** The stack in memory, where user code may read and write; null when it has no address. */
  stack: ThreadStack | null = null;
  /** Its stack is for supervisor mode only: it cannot drop to user mode. */
  kernelStack = false;
  stackBytes = 0;
  /** The thread object outlives its thread: it came from `objectAlloc` or was named to `createThread`. */
  explicitObject = false;
  sliceTicks = 0;
  sliceCallback: ((thread: Thread, data: unknown) => void) | null = null;
  sliceData: unknown = null;
  /** Zephyr's `k_thread_custom_data`: the firmware's own. */
  customData: unknown = null;
  /** Cycles executed, without interrupts taken. */
  cycles = UNBOXED;
  readonly counters = new ThreadCounters();

  constructor(kernel: Kernel, name = "") {
    super(kernel, ObjType.THREAD, name);
    this.id = kernel.nextThreadId();
    this.flags = 0;
    this.deadline = 0 as Cycles;
    this.remaining = 0;
    this.waitValue = 0;
    this.cycles = 0 as Cycles;
    this.timeout = new Timeout(this);
    const narrow = kernel.options.deadlineBits === 32;
    this.joiners = new WaitQueue(this, narrow);
    this.halters = new WaitQueue(null, narrow);
  }

  /** Has ended, or was never created. */
  get dead(): boolean {
    return (this.state & ThreadState.DEAD) !== 0;
  }

  /** Sets the name, cut to the configured length. */
  setName(name: string): void {
    this.name = name.slice(0, Math.max(0, this.kernel.options.threadNameMax - 1));
  }

  /** Runs in the tick interrupt when a wait or a sleep is over. */
  onTimeout(): void {
    threadTimeout(this.kernel, this);
  }

  /**
   * Zephyr's `k_thread_start`: for a thread made with K_FOREVER or a delay; nothing for any other. Thread, ISR
   * and user mode. A reschedule point.
   *
   * @returns 0; SWITCH
   */
  startNow(): number {
    return startThread(this.kernel, this);
  }

  /** {@link startNow} as a generator. */
  *start(): Blocking {
    const rc = this.startNow();
    return rc === SWITCH ? yield SWITCH : rc;
  }

  /**
   * Zephyr's `k_thread_suspend`: it does not run until its resume; waits and time-outs go on. Suspends do not
   * nest. Comes back when a thread that runs on another CPU is off it. Thread, ISR and user mode.
   *
   * @returns 0; SWITCH
   */
  suspendNow(): number {
    return suspendThread(this.kernel, this);
  }

  /** {@link suspendNow} as a generator. */
  *suspend(): Blocking {
    const rc = this.suspendNow();
    return rc === SWITCH ? yield SWITCH : rc;
  }

  /**
   * Zephyr's `k_thread_resume`: nothing when it is not suspended. Thread, ISR and user mode. A reschedule point.
   *
   * @returns 0; SWITCH
   */
  resumeNow(): number {
    return resumeThread(this.kernel, this);
  }

  /** {@link resumeNow} as a generator. */
  *resume(): Blocking {
    const rc = this.resumeNow();
    return rc === SWITCH ? yield SWITCH : rc;
  }

  /**
   * Zephyr's `k_wakeup`: ends its sleep or start delay; a wait on an object goes on. Thread, ISR and user mode. A
   * reschedule point.
   *
   * @returns 0; SWITCH
   */
  wakeupNow(): number {
    return wakeThread(this.kernel, this);
  }

  /** {@link wakeupNow} as a generator. */
  *wakeup(): Blocking {
    const rc = this.wakeupNow();
    return rc === SWITCH ? yield SWITCH : rc;
  }

  /**
   * Zephyr's `k_thread_abort`: ends it; nothing that it holds is released. Comes back when a thread that runs on
   * another CPU is off it; does not come back for the caller itself. An essential thread: a kernel panic. Thread,
   * ISR and user mode.
   *
   * @returns 0; SWITCH
   */
  abortNow(): number {
    return abortThread(this.kernel, this);
  }

  /** {@link abortNow} as a generator. */
  *abort(): Blocking {
    const rc = this.abortNow();
    return rc === SWITCH ? yield SWITCH : rc;
  }

  /**
   * Zephyr's `k_thread_join`: waits for its end. Thread and user mode; ISR without waiting only.
   *
   * @param timeout nanoseconds, K_NO_WAIT or K_FOREVER
   * @returns 0 it has ended; -EBUSY it lives and not to wait; -EDEADLK the caller itself or its joiner; -EAGAIN on
   * time-out; SWITCH
   */
  joinNow(timeout: number): number {
    return joinThread(this.kernel, this, timeout);
  }

  /** {@link joinNow} as a generator. */
  *join(timeout: number): Blocking {
    const rc = this.joinNow(timeout);
    return rc === SWITCH ? yield SWITCH : rc;
  }

  // ---- scheduling -------------------------------------------------------------------------------

  /**
   * Zephyr's `k_thread_priority_set`: goes behind its new equals, in the wait queue it is on too. Thread and ISR;
   * user mode only to a worse one. A reschedule point.
   *
   * @returns 0; SWITCH
   */
  prioritySetNow(priority: number): number {
    return changePriority(this.kernel, this, priority);
  }

  /** {@link prioritySetNow} as a generator. */
  *prioritySet(priority: number): Blocking {
    const rc = this.prioritySetNow(priority);
    return rc === SWITCH ? yield SWITCH : rc;
  }

  /**
   * Zephyr's `k_thread_deadline_set`: `cycles` from now; orders threads of one priority, the earlier first. Thread,
   * ISR and user mode, there more than 0. A reschedule point.
   *
   * @returns 0; SWITCH
   */
  deadlineSetNow(cycles: number): number {
    return setRelativeDeadline(this.kernel, this, cycles);
  }

  /** {@link deadlineSetNow} as a generator. */
  *deadlineSet(cycles: number): Blocking {
    const rc = this.deadlineSetNow(cycles);
    return rc === SWITCH ? yield SWITCH : rc;
  }

  /** Zephyr's `k_thread_absolute_deadline_set`: at `cycle`, which may be past. Else as {@link deadlineSetNow}. */
  absoluteDeadlineSetNow(cycle: number): number {
    return setAbsoluteDeadline(this.kernel, this, cycle);
  }

  /** {@link absoluteDeadlineSetNow} as a generator. */
  *absoluteDeadlineSet(cycle: number): Blocking {
    const rc = this.absoluteDeadlineSetNow(cycle);
    return rc === SWITCH ? yield SWITCH : rc;
  }

  /**
   * Zephyr's `k_thread_time_slice_set`: a slice of its own, in ticks, also for a cooperative thread; 0 for none.
   * When it is used up `callback` runs in the tick interrupt, then the thread goes behind its equals. Supervisor
   * only; thread and ISR.
   */
  timeSliceSet(
    ticks: number,
    callback: ((thread: Thread, data: unknown) => void) | null = null,
    data: unknown = null,
  ): void {
    setThreadSlice(this.kernel, this, ticks, callback, data);
  }

  /**
   * Zephyr's `k_thread_cpu_mask_clear`: no CPU may run it. Supervisor only, as all changes of the mask.
   *
   * @returns 0; -EINVAL while it is ready or runs, and for a CPU that does not exist
   */
  cpuMaskClear(): number {
    return changeMask(this.kernel, this, 0, -1, "k_thread_cpu_mask_clear");
  }

  /** Zephyr's `k_thread_cpu_mask_enable_all`. @returns as {@link cpuMaskClear} */
  cpuMaskEnableAll(): number {
    return changeMask(this.kernel, this, -1, 0, "k_thread_cpu_mask_enable_all");
  }

  /** Zephyr's `k_thread_cpu_mask_enable`. @returns as {@link cpuMaskClear} */
  cpuMaskEnable(cpu: number): number {
    return changeMaskBit(this.kernel, this, cpu, true, 0, "k_thread_cpu_mask_enable");
  }

  /** Zephyr's `k_thread_cpu_mask_disable`. @returns as {@link cpuMaskClear} */
  cpuMaskDisable(cpu: number): number {
    return changeMaskBit(this.kernel, this, cpu, false, 0, "k_thread_cpu_mask_disable");
  }

  /** Zephyr's `k_thread_cpu_pin`: only this CPU may run it. @returns as {@link cpuMaskClear} */
  cpuPin(cpu: number): number {
    return changeMaskBit(this.kernel, this, cpu, true, -1, "k_thread_cpu_pin");
  }

  /** Zephyr's `k_thread_state_str`: what keeps it from running, "queued" when it is in the run queue. */
  stateString(): string {
    return stateName(this.state);
  }

  // ---- the rest ---------------------------------------------------------------------------------

  /** Zephyr's `k_thread_heap_assign`: its resource pool. Supervisor only. */
  heapAssign(heap: KHeap | null): void {
    this.kernel.supervisorOnly("k_thread_heap_assign");
    this.heap = heap;
  }

  /** Zephyr's `k_thread_timeout_expires_ticks`: tick at which its wait or delay ends; now when it has none. */
  timeoutExpiresTicks(): number {
    const k = this.kernel;
    if (k.slow !== 0)
      k.enter(this, ObjType.THREAD, InitRule.INIT, "k_thread_timeout_expires_ticks");
    return this.timeout.armed ? this.timeout.tick : k.clock.tickAt(k.cpu.time);
  }

  /** Zephyr's `k_thread_timeout_remaining_ticks`: 0 when it has none. */
  timeoutRemainingTicks(): number {
    const k = this.kernel;
    if (k.slow !== 0)
      k.enter(this, ObjType.THREAD, InitRule.INIT, "k_thread_timeout_remaining_ticks");
    return this.timeout.armed ? Math.max(0, this.timeout.tick - k.clock.tickAt(k.cpu.time)) : 0;
  }

  /** Zephyr's `k_thread_priority_get`. */
  priorityGet(): number {
    const k = this.kernel;
    if (k.slow !== 0) k.enter(this, ObjType.THREAD, InitRule.INIT, "k_thread_priority_get");
    return this.priority;
  }
}
