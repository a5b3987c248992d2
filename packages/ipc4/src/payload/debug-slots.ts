import { array, u32 } from "../fields.js";
import { type Codec, struct } from "../struct.js";

/** Bytes of a slot in the debug window; slot 0 holds the {@link debugSlotTable}. */
export const DEBUG_SLOT_BYTES = 0x1000;

/** Slots that hold data. */
export const DEBUG_SLOTS = 15;

/** Kinds of slots (SOF's `ADSP_DW_SLOT_*`). */
export const DebugSlotType = {
  UNUSED: 0,
  /** Low byte: core. */
  CRITICAL_LOG: 0x5452_4300,
  /** Low byte: core. */
  MTRACE_LOG: 0x474f_4c00,
  GDB_STUB: 0x4244_4700,
  TELEMETRY: 0x4c45_5400,
  BROKEN: 0x4441_4544,
} as const;
export type DebugSlotType = (typeof DebugSlotType)[keyof typeof DebugSlotType];

/** @returns the slot type of a core's log: {@link DebugSlotType.CRITICAL_LOG} or MTRACE_LOG and the core */
export const logSlotType = (
  kind: typeof DebugSlotType.CRITICAL_LOG | typeof DebugSlotType.MTRACE_LOG,
  coreId: number,
): number => kind + coreId;

/** What a slot is used for (Zephyr's `struct adsp_dw_desc`). */
export interface DebugSlot {
  readonly resourceId: number;
  /** A {@link DebugSlotType}, with a core in its low byte where it is a log. */
  readonly type: number;
  readonly vma: number;
}

/** Reads and writes the 12 bytes of a {@link DebugSlot}. */
export const debugSlot: Codec<DebugSlot> = struct("debug slot descriptor", 12, {
  resourceId: u32(0),
  type: u32(4),
  vma: u32(8),
});

/** Descriptors of slots 1 to 15, at the start of slot 0. */
export interface DebugSlotTable {
  readonly slots: readonly DebugSlot[];
}

/** Reads and writes the 180 bytes of a {@link DebugSlotTable}. */
export const debugSlotTable: Codec<DebugSlotTable> = struct("debug slot table", 180, {
  slots: array(0, DEBUG_SLOTS, debugSlot),
});

/** @returns offset of slot `index` (0..15) in the debug window */
export const debugSlotOffset = (index: number): number => index * DEBUG_SLOT_BYTES;
