export { type ChoiceKind, type Chooser } from "./chooser.js";
export {
  FatalReason,
  K_FOREVER,
  K_MSEC,
  K_NO_WAIT,
  K_NSEC,
  K_TIMEOUT_ABS_TICKS,
  K_USEC,
  SWITCH,
  ThreadState,
} from "./constants.js";
export { type CostTable, defaultCosts, zeroCosts } from "./costs.js";
export type { Cpu } from "./cpu.js";
export type { ThreadOptions } from "./create-thread.js";
export { KEvent } from "./event.js";
export { type FatalInfo, type FatalPolicy, KernelAssertion, ThreadKilled } from "./fatal.js";
export { Kernel, type KernelConfig, type KernelCounters, type RunResult } from "./kernel.js";
export { MemAttr, MemDomain, type MemPartition, memRegionAlign } from "./mem-domain.js";
export { Mutex } from "./mutex.js";
export { KObject, ObjType } from "./object.js";
export type { KernelOptions } from "./options.js";
export { InitRule } from "./permissions.js";
export type { KernelChecker } from "./ports.js";
export type { StopReason } from "./run-loop.js";
export { K_SEM_MAX_LIMIT, Sem } from "./sem.js";
export { type Blocking, Thread, type ThreadBody, ThreadCounters } from "./thread.js";
export { Timer } from "./timer.js";
export type { KernelTrace } from "./trace.js";
