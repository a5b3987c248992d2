export { BaseFirmware } from "./base-firmware/base-firmware.js";
export type { BaseFirmwareConfig } from "./base-firmware/config.js";
export type { FirmwareFacts } from "./base-firmware/facts.js";
export { KernelHandler, type KernelHandlerConfig } from "./kernel/handler.js";
export { ConfigTransfer } from "./large-config/fragment.js";
export { type NotificationSink, Notifier } from "./notifier.js";
export { NOTIFICATION_POOL, Outbox, type UplinkMessage } from "./outbox.js";
export type {
  ChainEndpoint,
  ChainRequest,
  DirectoryEntry,
  DmaControlResult,
  FirmwarePort,
  HostIpcPort,
  InstancePlace,
  InstanceRequest,
  LibraryLoader,
  LoadedLibrary,
  MachinePort,
  MicPrivacyPort,
  ModuleDirectory,
  ProtocolOptions,
} from "./ports.js";
export { Chains, type ChainsConfig } from "./user/chain-dma.js";
export type { UserContext } from "./user/context.js";
export { makeUserHandler } from "./user/dispatch.js";
export type {
  Resolved,
  StatePhases,
  UserHandler,
  UserReply,
  UserRequest,
} from "./user/exchange.js";
export {
  FORWARD_TIMEOUT_MS,
  IPC_USER_THREAD_PRIORITY,
  IpcUserThread,
  type IpcUserThreadConfig,
} from "./user/thread.js";
