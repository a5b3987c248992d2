import { Op, TYPE_F32, TYPE_F64, TYPE_V128 } from "../binary/opcodes.js";
import type { WasmWriter } from "../binary/wasm-writer.js";

/**
 * Which NaN arithmetic gives is left open: its sign differs between processors, and with two NaNs for operands its
 * bits differ between the engine's compilers, of which the slower one takes over when it is ready. A module that
 * looked at the bits would not do the same twice. So each result that is not a number becomes the canonical NaN.
 */
export type FloatKind = "f32" | "f64" | "f32x4" | "f64x2";

interface FloatFacts {
  /** Type of the local that the result waits in. */
  readonly type: number;
  /** The constant. */
  readonly nan: readonly number[];
  /** Comparison of the result with itself, and the choice between the two. */
  readonly equal: readonly number[];
  readonly choose: readonly number[];
}

const NAN_32 = [0x00, 0x00, 0xc0, 0x7f];
const NAN_64 = [0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xf8, 0x7f];
const SELECT = [0x1b];
const BITSELECT = [Op.SIMD, 82];

export const floatFacts: Readonly<Record<FloatKind, FloatFacts>> = {
  f32: { type: TYPE_F32, nan: [0x43, ...NAN_32], equal: [0x5b], choose: SELECT },
  f64: { type: TYPE_F64, nan: [0x44, ...NAN_64], equal: [0x61], choose: SELECT },
  f32x4: {
    type: TYPE_V128,
    nan: [Op.SIMD, 12, ...NAN_32, ...NAN_32, ...NAN_32, ...NAN_32],
    equal: [Op.SIMD, 65],
    choose: BITSELECT,
  },
  f64x2: {
    type: TYPE_V128,
    nan: [Op.SIMD, 12, ...NAN_64, ...NAN_64],
    equal: [Op.SIMD, 71],
    choose: BITSELECT,
  },
};

const F32_FROM_F64 = 0xb6;
const F64_FROM_F32 = 0xbb;

const inRange = (opcode: number, first: number, last: number): boolean =>
  opcode >= first && opcode <= last;

/** What an instruction's result is if it may be a NaN of any bits, else null. */
export function floatResult(opcode: number, extension: number): FloatKind | null {
  if (opcode === Op.SIMD) return vectorResult(extension);
  // From ceil to max: abs, neg and copysign only move bits.
  if (inRange(opcode, 0x8d, 0x97) || opcode === F32_FROM_F64) return "f32";
  return inRange(opcode, 0x9b, 0xa5) || opcode === F64_FROM_F32 ? "f64" : null;
}

function vectorResult(extension: number): FloatKind | null {
  // demote; ceil, floor, trunc, nearest; sqrt, add, sub, mul, div, min, max
  if (extension === 94 || inRange(extension, 103, 106)) return "f32x4";
  if (inRange(extension, 227, 233)) return "f32x4";
  if ([95, 116, 117, 122, 148].includes(extension)) return "f64x2";
  return inRange(extension, 239, 245) ? "f64x2" : null;
}

/** Whether the instruction that follows takes a result of this kind without showing which NaN it is. */
export function hidesNan(kind: FloatKind, next: number): boolean {
  switch (kind) {
    case "f32":
      return inRange(next, 0x8d, 0x97) || next === F64_FROM_F32 || inRange(next, 0x5b, 0x60);
    case "f64":
      return inRange(next, 0x9b, 0xa5) || next === F32_FROM_F64 || inRange(next, 0x61, 0x66);
    default:
      return false;
  }
}

/** Puts the canonical NaN in place of any on top of the operand stack. @param local free to be used */
export function writeCanonical(out: WasmWriter, kind: FloatKind, local: number): void {
  const { nan, equal, choose } = floatFacts[kind];
  out.u8(Op.LOCAL_TEE).u32(local);
  out.u8(...nan);
  out.u8(Op.LOCAL_GET).u32(local).u8(Op.LOCAL_GET).u32(local);
  out.u8(...equal, ...choose);
}
