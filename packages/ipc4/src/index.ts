export {
  type AudioFormat,
  audioFormat,
  ChannelConfig,
  channelMapEntry,
  ChannelRole,
  InterleavingStyle,
  positionChannelMap,
  StreamType,
  WireSampleType,
} from "./audio-format.js";
export {
  type BaseModuleCfg,
  baseModuleCfg,
  type BaseModuleCfgExt,
  baseModuleCfgExtSize,
  decodeBaseModuleCfgExt,
  encodeBaseModuleCfgExt,
  hasBaseModuleCfgExt,
  type InputPinFormat,
  inputPinFormat,
  MAX_PINS,
  type OutputPinFormat,
  outputPinFormat,
} from "./base-module-cfg.js";
export {
  array,
  bits,
  bytes,
  type Field,
  type FieldKind,
  flag,
  i16,
  i32,
  nested,
  type NestedCodec,
  type OptionalField,
  reserved,
  reservedBits,
  text,
  u16,
  u32,
  u64,
  u8,
  uuid,
} from "./fields.js";
export {
  bufferId,
  componentId,
  instanceOfComponent,
  libraryOf,
  manifestIndexOf,
  moduleId,
  moduleOfComponent,
} from "./message/ids.js";
export { type AnyMessage, decodeWords, romPurgeWord } from "./message/message.js";
export {
  decodeNotification,
  encodeNotification,
  type Ipc4Notification,
  type NotificationKind,
} from "./message/notification.js";
export {
  decodeReply,
  encodeReply,
  type Ipc4Reply,
  type ReplyOfKind,
  replyWords,
} from "./message/reply.js";
export {
  decodeRequest,
  encodeRequest,
  type Ipc4Message,
  type MessageKind,
  type MessageOfKind,
} from "./message/request.js";
export {
  EOPNOTSUPP,
  leakedErrno,
  linuxErrnoOfStatus,
  Status,
  statusName,
} from "./message/status.js";
export {
  GlobalMessage,
  IpcGatewayCmd,
  isModuleMessage,
  isNotification,
  isReply,
  messageName,
  MessageTarget,
  messageType,
  ModuleMessage,
  NO_PIPELINE,
  NotificationType,
  notificationType,
  PipelineAttribute,
  PipelineState,
  pipelineStateName,
  ProcDomain,
} from "./message/types.js";
export type { UndefinedBits, Words } from "./message/word-layout.js";
export { type Codec, type Layout, struct, type StructValue } from "./struct.js";
