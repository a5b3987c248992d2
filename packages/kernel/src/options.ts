import { assert } from "@sof-ts/kit";

/**
 * Build-time switches of the RTOS. Zephyr's Kconfig name is given where there is one; defaults are
 * Zephyr's, and the current kernel's where versions differ.
 */
export interface KernelOptions {
  /** CONFIG_SMP: how a running thread keeps its place among equals. Default: more than one CPU. */
  readonly smp?: boolean;
  /** CONFIG_NUM_COOP_PRIORITIES: priorities -n..-1. Default 16. */
  readonly coopPriorities?: number;
  /** CONFIG_NUM_PREEMPT_PRIORITIES: priorities 0..n-1; n itself is the idle thread's. Default 15. */
  readonly preemptPriorities?: number;
  /** CONFIG_NUM_METAIRQ_PRIORITIES: the best n cooperative priorities preempt cooperative threads. Default 0. */
  readonly metaIrqPriorities?: number;
  /** CONFIG_PRIORITY_CEILING: best priority that inheritance gives. Default -127, no limit. */
  readonly priorityCeiling?: number;
  /**
   * Priority inheritance: `"held-list"` follows chains of owners and recomputes over all mutexes held;
   * `"saved-in-mutex"` is the older one, right only for nested unlocking. Default `"held-list"`.
   */
  readonly priorityInheritance?: "held-list" | "saved-in-mutex";
  /** CONFIG_MUTEX_DEADLOCK_DETECT: assert on a cycle of owners that all wait forever. Default false. */
  readonly mutexDeadlockDetect?: boolean;
  /** Whether a priority change re-sorts a thread in the wait queue it is on. Older kernels: false. Default true. */
  readonly resortPending?: boolean;
  /** Whether suspending a thread cancels its time-out, as kernels up to 4.1 did. Default false. */
  readonly suspendCancelsTimeout?: boolean;
  /** Whether suspending a thread that runs on another CPU waits until it is off it. Kernel 3.4: false. Default true. */
  readonly suspendWaits?: boolean;
  /** Whether event post, set and clear return the previous bits; older kernels return nothing (0). Default true. */
  readonly eventReturnsPrevious?: boolean;
  /** Width of deadlines: the older 32-bit ones compare by signed difference. Default 64. */
  readonly deadlineBits?: 32 | 64;
  /** State of a thread that is not started: current kernels call it sleeping. Default `"sleeping"`. */
  readonly newThreadState?: "sleeping" | "prestart";
  /** CONFIG_SCHED_CPU_MASK_PIN_ONLY: a thread runs on exactly one CPU. Default false. */
  readonly pinOnly?: boolean;
  /** CONFIG_IPI_OPTIMIZE: interrupt only CPUs that may take the thread; else all others. Default false. */
  readonly ipiOptimize?: boolean;
  /** CONFIG_SCHED_IPI_CASCADE: a preempted thread with a partial mask interrupts further. Default false. */
  readonly ipiCascade?: boolean;
  /** CONFIG_TIMESLICE_SIZE, in nanoseconds, 0 for off, for priorities from `timeslicePriority`. Default 0. */
  readonly timesliceNs?: number;
  /** CONFIG_TIMESLICE_PRIORITY. Default 0. */
  readonly timeslicePriority?: number;
  /** CONFIG_USERSPACE. Off: no user mode, no permissions, system calls are plain calls. Default true. */
  readonly userspace?: boolean;
  /** CONFIG_MAX_THREAD_BYTES: eight thread ids each. Default 8. */
  readonly maxThreadBytes?: number;
  /** CONFIG_MAX_DOMAIN_PARTITIONS. Default 16. */
  readonly maxDomainPartitions?: number;
  /** CONFIG_MMU_PAGE_SIZE: alignment of memory partitions; 1 for none. Default 4096. */
  readonly pageBytes?: number;
  /** CONFIG_USERSPACE_THREAD_MAY_RAISE_PRIORITY. Default false. */
  readonly userMayRaisePriority?: boolean;
  /** CONFIG_THREAD_MAX_NAME_LEN with its terminator, 0 for no names. Default 32. */
  readonly threadNameMax?: number;
  /** CONFIG_SPIN_LOCK_TIME_LIMIT in cycles, 0 for none. Default 0. */
  readonly spinLockTimeLimit?: number;
  /** CPU that takes the kernel's tick interrupt (the lowest running one when it is down). Default 0. */
  readonly timerCpu?: number;
  /**
   * How far, in cycles, one CPU may run ahead of another when a chooser decides. 0 keeps them in time
   * order, so only ties are choices; a large value makes every operation one. Default 0.
   */
  readonly skew?: number;
}

/** Options with every default filled in. */
export type ResolvedOptions = Required<KernelOptions>;

/** Fills in defaults and checks ranges. */
export function resolveOptions(options: KernelOptions, cpus: number): ResolvedOptions {
  const resolved: ResolvedOptions = {
    smp: cpus > 1,
    coopPriorities: 16,
    preemptPriorities: 15,
    metaIrqPriorities: 0,
    priorityCeiling: -127,
    priorityInheritance: "held-list",
    mutexDeadlockDetect: false,
    resortPending: true,
    suspendCancelsTimeout: false,
    suspendWaits: true,
    eventReturnsPrevious: true,
    deadlineBits: 64,
    newThreadState: "sleeping",
    pinOnly: false,
    ipiOptimize: false,
    ipiCascade: false,
    timesliceNs: 0,
    timeslicePriority: 0,
    userspace: true,
    maxThreadBytes: 8,
    maxDomainPartitions: 16,
    pageBytes: 4096,
    userMayRaisePriority: false,
    threadNameMax: 32,
    spinLockTimeLimit: 0,
    timerCpu: 0,
    skew: 0,
    ...options,
  };
  assert(resolved.smp || cpus === 1, "more than one CPU needs smp");
  assert(
    resolved.coopPriorities >= 1 && resolved.coopPriorities <= 127,
    "coopPriorities is in 1..127",
  );
  assert(
    resolved.preemptPriorities >= 1 && resolved.preemptPriorities <= 127,
    "preemptPriorities is in 1..127",
  );
  assert(
    resolved.metaIrqPriorities >= 0 && resolved.metaIrqPriorities <= resolved.coopPriorities,
    "meta-IRQ priorities are cooperative",
  );
  assert(resolved.maxThreadBytes >= 1, "maxThreadBytes is at least 1");
  assert(resolved.timerCpu >= 0 && resolved.timerCpu < cpus, "timerCpu is a CPU");
  return resolved;
}
