export {
  BUDGET_PRIORITY,
  BudgetScheduler,
  type BudgetSchedulerConfig,
  BudgetTask,
  type BudgetTaskConfig,
  EXHAUSTED_PRIORITY,
} from "./budget-scheduler.js";
export { BlockRing } from "./block-ring.js";
export { createDpModule, DEFAULT_DP_STACK_BYTES, type DpModuleConfig } from "./create-dp-module.js";
export type { DpModuleStats } from "./dp-engine.js";
export { DpModule, type DpPins } from "./dp-module.js";
export {
  DP_THREAD_PRIORITY,
  DpScheduler,
  type DpSchedulerConfig,
  type DpStats,
  DpTask,
  type DpTaskConfig,
  type DpWork,
} from "./dp-scheduler.js";
export { LockGap } from "./lock-gap.js";
export { THREAD_TICK_PRIORITY } from "./ll-ticks.js";
export type { MemoryGrant } from "./memory-domains.js";
export {
  nextThreadTaskState,
  type ThreadTaskEvent,
  ThreadTaskState,
  threadTaskTransitions,
} from "./task-state.js";
export type { ThreadScheduler } from "./thread-scheduler.js";
export {
  MAX_THREAD_TASKS,
  THREAD_WAIT_MS,
  type ThreadSchedulerConfig,
} from "./thread-scheduler-config.js";
export { ThreadTask, type ThreadTaskConfig, type ThreadWork } from "./thread-task.js";
