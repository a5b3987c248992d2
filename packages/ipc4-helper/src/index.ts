export { BaseFirmware, type BaseFirmwareConfig } from "./base-firmware/base-firmware.js";
export type { FirmwareFacts } from "./base-firmware/config-tlv.js";
export { KernelHandler, type KernelHandlerConfig } from "./kernel/handler.js";
export { NOTIFICATION_POOL, Outbox, type UplinkMessage } from "./outbox.js";
export type {
  ChainEndpoint,
  ChainRequest,
  DirectoryEntry,
  FirmwarePort,
  HostIpcPort,
  InstancePlace,
  ModuleDirectory,
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
