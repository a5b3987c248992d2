export {
  LL_THREAD_PRIORITY,
  LL_TICK_LIMIT,
  LlDomain,
  type LlDomainConfig,
  type SchedulerWatcher,
  type TickSource,
  type WatchedScheduler,
} from "./domain.js";
export type { LockingStrategy } from "./locking.js";
export { type SchedulerList, SchedulerRegistry, SchedulerType } from "./registry.js";
export { RunList } from "./run-list.js";
export { type LlStats, LlScheduler } from "./scheduler.js";
export { ComponentMutexLocking } from "./strategies/component-mutex.js";
export { KernelLlLocking } from "./strategies/kernel-ll.js";
export { UserLlLocking } from "./strategies/user-ll.js";
export { LlTask, type LlTaskConfig, RunAgain, TaskState } from "./task.js";
