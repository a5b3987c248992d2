import { ByteReader } from "@sof-ts/kit";
import { bits, nested, reservedBits, text, u32, u64 } from "../fields.js";
import { type Codec, struct } from "../struct.js";
import { type FwVersion, fwVersion } from "./fw-config.js";
import { concat, encodeCountedWords, encodeWords, readCounted, readCountedWords } from "./lists.js";
import { decodeTlvs, encodeTlvs, type Tlv, wordTlv } from "./tlv.js";

/** One task of a scheduler. */
export interface TaskInfo {
  readonly taskId: number;
  /** Component ids. */
  readonly moduleIds: readonly number[];
}

/** One scheduler of SCHEDULERS_INFO_GET (SOF's `struct scheduler_props`). */
export interface SchedulerInfo {
  /** A `ProcDomain`. */
  readonly processingDomain: number;
  readonly coreId: number;
  readonly tasks: readonly TaskInfo[];
}

/**
 * Reads the reply to LARGE_CONFIG_GET of SCHEDULERS_INFO_GET.
 *
 * @throws InputError when bytes are missing
 */
export function decodeSchedulersInfo(
  payload: Uint8Array,
  source = "SCHEDULERS_INFO",
): SchedulerInfo[] {
  return readCounted(new ByteReader(payload, source), "scheduler", 12, (reader) => ({
    processingDomain: reader.u32("processing domain"),
    coreId: reader.u32("core id"),
    tasks: readCounted(reader, "task", 8, (at) => ({
      taskId: at.u32("task id"),
      moduleIds: readCountedWords(at, "module id"),
    })),
  }));
}

/** @returns count and schedulers, each with its tasks */
export function encodeSchedulersInfo(schedulers: readonly SchedulerInfo[]): Uint8Array {
  const words = [schedulers.length];
  for (const { processingDomain, coreId, tasks } of schedulers) {
    words.push(processingDomain, coreId, tasks.length);
    for (const { taskId, moduleIds } of tasks) words.push(taskId, moduleIds.length, ...moduleIds);
  }
  return encodeWords(words);
}

/** One library of LIBRARIES_INFO_GET. */
export interface LibraryInfo {
  readonly id: number;
  /** At most 8 characters. */
  readonly name: string;
  readonly version: FwVersion;
  readonly moduleCount: number;
}

/** Reads and writes the 24 bytes of a {@link LibraryInfo}; the reply is a counted list of them. */
export const libraryInfo: Codec<LibraryInfo> = struct("library_props", 24, {
  id: u32(0),
  name: text(4, 8),
  version: nested(12, fwVersion),
  moduleCount: u32(20),
});

/** One item of GLOBAL_PERF_DATA and IO_GLOBAL_PERF_DATA (SOF's `struct perf_data_item`). */
export interface PerfItem {
  /** Component id, or a number for the whole. */
  readonly resourceId: number;
  readonly powerMode: number;
  readonly reserved?: number | undefined;
  /** The item was removed. */
  readonly removed: number;
  readonly peakKcps: number;
  readonly averageKcps: number;
}

/** Reads and writes the 16 bytes of a {@link PerfItem}; the reply is a counted list of them. */
export const perfItem: Codec<PerfItem> = struct("perf_data_item", 16, {
  resourceId: u32(0),
  powerMode: bits(4, 0, 1),
  reserved: reservedBits(4, 1, 30),
  removed: bits(4, 31, 1),
  peakKcps: u32(8),
  averageKcps: u32(12),
});

/** One item of EXTENDED_GLOBAL_PERF_DATA. */
export interface ExtendedPerfItem {
  readonly resourceId: number;
  readonly flags: number;
  readonly peakCycles: number;
  readonly totalCycles: bigint;
  readonly iterations: bigint;
  /** Three numbers that follow, without a name in the protocol. */
  readonly more32: number;
  readonly more64a: bigint;
  readonly more64b: bigint;
}

/** Reads and writes the 48 bytes of an {@link ExtendedPerfItem}; the reply is a counted list of them. */
export const extendedPerfItem: Codec<ExtendedPerfItem> = struct("ext_perf_data_item", 48, {
  resourceId: u32(0),
  flags: u32(4),
  peakCycles: u32(8),
  totalCycles: u64(12),
  iterations: u64(20),
  more32: u32(28),
  more64a: u64(32),
  more64b: u64(40),
});

/** TLV types of MEMORY_STATE_INFO_GET. */
export const MemoryStateType = {
  LPSRAM: 0,
  HPSRAM: 1,
} as const;
export type MemoryStateType = (typeof MemoryStateType)[keyof typeof MemoryStateType];

