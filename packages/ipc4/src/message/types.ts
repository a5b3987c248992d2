import { namesOf } from "../names.js";

/** Who a message is for (SOF's `enum ipc4_message_target`, bit 30 of the primary word). */
export const MessageTarget = {
  GLOBAL: 0,
  MODULE: 1,
} as const;
export type MessageTarget = (typeof MessageTarget)[keyof typeof MessageTarget];

/** Types of messages to the firmware as a whole (SOF's `enum ipc4_message_type`). */
export const GlobalMessage = {
  BOOT_CONFIG: 0,
  ROM_CONTROL: 1,
  IPCGATEWAY_CMD: 2,
  PERF_MEASUREMENTS_CMD: 13,
  CHAIN_DMA: 14,
  LOAD_MULTIPLE_MODULES: 15,
  UNLOAD_MULTIPLE_MODULES: 16,
  CREATE_PIPELINE: 17,
  DELETE_PIPELINE: 18,
  SET_PIPELINE_STATE: 19,
  GET_PIPELINE_STATE: 20,
  GET_PIPELINE_CONTEXT_SIZE: 21,
  SAVE_PIPELINE: 22,
  RESTORE_PIPELINE: 23,
  LOAD_LIBRARY: 24,
  LOAD_LIBRARY_PREPARE: 25,
  INTERNAL_MESSAGE: 26,
  NOTIFICATION: 27,
  ENTER_GDB: 31,
} as const;
export type GlobalMessage = (typeof GlobalMessage)[keyof typeof GlobalMessage];

/** Types of messages to one module instance (SOF's `enum sof_ipc4_module_type`). */
export const ModuleMessage = {
  INIT_INSTANCE: 0,
  CONFIG_GET: 1,
  CONFIG_SET: 2,
  LARGE_CONFIG_GET: 3,
  LARGE_CONFIG_SET: 4,
  BIND: 5,
  UNBIND: 6,
  SET_DX: 7,
  SET_D0IX: 8,
  ENTER_MODULE_RESTORE: 9,
  EXIT_MODULE_RESTORE: 10,
  DELETE_INSTANCE: 11,
} as const;
export type ModuleMessage = (typeof ModuleMessage)[keyof typeof ModuleMessage];

/** Types of notifications (SOF's `enum sof_ipc4_notification_type`). */
export const NotificationType = {
  PHRASE_DETECTED: 4,
  RESOURCE_EVENT: 5,
  LOG_BUFFER_STATUS: 6,
  TIMESTAMP_CAPTURED: 7,
  FW_READY: 8,
  FW_AUD_CLASS_RESULT: 9,
  EXCEPTION_CAUGHT: 10,
  MODULE_NOTIFICATION: 12,
  UAOL_EVENT: 13,
  PROBE_DATA_AVAILABLE: 14,
  WATCHDOG_TIMEOUT: 15,
  MANAGEMENT_SERVICE: 16,
} as const;
export type NotificationType = (typeof NotificationType)[keyof typeof NotificationType];

/** Pipeline states on the wire (SOF's `enum ipc4_pipeline_state`). */
export const PipelineState = {
  INVALID: 0,
  UNINITIALIZED: 1,
  RESET: 2,
  PAUSED: 3,
  RUNNING: 4,
  EOS: 5,
  ERROR_STOP: 6,
  SAVED: 7,
} as const;
export type PipelineState = (typeof PipelineState)[keyof typeof PipelineState];

/** Pipeline attributes of CREATE_PIPELINE. */
export const PipelineAttribute = {
  ULTRA_LOW_POWER: 0,
  AUTONOMOUS_RESET: 1,
} as const;
export type PipelineAttribute = (typeof PipelineAttribute)[keyof typeof PipelineAttribute];

/** Processing domains of INIT_INSTANCE: timer tick or thread. */
export const ProcDomain = {
  LOW_LATENCY: 0,
  DATA_PROCESSING: 1,
} as const;
export type ProcDomain = (typeof ProcDomain)[keyof typeof ProcDomain];

/** Commands of IPCGATEWAY_CMD. */
export const IpcGatewayCmd = {
  GET_DATA: 1,
  SET_DATA: 2,
  FLUSH_DATA: 3,
} as const;
export type IpcGatewayCmd = (typeof IpcGatewayCmd)[keyof typeof IpcGatewayCmd];

/** Pipeline id in INIT_INSTANCE of a module that belongs to no pipeline, such as the probe. */
export const NO_PIPELINE = 0xff;

const globalNames = namesOf(GlobalMessage);
const moduleNames = namesOf(ModuleMessage);
const notificationNames = namesOf(NotificationType);
const stateNames = namesOf(PipelineState);

/** @returns "RUNNING", or the number as text for a state that the protocol does not have */
export const pipelineStateName = (state: number): string => stateNames(state) ?? String(state);

/** Whether bit 29 says that this is a reply. The firmware answers no message that has it set. */
export const isReply = (primary: number): boolean => ((primary >>> 29) & 1) === 1;

/** Whether bit 30 says that this is for a module. */
export const isModuleMessage = (primary: number): boolean => ((primary >>> 30) & 1) === 1;

/** @returns bits 28:24, a {@link GlobalMessage} or a {@link ModuleMessage} */
export const messageType = (primary: number): number => (primary >>> 24) & 0x1f;

/** Whether this is a notification: to all, not a reply, type 27. */
export const isNotification = (primary: number): boolean =>
  ((primary >>> 24) & 0x7f) === GlobalMessage.NOTIFICATION;

/** @returns bits 23:16 of a notification, a {@link NotificationType} */
export const notificationType = (primary: number): number => (primary >>> 16) & 0xff;

/**
 * Names a message as the Linux driver's log does.
 *
 * @returns "GLB_CREATE_PIPELINE", "MOD_BIND", "GLB_NOTIFICATION|FW_READY"; a type without a name gives
 * its number ("MOD_14")
 */
export function messageName(primary: number): string {
  const type = messageType(primary);
  if (isModuleMessage(primary)) return `MOD_${moduleNames(type) ?? type}`;
  if (!isNotification(primary)) return `GLB_${globalNames(type) ?? type}`;
  const notification = notificationType(primary);
  return `GLB_NOTIFICATION|${notificationNames(notification) ?? notification}`;
}
