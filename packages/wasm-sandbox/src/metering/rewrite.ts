import type { Body } from "../binary/module-parts.js";
import { EMPTY_BLOCK, Op, TYPE_I32 } from "../binary/opcodes.js";
import { WasmWriter } from "../binary/wasm-writer.js";
import { type FloatKind, floatFacts, writeCanonical } from "./nan.js";
import type { FunctionScan } from "./scan.js";

/** Indices of what the pass adds to the module. */
export interface Gauges {
  /** Globals. */
  readonly fuel: number;
  readonly depth: number;
  readonly denied: number;
  /** Functions, each `(i32) -> i32`. */
  readonly refuel: number;
  readonly bulk: number;
  readonly grow: number;
  readonly pass: number;
  readonly stackBytes: number;
}

/** Functions that the pass adds. */
export const HelperCount = 4;

/** Bytes that a bulk operation moves for one unit of fuel, as a power of two. */
const BULK_SHIFT = 3;
/** Fuel for a page of new memory, as a power of two: what filling it costs. */
const PAGE_SHIFT = 16 - BULK_SHIFT;
/** Frames of functions that call nothing are small enough to be left uncounted up to this size. */
const LEAF_BYTES = 1024;

/**
 * Writes a function body anew with its charges put in.
 *
 * A body that is charged for stack becomes a block inside the function: whatever leaves it, also a branch
 * to its outermost label, comes to the code that gives the stack back.
 *
 * @param blockType of that block, as the signed number of the binary format
 */
export function rewriteFunction(
  bytes: Uint8Array,
  body: Body,
  scan: FunctionScan,
  frame: number,
  gauges: Gauges,
  blockType: number,
): WasmWriter {
  const out = new WasmWriter((body.end - body.start) * 2);
  const { floats, locals } = scan;
  out.u32(scan.localGroups + floats.length).bytes(bytes.subarray(scan.localsAt, scan.code));
  for (const kind of floats) out.u32(1).u8(floatFacts[kind].type);
  const counted = scan.calls || frame > LEAF_BYTES;
  charge(out, gauges, Math.max(1, scan.entryCost) + (counted ? DEPTH_COST : 0));
  if (counted) {
    take(out, gauges, frame);
    out.u8(Op.BLOCK).s32(blockType);
  }
  let at = scan.code;
  for (const edit of scan.edits) {
    out.bytes(bytes.subarray(at, edit.at));
    at = edit.at;
    switch (edit.kind) {
      case "loop":
        charge(out, gauges, scan.loopCosts[edit.value] as number);
        break;
      case "return":
        if (counted) {
          out.u8(Op.BR).u32(edit.value);
          at++;
        }
        break;
      case "bulk":
        out.u8(Op.CALL).u32(gauges.bulk);
        break;
      case "nan":
        writeCanonical(out, floats[edit.value] as FloatKind, locals + edit.value);
        break;
      case "grow":
        out.u8(Op.CALL).u32(gauges.grow);
        at += growBytes(bytes, at);
        break;
    }
  }
  out.bytes(bytes.subarray(at, body.end));
  if (counted) {
    out.u8(Op.GLOBAL_GET).u32(gauges.depth).u8(Op.I32_CONST).s32(frame).u8(Op.I32_SUB);
    out.u8(Op.GLOBAL_SET).u32(gauges.depth);
    out.u8(Op.END);
  }
  return out;
}

/** Instructions that counting the stack adds to a function. */
const DEPTH_COST = 6;

/** Length of a `memory.grow` with its memory index. */
function growBytes(bytes: Uint8Array, at: number): number {
  let length = 2;
  while (((bytes[at + length - 1] as number) & 0x80) !== 0) length++;
  return length;
}

/** Fuel is taken before the work; below zero the module stops. */
function charge(out: WasmWriter, gauges: Gauges, cost: number): void {
  out.u8(Op.GLOBAL_GET).u32(gauges.fuel).u8(Op.I32_CONST).s32(cost).u8(Op.I32_SUB);
  out.u8(Op.GLOBAL_SET).u32(gauges.fuel);
  stopWhenEmpty(out, gauges);
}

function stopWhenEmpty(out: WasmWriter, gauges: Gauges): void {
  out.u8(Op.GLOBAL_GET).u32(gauges.fuel).u8(Op.I32_CONST, 0, Op.I32_LT_S);
  out.u8(Op.IF, EMPTY_BLOCK, Op.UNREACHABLE, Op.END);
}

function take(out: WasmWriter, gauges: Gauges, frame: number): void {
  out.u8(Op.GLOBAL_GET).u32(gauges.depth).u8(Op.I32_CONST).s32(frame).u8(Op.I32_ADD);
  out.u8(Op.GLOBAL_SET).u32(gauges.depth);
  out.u8(Op.GLOBAL_GET).u32(gauges.depth).u8(Op.I32_CONST).s32(gauges.stackBytes);
  out.u8(Op.I32_GT_U, Op.IF, EMPTY_BLOCK, Op.UNREACHABLE, Op.END);
}

/** `refuel(budget)`: the fuel left; the tank holds `budget` from here on. */
export function refuelBody(gauges: Gauges): WasmWriter {
  const out = new WasmWriter().u8(0);
  out.u8(Op.GLOBAL_GET).u32(gauges.fuel);
  out.u8(Op.LOCAL_GET, 0, Op.GLOBAL_SET).u32(gauges.fuel);
  out.u8(Op.I32_CONST, 0, Op.GLOBAL_SET).u32(gauges.denied);
  return out.u8(Op.END);
}

/** `pass(fuel)`: the fuel left; the tank holds `fuel` from here on, and nothing else changes. */
export function passBody(gauges: Gauges): WasmWriter {
  const out = new WasmWriter().u8(0);
  out.u8(Op.GLOBAL_GET).u32(gauges.fuel);
  return out.u8(Op.LOCAL_GET, 0, Op.GLOBAL_SET).u32(gauges.fuel).u8(Op.END);
}

/** `bulk(length)`: charges for `length` bytes and returns it. */
export function bulkBody(gauges: Gauges): WasmWriter {
  const out = new WasmWriter().u8(0);
  out.u8(Op.GLOBAL_GET).u32(gauges.fuel);
  out.u8(Op.LOCAL_GET, 0, Op.I32_CONST, BULK_SHIFT, Op.I32_SHR_U, Op.I32_SUB);
  out.u8(Op.GLOBAL_SET).u32(gauges.fuel);
  stopWhenEmpty(out, gauges);
  return out.u8(Op.LOCAL_GET, 0, Op.END);
}

/** `grow(pages)`: as `memory.grow`, charged for the pages; notes a refusal. */
export function growBody(gauges: Gauges): WasmWriter {
  const out = new WasmWriter().u8(1, 1, TYPE_I32);
  out.u8(Op.LOCAL_GET, 0, Op.MEMORY_GROW, 0, Op.LOCAL_TEE, 1, Op.I32_CONST, 0x7f, Op.I32_EQ);
  out.u8(Op.IF, EMPTY_BLOCK, Op.I32_CONST, 1, Op.GLOBAL_SET).u32(gauges.denied);
  out.u8(Op.ELSE, Op.GLOBAL_GET).u32(gauges.fuel);
  out.u8(Op.LOCAL_GET, 0, Op.I32_CONST, PAGE_SHIFT, Op.I32_SHL, Op.I32_SUB);
  out.u8(Op.GLOBAL_SET).u32(gauges.fuel);
  stopWhenEmpty(out, gauges);
  return out.u8(Op.END, Op.LOCAL_GET, 1, Op.END);
}
