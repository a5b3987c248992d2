import type { FragmentPosition, Trigger } from "@sof-ts/module-api";

/**
 * The binary interface between an isolated module and its host, version 1.0. Numbers are little-endian and
 * 32 bits wide unless stated; addresses are offsets into the module's own memory. The README shows it as
 * tables.
 */

/** What `sof_module_abi` returns: major version in the upper half, minor in the lower. */
export const ABI_VERSION = 0x0001_0000;

/** A host runs modules of its own major version that ask for no later minor one. */
export function abiMatches(version: number): boolean {
  return version >>> 16 === ABI_VERSION >>> 16 && (version & 0xffff) <= (ABI_VERSION & 0xffff);
}

/** Number of `i32` parameters and results of an exported function. */
export interface Signature {
  readonly params: number;
  readonly results: number;
  readonly required: boolean;
}

const required = (params: number, results = 1): Signature => ({ params, results, required: true });
const optional = (params: number): Signature => ({ params, results: 1, required: false });

/** What a module exports besides its memory, which is named `memory`. */
export const moduleExports = {
  /** `() -> version` */
  sof_module_abi: required(0),
  /** `(bytes, align) -> address`, 0 when there is no room. The host keeps what it got until the end. */
  sof_module_alloc: required(2),
  /** `(context) -> 0 or -errno` */
  sof_module_init: required(1),
  /** `(sources, sinks) -> 0 or -errno` */
  sof_module_prepare: required(2),
  /** `(sources, sinks) -> 0 or -errno` */
  sof_module_process: required(2),
  /** `() -> 0 or -errno` */
  sof_module_reset: required(0),
  /** `()` */
  sof_module_free: required(0, 0),
  /** `() -> sources << 16 | sinks`: the most of each that it takes, up to {@link MAX_PINS}. Asked before init. */
  sof_module_pins: optional(0),
  /** `(paramId, position, sizeOrOffset, bytes) -> 0 or -errno`; the fragment is in the fragment area */
  sof_module_set_config: optional(4),
  /** `(paramId, capacity) -> bytes written to the fragment area, or -errno` */
  sof_module_get_config: optional(2),
  /** `(paramId, value) -> 0 or -errno` */
  sof_module_set_param: optional(2),
  /** `(paramId) -> value >= 0, or -errno` */
  sof_module_get_param: optional(1),
  /** `(side, queueId) -> 0 or -errno`; side 0 is a sink that is bound, 1 a source */
  sof_module_bind: optional(2),
  /** As `sof_module_bind`. */
  sof_module_unbind: optional(2),
  /** `(command) -> 0 or -errno` */
  sof_module_trigger: optional(1),
  /** `(mode) -> 0 or -errno`; 0 normal, 1 bypass */
  sof_module_set_mode: optional(1),
  /** `() -> mode, or -errno` */
  sof_module_get_mode: optional(0),
  /** `() -> frames of delay between input and output, or -errno`. Asked after what may change it. */
  sof_module_latency: optional(0),
} as const satisfies Record<string, Signature>;
export type ModuleExport = keyof typeof moduleExports;

/** Most sources and most sinks that a module can ask for: as many as IPC4 numbers. */
export const MAX_PINS = 8;

/** What a module may import: `module.name`, all functions. */
export const moduleImports: Readonly<Record<string, Signature>> = {
  /** `(address, bytes)`: UTF-8 text for the log, at most {@link LOG_BYTES} of it. */
  "sof.log": { params: 2, results: 0, required: false },
  /** `(event, address, bytes) -> 0 or -errno`: a notification for the host; see {@link NOTIFY_BYTES} */
  "sof.notify": { params: 3, results: 1, required: false },
  /** `(message, file, line, column)`: AssemblyScript's way to give up. */
  "env.abort": { params: 4, results: 0, required: false },
};

/** Bytes of one log line that are shown. */
export const LOG_BYTES = 256;
/** Lines of one operation that are shown; the rest is dropped, because a line is dearer than its fuel. */
export const LOG_LINES = 32;

/** Most bytes of one notification. */
export const NOTIFY_BYTES = 1024;
/** Notifications that `process` may send at once after a quiet time. */
export const NOTIFY_BURST = 8;
/** Calls of the instance after which `process` may send one more. */
export const NOTIFY_INTERVAL = 64;
/** Notifications that any other operation may send, since the host has asked for it. */
export const NOTIFY_BY_CONTROL = 1;
/** Operations that may notify. The others come while the host does not know the instance, or must be without effect. */
export const notifyingOperations: readonly string[] = [
  "process",
  "trigger",
  "set configuration",
  "set param",
  "set mode",
];

/** The structure at the address that `sof_module_init` gets: offsets of its words. */
export const Context = {
  /** Bytes of this structure. */
  SIZE: 0,
  /** Version of the host. */
  ABI: 4,
  MODULE_ID: 8,
  INSTANCE_ID: 12,
  PIPELINE_ID: 16,
  CORE: 20,
  /** Scheduling period in microseconds. */
  PERIOD_US: 24,
  /** Descriptors at {@link Context.SOURCES} and {@link Context.SINKS}. */
  MAX_SOURCES: 28,
  MAX_SINKS: 32,
  /** Address of the first source's descriptor; the others follow. */
  SOURCES: 36,
  SINKS: 40,
  /** The fragment area: at init it holds the INIT_INSTANCE payload, later configuration fragments. */
  FRAGMENT: 44,
  FRAGMENT_BYTES: 48,
  /** Bytes of the payload at init. */
  PAYLOAD_BYTES: 52,
  /** Bytes that the module's memory can grow to: the range of its heap. */
  MEMORY_BYTES: 56,
  /** Which module of its library file the instance is, from 0, where one file holds several. */
  MODULE_INDEX: 60,
} as const;
export const CONTEXT_BYTES = 64;

/** A stream descriptor: offsets of its words. The host writes it; the module writes `DONE` only. */
export const Stream = {
  /** Address of the samples: one contiguous block. */
  DATA: 0,
  /** Source: bytes that are there. Sink: bytes that there is room for. */
  BYTES: 4,
  /** Source: bytes consumed. Sink: bytes produced. Whole frames; 0 before each `process`. */
  DONE: 8,
  FRAME_BYTES: 12,
  RATE: 16,
  CHANNELS: 20,
  /** SOF's `enum sof_ipc_frame`: container and valid bits. */
  FRAME_FMT: 24,
  VALID_FMT: 28,
  CHANNEL_MAP: 32,
  /** 1 while the component at the other end runs. */
  ACTIVE: 36,
  /** Queue id of the connection at this module. */
  QUEUE: 40,
} as const;
export const STREAM_BYTES = 48;

/** Bytes of the fragment area: what the host's mailbox holds. */
export const FRAGMENT_AREA_BYTES = 4096;

/** Alignment of every address that the host asks for. */
export const ALIGN = 16;

/** Numbers of fragment positions (SOF's `module_cfg_fragment_position`). */
export const positionNumbers: Readonly<Record<FragmentPosition, number>> = {
  middle: 0,
  first: 1,
  last: 2,
  single: 3,
};

/** Numbers of trigger commands, in the order of a stream's life. */
export const triggerNumbers: Readonly<Record<Trigger, number>> = {
  "pre-start": 0,
  start: 1,
  pause: 2,
  "pre-release": 3,
  release: 4,
  stop: 5,
};

/** Processing modes (SOF's `enum module_processing_mode`). */
export const ProcessingMode = { NORMAL: 0, BYPASS: 1 } as const;
