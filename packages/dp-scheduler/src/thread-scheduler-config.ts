import type { Kernel, KHeap } from "@sof-ts/kernel";
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
  /** Default {@link THREAD_WAIT_MS}. */
  readonly waitMs?: number;
  /** Default {@link MAX_THREAD_TASKS}. */
  readonly maxTasks?: number;
}
