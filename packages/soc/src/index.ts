export { AddressMap, type MemoryKind } from "./address-map.js";
export { Bus, type BusTarget } from "./bus.js";
export { BusError, type BusFault } from "./bus-error.js";
export { DerivedCounter } from "./clocks.js";
export { type AccessSize, CoreMemory } from "./core-memory.js";
export { type CoreState, DspCore, type PowerListener } from "./core.js";
export { type CacheObserver, type CacheShape, DataCache, type LineState } from "./data-cache.js";
export { defaultPlatform, describePlatform, platformNames } from "./describe-platform.js";
export { Dma } from "./dma.js";
export {
  type ChannelOwner,
  DmaChannel,
  type DmaState,
  type RingConfig,
  type StreamDirection,
} from "./dma-channel.js";
export { DmaController } from "./dma-controller.js";
export { Doorbell } from "./doorbell.js";
export { PlayingSource, RecordingSink } from "./far-ends.js";
export { Gateways } from "./gateways.js";
export { HdaController } from "./hda-controller.js";
export { HostDmaChannel } from "./host-dma.js";
export { HostIpc } from "./host-ipc.js";
export {
  type HostBuffer,
  HostMemory,
  readDescriptorList,
  type ScatterEntry,
} from "./host-memory.js";
export { HostStream } from "./host-stream.js";
export { Idc, IDC_PAYLOAD_SIZE } from "./idc.js";
export { InterruptController } from "./interrupts.js";
export { IpcEndpoint } from "./ipc-endpoint.js";
export { LinkDmaChannel, type LinkDmaConfig } from "./link-dma.js";
export {
  type LinkFormat,
  LinkGateway,
  type LinkGatewayDescription,
  type LinkKind,
  type UnderrunMode,
} from "./link-gateway.js";
export { MemoryWindow, MemoryWindows } from "./memory-window.js";
export {
  type Access,
  AddressSpace,
  KERNEL_EXECUTE,
  KERNEL_READ,
  KERNEL_WRITE,
  Mmu,
  type MmuFault,
  PAGE_CACHED,
  USER_EXECUTE,
  USER_READ,
  USER_WRITE,
} from "./mmu.js";
export {
  type CostBasis,
  type OperationCost,
  operationCycles,
  type OperationName,
  type PlatformCosts,
} from "./operation-costs.js";
export { PhysicalMemory } from "./physical-memory.js";
export type {
  DaiCounts,
  DmaControllerDescription,
  DoorbellLayout,
  InterruptNumbers,
  MemoryRange,
  PlatformDescription,
  PlatformName,
  PowerDescription,
  WindowDescription,
} from "./platform.js";
export type {
  HostInterruptSink,
  InterruptSink,
  LinkSink,
  LinkSource,
  TimeSource,
} from "./ports.js";
export { type BootVector, PowerControl } from "./power-control.js";
export { type AccessMode, field, Register, type RegisterField, reserved } from "./register.js";
export { RegisterFile, type RegisterHooks } from "./register-file.js";
export { Soc, type SocOptions } from "./soc.js";
export { SystemTimer } from "./system-timer.js";
export { ViewTable } from "./view-table.js";
export { WallClockBlock } from "./wall-clock-block.js";
