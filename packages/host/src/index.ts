export type { BackEndParams, GatewayBlobRequest, GatewayBlobSource } from "./backend-params.js";
export type { ControlValue } from "./control-value.js";
export type { ControlInfo, ControlListener, ControlStore } from "./controls.js";
export { HostDoorbell, type RungMessage } from "./doorbell.js";
export { type FirmwareInfo, unknownFirmware } from "./firmware-info.js";
export { HostDriver, type HostDriverParts } from "./host-driver.js";
export { type HostVariant, linuxVariant, testbenchVariant } from "./host-variant.js";
export { HostError, type HostErrorContext } from "./host-error.js";
export {
  type AsyncWaitingLink,
  type HostTask,
  type HostWait,
  runHostTask,
  runHostTaskAsync,
  type WaitingLink,
} from "./host-task.js";
export {
  formatKernelLog,
  type IpcLogEntry,
  type IpcLogListener,
  type KernelLogOptions,
} from "./ipc-log.js";
export type { LibraryFile, LibrarySource } from "./library.js";
export { describeModuleNeeds, type ModuleNeed } from "./module-needs.js";
export type { FirmwareModule, FirmwareModuleConfig } from "./module-table.js";
export { defaultHostOptions, type HostOptions } from "./options.js";
export { findPcmPath, type PcmPath } from "./path.js";
export { isPcmFormat, type PcmFormat, type PcmParams, sampleLayout } from "./pcm-params.js";
export type { PcmState, PcmStream, PcmStreamOptions } from "./pcm-stream.js";
export type {
  DaiType,
  HostDma,
  HostDmaConfig,
  HostDmaStream,
  HostLink,
  LinkControl,
  LinkRequest,
  LinkStream,
  RegisterMap,
  StreamDirection,
  StreamFormat,
} from "./ports.js";
export type { SocketFarEnd, SocketFarEndLinks, SocketFarEnds } from "./socket-far-ends.js";
export {
  type ByteStream,
  encodeFrame,
  FRAME_HEAD_BYTES,
  FrameReader,
  MAX_BODY_BYTES,
  REPLY_BIT,
  type SocketFrame,
} from "./socket-frame.js";
export { SocketLink, type SocketLinkOptions } from "./socket-link.js";
export {
  decodeHello,
  encodeWelcome,
  expectEnd,
  type LinkKey,
  MAX_ADVANCE_US,
  MAX_DATA_BYTES,
  MAX_FAR_END_BYTES,
  MAX_RING_BYTES,
  readFormat,
  readLinkKey,
  readStreamKey,
  readTotal,
  SocketMessage,
  type SocketLinkEnd,
  type SocketWelcome,
  type StreamKey,
  writeTotal,
} from "./socket-protocol.js";
export type { SocketStreams } from "./socket-streams.js";
export type { StreamChoice } from "./stream-choices.js";
export type { TriggerCommand } from "./trigger.js";
