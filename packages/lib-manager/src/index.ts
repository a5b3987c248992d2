export { AddressSpace } from "./address-space.js";
export {
  type Authentication,
  defaultLoadCosts,
  type LibraryManagerConfig,
  type LoadCosts,
} from "./config.js";
export { moduleIdOf, ModuleRegistry, type RegisteredModule } from "./directory.js";
export { mapColdRodata } from "./domain-map.js";
export { BLOCK_TIMEOUT_US } from "./load-session.js";
export { DRIVER_RECORD_BYTES } from "./library-drivers.js";
export { type LibraryInfo, LibraryManager, type LibraryUse } from "./manager.js";
export { type ModelMemoryConfig, ModelLibraryMemory } from "./model-memory.js";
export type {
  LibraryDma,
  LibraryDmaProvider,
  LibraryEvent,
  LibraryHeap,
  LibraryMemory,
  PlaceInstance,
  Placement,
  WasmCode,
  WasmDependency,
  WasmInstanceRequest,
  WasmModuleFactory,
  WasmUnit,
} from "./ports.js";
export { type DmaRing, RingDma } from "./ring-dma.js";
export { linkTransitions, type LinkState, loadTransitions, type LoadState } from "./states.js";
