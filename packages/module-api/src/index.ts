export { type AudioAllocator, AudioMemory, placed, type PlacedObject } from "./audio-memory.js";
export type {
  AudioModule,
  BindInfo,
  FirmwareRegisters,
  FragmentPosition,
  LinkPosition,
  ModuleDriver,
  ModuleManifest,
  ModuleServices,
  Trigger,
} from "./audio-module.js";
export { alignedFrames, AudioStream, type StreamParams } from "./audio-stream.js";
export {
  DirectOperations,
  type ModuleOperations,
  passOn,
  type ThrownHandler,
} from "./direct-operations.js";
export {
  containerBytes,
  type FormatPair,
  formatsOf,
  FrameFmt,
  SampleType,
} from "./frame-format.js";
export type { Direction, Gateway, GatewayKind, GatewayRequest } from "./gateway.js";
export type { Blocking, ModuleHandle } from "./module-handle.js";
export { PeriodCost } from "./period-cost.js";