/** State of one memory. */
export interface MemoryState {
  /** A {@link MemoryStateType}. */
  readonly type: number;
  readonly freePhysPages: number;
  /** Power state of the banks, a bit each. */
  readonly ebbState: readonly number[];
  /** A 12-bit number for each page that is in use. */
  readonly pageAlloc: readonly number[];
}

/**
 * Reads the reply to LARGE_CONFIG_GET of MEMORY_STATE_INFO_GET.
 *
 * @throws InputError when bytes are missing
 */
export function decodeMemoryState(
  payload: Uint8Array,
  source = "MEMORY_STATE_INFO",
): MemoryState[] {
  return decodeTlvs(payload, source).map(({ type, value }) => {
    const reader = new ByteReader(value, `${source} TLV ${type}`);
    return {
      type,
      freePhysPages: reader.u32("free pages"),
      ebbState: readCountedWords(reader, "bank state"),
      pageAlloc: readCounted(reader, "page", 2, (at) => at.u16("page")),
    };
  });
}

/** @returns a TLV for each memory */
export function encodeMemoryState(states: readonly MemoryState[]): Uint8Array {
  return encodeTlvs(
    states.map(({ type, freePhysPages, ebbState, pageAlloc }) => {
      const words = encodeWords([freePhysPages, ebbState.length, ...ebbState, pageAlloc.length]);
      const pages = pageAlloc.flatMap((page) => [page & 0xff, page >> 8]);
      return { type, value: concat(words, Uint8Array.from(pages)) };
    }),
  );
}

/** TLV types of POWER_STATE_INFO_GET. */
export const PowerStateType = {
  /** Mask of cores that are on. */
  ACTIVE_CORES_MASK: 0,
  /** Thousands of cycles a second that each core is set up for. */
  CORE_KCPS: 1,
} as const;
export type PowerStateType = (typeof PowerStateType)[keyof typeof PowerStateType];

/** Reply to LARGE_CONFIG_GET of POWER_STATE_INFO_GET; a part that the firmware did not send is absent. */
export interface PowerState {
  /** A bit for each core that is on. */
  readonly activeCoresMask?: number | undefined;
  /** Thousands of cycles a second that each core is set up for. */
  readonly coreKcps?: readonly number[] | undefined;
  /** TLVs of types that the protocol does not define; absent when there are none. */
  readonly others?: readonly Tlv[] | undefined;
}

/**
 * Reads the reply to LARGE_CONFIG_GET of POWER_STATE_INFO_GET.
 *
 * @throws InputError when bytes are missing
 */
export function decodePowerState(payload: Uint8Array, source = "POWER_STATE_INFO"): PowerState {
  let state: PowerState = {};
  for (const { type, value } of decodeTlvs(payload, source)) {
    const reader = new ByteReader(value, `${source} TLV ${type}`);
    if (type === PowerStateType.ACTIVE_CORES_MASK) {
      state = { ...state, activeCoresMask: reader.u32("mask of cores") };
    } else if (type === PowerStateType.CORE_KCPS) {
      const coreKcps: number[] = [];
      while (reader.remaining > 0) coreKcps.push(reader.u32("cycles of a core"));
      state = { ...state, coreKcps };
    } else {
      state = { ...state, others: [...(state.others ?? []), { type, value }] };
    }
  }
  return state;
}

/** @returns a TLV for each part that there is, those that the protocol does not define last */
export function encodePowerState({ activeCoresMask, coreKcps, others }: PowerState): Uint8Array {
  return encodeTlvs([
    ...(activeCoresMask === undefined
      ? []
      : [wordTlv(PowerStateType.ACTIVE_CORES_MASK, activeCoresMask)]),
    ...(coreKcps === undefined
      ? []
      : [{ type: PowerStateType.CORE_KCPS, value: encodeWords(coreKcps) }]),
    ...(others ?? []),
  ]);
}

/**
 * Reads the reply to LARGE_CONFIG_GET of PIPELINE_LIST_INFO_GET: a count and ids.
 *
 * @throws InputError when bytes are missing
 */
export function decodePipelineList(payload: Uint8Array, source = "PIPELINE_LIST_INFO"): number[] {
  return readCountedWords(new ByteReader(payload, source), "pipeline id");
}

/** @returns count and ids */
export const encodePipelineList = (ids: readonly number[]): Uint8Array => encodeCountedWords(ids);
