import { assert, ByteReader } from "@sof-ts/kit";
import { array, i32, u32, u64 } from "../fields.js";
import { type Codec, struct } from "../struct.js";
import { concat, encodeWords } from "./lists.js";

/** Large parameters of the base firmware, module 0 instance 0 (SOF's `enum ipc4_basefw_params`). */
export const BaseFwParam = {
  DSP_PROPERTIES: 0,
  DSP_RESOURCE_STATE: 1,
  NOTIFICATION_MASK: 3,
  ASTATE_TABLE: 4,
  DMA_CONTROL: 5,
  ENABLE_LOGS: 6,
  FW_CONFIG: 7,
  HW_CONFIG_GET: 8,
  MODULES_INFO_GET: 9,
  PIPELINE_LIST_INFO_GET: 10,
  PIPELINE_PROPS_GET: 11,
  SCHEDULERS_INFO_GET: 12,
  GATEWAYS_INFO_GET: 13,
  MEMORY_STATE_INFO_GET: 14,
  POWER_STATE_INFO_GET: 15,
  LIBRARIES_INFO_GET: 16,
  PERF_MEASUREMENTS_STATE: 17,
  GLOBAL_PERF_DATA: 18,
  L2_CACHE_INFO: 19,
  SYSTEM_TIME: 20,
  PERFORMANCE_CONFIGURATION: 21,
  REGISTER_KCPS: 22,
  RESOURCE_ALLOCATION_REQUEST: 23,
  IO_PERF_MEASUREMENTS_STATE: 24,
  IO_GLOBAL_PERF_DATA: 25,
  GET_MODULE_ID: 26,
  EXTENDED_SYSTEM_TIME: 27,
  TELEMETRY_STATE: 28,
  TELEMETRY_DATA: 29,
  EXTENDED_GLOBAL_PERF_DATA: 30,
  SDW_OWNERSHIP: 31,
  MIC_PRIVACY_HW_MANAGED_STATE_CHANGE: 35,
  SET_MIC_PRIVACY_FW_MANAGED_POLICY_MASK: 36,
} as const;
export type BaseFwParam = (typeof BaseFwParam)[keyof typeof BaseFwParam];

/** States of the performance measurements (SOF's `enum ipc4_perf_measurements_state_set`). */
export const PerfState = {
  DISABLED: 0,
  STOPPED: 1,
  STARTED: 2,
  PAUSED: 3,
} as const;
export type PerfState = (typeof PerfState)[keyof typeof PerfState];

/** Payload of SET_DX (SOF's `struct ipc4_dx_state_info`). */
export interface DxState {
  /** Cores that the message is about. */
  readonly coreMask: number;
  /** For each of them: 1 on (D0), 0 off (D3). */
  readonly dxMask: number;
}

/** Reads and writes the 8 bytes of a {@link DxState}. */
export const dxState: Codec<DxState> = struct("dx_state_info", 8, {
  coreMask: u32(0),
  dxMask: u32(4),
});

/** Bits of the notification mask. */
export const NotificationMaskBit = {
  GATEWAY_UNDERRUN: 0x1,
  MIXER_UNDERRUN: 0x2,
  BUDGET_VIOLATION: 0x4,
  GATEWAY_OVERRUN: 0x8,
} as const;
export type NotificationMaskBit = (typeof NotificationMaskBit)[keyof typeof NotificationMaskBit];

/** Parameter NOTIFICATION_MASK (SOF's `struct ipc4_notification_mask_info`). */
export interface NotificationMaskInfo {
  /** Bits to change. */
  readonly ntfyMask: number;
  /** What to change them to. */
  readonly enabledMask: number;
}

/** Reads and writes the 8 bytes of a {@link NotificationMaskInfo}. */
export const notificationMaskInfo: Codec<NotificationMaskInfo> = struct("notification_mask", 8, {
  ntfyMask: u32(0),
  enabledMask: u32(4),
});

/** The firmware's mask before the host has set one: everything is sent. */
export const DEFAULT_NOTIFICATION_MASK = 0xffff_ffff;

/** @returns the mask after a change: bits in `ntfyMask` become those of `enabledMask` */
export function applyNotificationMask(mask: number, change: NotificationMaskInfo): number {
  const { ntfyMask, enabledMask } = change;
  return ((mask & (enabledMask | ~ntfyMask)) | (enabledMask & ntfyMask)) >>> 0;
}

/** Parameter ENABLE_LOGS (SOF's `struct ipc4_log_state_info`). */
export interface LogState {
  /** Milliseconds after which a log that is not full is announced. */
  readonly agingTimerPeriodMs: number;
  readonly fifoFullTimerPeriodMs: number;
  /** 1 on, 0 off. */
  readonly enable: number;
  /** Priorities of 16 libraries; the firmware takes the first. */
  readonly logsPrioritiesMask: readonly number[];
}

