/**
 * Cycles of the core clock that each kernel operation takes. All are non-negative integers. What is a few
 * instructions costs nothing: atomic operations, and reading a count, a state or the clock.
 */
export interface CostTable {
  /** Saving one thread and restoring another, on top of the operation that caused it. */
  readonly contextSwitch: number;
  readonly mutexLock: number;
  readonly mutexUnlock: number;
  readonly semTake: number;
  readonly semGive: number;
  readonly condvar: number;
  readonly eventPost: number;
  readonly eventWait: number;
  readonly queue: number;
  readonly futex: number;
  readonly timerStart: number;
  readonly timerStop: number;
  readonly workSubmit: number;
  /** Allocation, of dynamic objects and stacks too. */
  readonly heapAlloc: number;
  readonly heapFree: number;
  readonly threadCreate: number;
  readonly threadStart: number;
  readonly threadSuspend: number;
  readonly threadResume: number;
  readonly threadAbort: number;
  readonly threadJoin: number;
  /** Changing a thread's priority, deadline, time slice or CPU mask. */
  readonly threadPriority: number;
  readonly sleep: number;
  readonly yield: number;
  /** What a call costs more when it comes from user mode: trap, verification, return. */
  readonly syscall: number;
  /** From the interrupt's arrival to the first instruction of its handler. */
  readonly isrEntry: number;
  /** From the handler's end back to a thread, without a switch. */
  readonly isrExit: number;
  /** Handling one time-out that is due, inside the tick interrupt. */
  readonly timeout: number;
  /** From one CPU's request to another CPU's interrupt. */
  readonly ipiLatency: number;
  /** Taking or releasing a spinlock, locking or unlocking interrupts. */
  readonly irqLock: number;
  /** Granting and revoking permissions, changing memory domains. */
  readonly permission: number;
}

/**
 * Zephyr's own `latency_measure` figures (tests/benchmarks/latency_measure/README.rst, v3.5: a 120 MHz
 * Cortex-M, in cycles): yield with switch 519, interrupt to the same thread 508, thread create 396, start
 * 603, suspend 599, resume 547, abort 339, semaphore give 134 and take 53, mutex lock 94 and unlock 24,
 * heap allocation 620 and free 431. User-mode calls of the same table cost 231 to 262 cycles more. Where it
 * has no row (events, condition variables, queues, timers, time-outs, IPI latency) the value is an estimate
 * after the nearest row that it has.
 */
export const defaultCosts: CostTable = {
  contextSwitch: 519,
  mutexLock: 94,
  mutexUnlock: 24,
  semTake: 53,
  semGive: 134,
  condvar: 134,
  eventPost: 134,
  eventWait: 53,
  queue: 134,
  futex: 94,
  timerStart: 134,
  timerStop: 94,
  workSubmit: 134,
  heapAlloc: 620,
  heapFree: 431,
  threadCreate: 396,
  threadStart: 603,
  threadSuspend: 599,
  threadResume: 547,
  threadAbort: 339,
  threadJoin: 53,
  threadPriority: 134,
  sleep: 134,
  yield: 24,
  syscall: 240,
  isrEntry: 254,
  isrExit: 254,
  timeout: 53,
  ipiLatency: 100,
  irqLock: 8,
  permission: 94,
};

/** Every operation takes no time: only time-outs and explicit computation move the clock. */
export const zeroCosts: CostTable = Object.freeze(
  Object.fromEntries(Object.keys(defaultCosts).map((name) => [name, 0])),
) as unknown as CostTable;
