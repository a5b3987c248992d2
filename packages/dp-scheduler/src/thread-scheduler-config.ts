import type { Kernel, KHeap, MemPartition } from "@sof-ts/kernel";
import type { LlDomain } from "@sof-ts/ll-scheduler";

/** Longest wait for a task's thread: to leave its run, to answer a call, to end (SOF's DP IPC time-out). */
export const THREAD_WAIT_MS = 100;
/** Tasks at most, over all cores (IPC4 FW_CONFIG's MAX_DP_TASKS_COUNT). */
export const MAX_THREAD_TASKS = 16;

/** What a scheduler of threads needs; the composition root fills it in. */
export interface ThreadSchedulerConfig {
  readonly kernel: Kernel;
  /** The LL domain whose ticks drive the tasks. */
  readonly domain: LlDomain;
  readonly cores: number;
  /** Whether the threads run in user mode; the locking strategy's `userMode`, as a rule. */
  readonly userMode: boolean;
  /** Resource pool of threads, stacks and other kernel objects. */
  readonly objects: KHeap;
  /**
   * Whether a task's thread may be given `partition`. Tasks are made from user mode: without this, who may make
   * one could have any memory mapped. Calling context: supervisor. Default: every partition.
   */
  allowsPartition?(partition: MemPartition): boolean;
  /** Default {@link THREAD_WAIT_MS}. */
  readonly waitMs?: number;
  /** Default {@link MAX_THREAD_TASKS}. */
  readonly maxTasks?: number;
}
