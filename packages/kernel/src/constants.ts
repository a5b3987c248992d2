/**
 * What a `...Now` operation returns instead of a result when the calling thread must give up its CPU: it
 * blocks, is preempted, or an earlier instant elsewhere on the machine has to happen first. The caller
 * yields it at once; the value of that `yield` is the operation's result.
 */
export const SWITCH = -0x7fffffff;

/** Time-out of an operation that never blocks (Zephyr's `K_NO_WAIT`). */
export const K_NO_WAIT = 0;
/** Time-out of an operation that never times out (Zephyr's `K_FOREVER`). */
export const K_FOREVER = Number.POSITIVE_INFINITY;
/** A time-out of `s` seconds, in nanoseconds (Zephyr's `K_SECONDS`). No less than nothing, as all spans. */
export const K_SECONDS = (s: number): number => K_NSEC(s * 1e9);
/** A time-out of `ms` milliseconds, in nanoseconds (Zephyr's `K_MSEC`). */
export const K_MSEC = (ms: number): number => K_NSEC(ms * 1e6);
/** A time-out of `us` microseconds, in nanoseconds (Zephyr's `K_USEC`). */
export const K_USEC = (us: number): number => K_NSEC(us * 1e3);
/** A time-out of `ns` nanoseconds (Zephyr's `K_NSEC`). */
export const K_NSEC = (ns: number): number => (ns > 0 ? Math.ceil(ns) : K_NO_WAIT);
/** A time-out that ends at kernel tick `tick` since boot (Zephyr's `K_TIMEOUT_ABS_TICKS`). */
export const K_TIMEOUT_ABS_TICKS = (tick: number): number => -1 - tick;
/** What an endless sleep returns when it was ended (Zephyr's `K_TICKS_FOREVER`). */
export const K_TICKS_FOREVER = -1;

/** Reasons of a fatal error, Zephyr's `enum k_fatal_error_reason`. */
export const FatalReason = {
  /** A fault of the CPU: bad access, privileged operation in user mode, JavaScript exception. */
  CPU_EXCEPTION: 0,
  SPURIOUS_IRQ: 1,
  STACK_CHK_FAIL: 2,
  /** The kernel refused a system call, or `k_oops()`. */
  KERNEL_OOPS: 3,
  /** Not recoverable: a failed kernel assertion, `k_panic()`, death of an essential thread. */
  KERNEL_PANIC: 4,
} as const;
export type FatalReason = (typeof FatalReason)[keyof typeof FatalReason];

/** Bits of a thread's state, named as Zephyr's `_THREAD_*`. */
export const ThreadState = {
  DUMMY: 0x01,
  PENDING: 0x02,
  SLEEPING: 0x04,
  DEAD: 0x08,
  SUSPENDED: 0x10,
  ABORTING: 0x20,
  SUSPENDING: 0x40,
  QUEUED: 0x80,
  /** Created and not yet started, in the older thread-state model only. */
  PRESTART: 0x100,
} as const;

/** Any of these bits keeps a thread off the CPUs. */
export const PREVENTED =
  ThreadState.DUMMY |
  ThreadState.PENDING |
  ThreadState.SLEEPING |
  ThreadState.DEAD |
  ThreadState.SUSPENDED |
  ThreadState.ABORTING |
  ThreadState.SUSPENDING |
  ThreadState.PRESTART;

/**
 * Why an operation takes its checked path (`Kernel.slow`). Zero, the common case of a supervisor thread,
 * costs an operation one compare.
 */
export const Slow = {
  /** SWITCH was returned and has not been yielded yet. */
  SWITCHED: 0x01,
  /** The current thread is in user mode. */
  USER: 0x02,
  /** An interrupt handler runs. */
  ISR: 0x04,
  /** No CPU runs: the caller is an event of the machine, or the program around `run`. */
  HOST: 0x08,
  /** A trace listener or a checker wants to know. */
  OBSERVED: 0x10,
  /** The current thread has been killed and is unwinding. */
  DYING: 0x20,
} as const;

/** Why a CPU has to look up between two operations. */
export const Attention = {
  IRQ: 1,
  TICK: 2,
  IPI: 4,
  /** Something became ready while no CPU ran: look without an interrupt. */
  RESCHEDULE: 8,
  STOP: 16,
} as const;
