export { type HandlePort, IsolatedHandle } from "./isolated-handle.js";
export { type Mailbox, ModuleHeap, type ModuleHeapRange } from "./memory.js";
export {
  type ModuleEvent,
  ModuleState,
  moduleTransitions,
  nextModuleState,
} from "./module-state.js";
export { type Operation, operationFacts } from "./operations.js";
export type { ProxiedModule } from "./proxied-module.js";
export { UserspaceProxy } from "./proxy.js";
export {
  type IsolationRequest,
  type LostOperation,
  PROXY_TIMEOUT_US,
  type ProxyStats,
  type UserspaceProxyConfig,
  type WaitGap,
} from "./proxy-config.js";
export { type OperationThread, PerCoreWorkers, SingleWorker } from "./runners.js";
export { type CoherenceViolation, type ItemAccess, WORK_ITEM_BYTES } from "./work-item.js";
export { WORKER_PRIORITY } from "./worker.js";
