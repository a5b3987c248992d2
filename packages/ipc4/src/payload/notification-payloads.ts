import { assert, ByteReader } from "@sof-ts/kit";
import { bytes, i32, reserved, u16, u32, u64 } from "../fields.js";
import { namesOf } from "../names.js";
import { type Codec, struct } from "../struct.js";
import { concat } from "./lists.js";

/** What a resource event is about (SOF's `enum ipc4_resource_type`). */
export const ResourceType = {
  MODULE_INSTANCE: 0,
  PIPELINE: 1,
  GATEWAY: 2,
  EDF_TASK: 3,
  INVALID: 4,
} as const;
export type ResourceType = (typeof ResourceType)[keyof typeof ResourceType];

/** Kinds of resource events (SOF's `enum ipc4_resource_event_type`). */
export const ResourceEventType = {
  BUDGET_VIOLATION: 0,
  MIXER_UNDERRUN_DETECTED: 1,
  STREAM_DATA_SEGMENT: 2,
  PROCESS_DATA_ERROR: 3,
  STACK_OVERFLOW: 4,
  BUFFERING_MODE_CHANGED: 5,
  GATEWAY_UNDERRUN_DETECTED: 6,
  GATEWAY_OVERRUN_DETECTED: 7,
  EDF_DOMAIN_UNSTABLE: 8,
  WATCHDOG_EVENT: 9,
  GATEWAY_HIGH_THRES: 10,
  GATEWAY_LOW_THRES: 11,
  I2S_BCE_DETECTED: 12,
  I2S_CLK_STATE_CHANGED: 13,
  I2S_SINK_MODE_CHANGED: 14,
  I2S_SOURCE_MODE_CHANGED: 15,
  SRE_DRIFT_TOO_HIGH: 16,
  TELEMETRY_DATA_STATUS: 17,
  SNDW_DEBUG_INFO: 18,
  INVALID: 19,
} as const;
export type ResourceEventType = (typeof ResourceEventType)[keyof typeof ResourceEventType];

const eventNames = namesOf(ResourceEventType);
const resourceNames = namesOf(ResourceType);

/** @returns "GATEWAY_UNDERRUN_DETECTED", or the number as text */
export const resourceEventName = (type: number): string => eventNames(type) ?? String(type);

/** @returns "PIPELINE", or the number as text */
export const resourceTypeName = (type: number): string => resourceNames(type) ?? String(type);

/** Payload of a RESOURCE_EVENT notification (SOF's `struct ipc4_resource_event_data_notification`). */
export interface ResourceEvent {
  /** A {@link ResourceType}. */
  readonly resourceType: number;
  /** Component id, pipeline id or node id, by the type. */
  readonly resourceId: number;
  /** A {@link ResourceEventType}. */
  readonly eventType: number;
  readonly reserved?: Uint8Array | undefined;
  /** 24 bytes; see {@link processDataError} and {@link mixerUnderrun}. */
  readonly eventData: Uint8Array;
}

/** Reads and writes the 40 bytes of a {@link ResourceEvent}. */
export const resourceEvent: Codec<ResourceEvent> = struct("resource_event", 40, {
  resourceType: u32(0),
  resourceId: u32(4),
  eventType: u32(8),
  reserved: reserved(12, 4),
  eventData: bytes(16, 24),
});

/** Data of PROCESS_DATA_ERROR. */
export interface ProcessDataError {
  /** Negative errno. */
  readonly errorCode: number;
  readonly reserved?: Uint8Array | undefined;
}

/** Reads and writes the 24 bytes of event data of a {@link ProcessDataError}. */
export const processDataError: Codec<ProcessDataError> = struct("process_data_error", 24, {
  errorCode: i32(0),
  reserved: reserved(4, 20),
});

/** Data of MIXER_UNDERRUN_DETECTED. */
export interface MixerUnderrun {
  readonly eosFlag: number;
  /** Bytes that the source had. */
  readonly dataMixed: number;
  /** Bytes that the sink has room for. */
  readonly expectedDataMixed: number;
  readonly reserved?: Uint8Array | undefined;
}

/** Reads and writes the 24 bytes of event data of a {@link MixerUnderrun}. */
export const mixerUnderrun: Codec<MixerUnderrun> = struct("mixer_underrun", 24, {
  eosFlag: u32(0),
  dataMixed: u32(4),
  expectedDataMixed: u32(8),
  reserved: reserved(12, 12),
});

/** Data of STREAM_DATA_SEGMENT: how far a host stream has come. */
export interface StreamPosition {
  /** Bytes moved between the host and the DSP since the stream started. */
  readonly hostBytes: bigint;
  /** Bytes moved at the link that the stream ends at; 0 while none runs. */
  readonly linkBytes: bigint;
  /** The DSP's wall clock at that moment. */
  readonly wallClock: bigint;
}

/** Reads and writes the 24 bytes of event data of a {@link StreamPosition}. */
export const streamPosition: Codec<StreamPosition> = struct("stream_position", 24, {
  hostBytes: u64(0),
  linkBytes: u64(8),
  wallClock: u64(16),
});

/** High half of an event id that says that firmware changed a control. */
export const CONTROL_EVENT_MAGIC = 0xa15a;

/** Base of event ids of compressed streams. */
export const COMPRESS_EVENT_BASE = 0xc0c0_0000;

/** @returns the event id of a control change; `param` is a `ControlParam` */
export const controlEventId = (param: number): number => CONTROL_EVENT_MAGIC * 0x1_0000 + param;

/** @returns the `ControlParam` that an event id speaks of, undefined for another kind of event */
export const controlParamOfEvent = (eventId: number): number | undefined =>
  eventId >>> 16 === CONTROL_EVENT_MAGIC ? eventId & 0xffff : undefined;

/** Payload of a MODULE_NOTIFICATION (SOF's `struct sof_ipc4_notify_module_data`). */
export interface ModuleNotification {
  readonly instanceId: number;
  readonly moduleId: number;
  readonly eventId: number;
  readonly data: Uint8Array;
}

/** What a {@link ModuleNotification} starts with. */
export const moduleNotificationHeader: Codec<{
  readonly instanceId: number;
  readonly moduleId: number;
  readonly eventId: number;
  readonly eventDataSize: number;
}> = struct("notify_module_data", 12, {
  instanceId: u16(0),
  moduleId: u16(2),
  eventId: u32(4),
  eventDataSize: u32(8),
});

/** Data that fits a notification, of which the firmware keeps at most 40 bytes. */
export const MAX_NOTIFICATION_BYTES = 40;

/**
 * Reads a module notification; bytes after its data are left alone.
 *
 * @throws InputError when bytes are missing
 */
export function decodeModuleNotification(
  payload: Uint8Array,
  source = "MODULE_NOTIFICATION payload",
): ModuleNotification {
  const reader = new ByteReader(payload, source);
  const { eventDataSize, ...head } = moduleNotificationHeader.read(reader);
  return { ...head, data: new Uint8Array(reader.take(eventDataSize, "event data")) };
}

/** @returns 12 bytes and the data, {@link MAX_NOTIFICATION_BYTES} at most for the firmware's own pool */
export function encodeModuleNotification(notification: ModuleNotification): Uint8Array {
  const { data, ...head } = notification;
  assert(data.length <= 4096 - moduleNotificationHeader.size, `event data of ${data.length} bytes`);
  const header = moduleNotificationHeader.encode({ ...head, eventDataSize: data.length });
  return concat(header, data);
}