/** Reads and writes the 76 bytes of a {@link LogState}. */
export const logState: Codec<LogState> = struct("log_state_info", 76, {
  agingTimerPeriodMs: u32(0),
  fifoFullTimerPeriodMs: u32(4),
  enable: u32(8),
  logsPrioritiesMask: array(12, 16, u32),
});

/** Zephyr's log levels. */
export type LogLevel = "none" | "error" | "warning" | "info" | "debug";

/** @returns the log level that the firmware takes from the first priority mask */
export function logLevelOf(priorities: number): LogLevel {
  if (priorities & 0x10) return "debug";
  if (priorities & 0x0c) return "info";
  if (priorities & 0x02) return "warning";
  return priorities & 0x01 ? "error" : "none";
}

/** Parameter SYSTEM_TIME (SOF's `struct ipc4_system_time`). */
export interface SystemTime {
  /** Microseconds since 1601-01-01 UTC by the protocol; Linux sends those since its own start. */
  readonly timeUs: bigint;
}

/** Reads and writes the 8 bytes of a {@link SystemTime}. */
export const systemTime: Codec<SystemTime> = struct("system_time", 8, { timeUs: u64(0) });

/** Parameter EXTENDED_SYSTEM_TIME (SOF's `struct ipc4_ext_system_time`). */
export interface ExtendedSystemTime {
  /** Microseconds since 1601-01-01 UTC. */
  readonly utcUs: bigint;
  /** Wall clock of the DSP. */
  readonly rtc: bigint;
  /** Always-running timer. */
  readonly art: bigint;
}

/** Reads and writes the 24 bytes of an {@link ExtendedSystemTime}. */
export const extendedSystemTime: Codec<ExtendedSystemTime> = struct("ext_system_time", 24, {
  utcUs: u64(0),
  rtc: u64(8),
  art: u64(16),
});

/** Parameter REGISTER_KCPS. */
export interface RegisterKcps {
  /** Thousands of cycles a second, added to what is asked for already. */
  readonly deltaKcps: number;
}

/** Reads and writes the 4 bytes of a {@link RegisterKcps}. */
export const registerKcps: Codec<RegisterKcps> = struct("register_kcps", 4, { deltaKcps: i32(0) });

/** Resources of RESOURCE_ALLOCATION_REQUEST. */
export const ResourceAllocationType = {
  DSP_KCPS: 0,
} as const;
export type ResourceAllocationType =
  (typeof ResourceAllocationType)[keyof typeof ResourceAllocationType];

/** Parameter RESOURCE_ALLOCATION_REQUEST for {@link ResourceAllocationType.DSP_KCPS}. */
export interface ResourceAllocation {
  /** A {@link ResourceAllocationType}. */
  readonly type: number;
  readonly coreId: number;
  /** Thousands of cycles a second, may be negative. */
  readonly kcps: number;
}

/** Reads and writes the 12 bytes of a {@link ResourceAllocation}. */
export const resourceAllocation: Codec<ResourceAllocation> = struct(
  "resource_allocation_request",
  12,
  { type: u32(0), coreId: u32(4), kcps: i32(8) },
);

/** Parameter DMA_CONTROL: registers of a link's DMA (SOF's `struct ipc4_dma_control`). */
export interface DmaControl {
  readonly nodeId: number;
  /** A multiple of four bytes. */
  readonly data: Uint8Array;
}

/**
 * Reads parameter DMA_CONTROL; bytes after the data are left alone.
 *
 * @throws InputError when bytes are missing
 */
export function decodeDmaControl(payload: Uint8Array, source = "dma_control"): DmaControl {
  const reader = new ByteReader(payload, source);
  const nodeId = reader.u32("node id");
  const words = reader.u32("length");
  return { nodeId, data: new Uint8Array(reader.take(words * 4, "register data")) };
}

/** @returns node, length in words, data */
export function encodeDmaControl(control: DmaControl): Uint8Array {
  const { nodeId, data } = control;
  assert(data.length % 4 === 0, `register data of ${data.length} bytes`);
  return concat(encodeWords([nodeId, data.length / 4]), data);
}

/** Payload of IPCGATEWAY_CMD in both directions: a node id, or a size, and bytes. */
export interface IpcGatewayData {
  /** Request: the gateway. Reply: bytes left after GET_DATA, bytes taken by SET_DATA. */
  readonly nodeIdOrSize: number;
  readonly data: Uint8Array;
}

/** Reads the payload of IPCGATEWAY_CMD or of its reply. */
export function decodeIpcGatewayData(
  payload: Uint8Array,
  source = "IPCGATEWAY_CMD payload",
): IpcGatewayData {
  const reader = new ByteReader(payload, source);
  const nodeIdOrSize = reader.u32("node id or size");
  return { nodeIdOrSize, data: new Uint8Array(reader.take(reader.remaining)) };
}

/** @returns one word and the bytes */
export function encodeIpcGatewayData(value: IpcGatewayData): Uint8Array {
  return concat(encodeWords([value.nodeIdOrSize]), value.data);
}
