import { meterModule } from "@sof-ts/wasm-sandbox";
import { describe, expect, it } from "vitest";
import { assemble, F32, F64, I32, moduleWith, u32 } from "./assembler.js";

/** Bits of NaNs: of two payloads, a signalling one, one with its sign; then 1, 0, infinity, -1. */
const VALUES_32 = [
  0x7fc0_0001, 0x7fd0_0002, 0x7fa0_0003, 0xffc0_0004, 0x3f80_0000, 0, 0x7f80_0000, 0xbf80_0000,
];
const CANONICAL_32 = 0x7fc0_0000;
const CANONICAL_64 = 0x7ff8_0000_0000_0000n;
const OUT = 1024;
const NAN_FIRST = [0, 1, 2, 3];

const load32 = (at: number) => [0x41, 0, 0x2a, 2, ...u32(4 * at)];
const load64 = (at: number) => [...load32(at), 0xbb];
const splat = (at: number, splatOpcode: number) => [...load32(at), 0xfd, splatOpcode];

/** Runs code that leaves a result, stores it by `store`, and gives the 16 bytes there. */
function stored(code: readonly number[], store: readonly number[]): DataView {
  const binary = assemble({
    functions: moduleWith({
      name: "main",
      locals: [F32, F64, I32],
      code: [0x41, 0, ...code, ...store, ...u32(OUT)],
    }),
  });
  const metered = new WebAssembly.Module(meterModule(binary, "nan.wasm").bytes);
  const { exports } = new WebAssembly.Instance(metered);
  (exports["__sof_refuel"] as (budget: number) => number)(1e6);
  const { buffer } = exports["memory"] as WebAssembly.Memory;
  new Uint32Array(buffer).set(VALUES_32);
  (exports["main"] as () => void)();
  return new DataView(buffer, OUT, 16);
}

const STORE_32 = [0x38, 2];
const STORE_64 = [0x39, 3];
const STORE_128 = [0xfd, 11, 4];

describe("a result that is not a number is the canonical one", () => {
  const binary = { add: 0, sub: 1, mul: 2, div: 3, min: 4, max: 5 };
  const unary = { ceil: 0, floor: 1, trunc: 2, nearest: 3, sqrt: 4 };
  const pairs = NAN_FIRST.flatMap((a) => VALUES_32.map((_, b) => [a, b] as const));

  it.each(Object.entries(binary))("of f32 and f64 %s, whatever the operands", (_name, index) => {
    for (const [a, b] of [...pairs, ...pairs.map(([a, b]) => [b, a] as const)]) {
      const single = stored([...load32(a), ...load32(b), 0x92 + index], STORE_32);
      expect(single.getUint32(0, true)).toBe(CANONICAL_32);
      const double = stored([...load64(a), ...load64(b), 0xa0 + index], STORE_64);
      expect(double.getBigUint64(0, true)).toBe(CANONICAL_64);
    }
  });

  it.each(Object.entries(unary))("of f32 and f64 %s", (_name, index) => {
    for (const a of NAN_FIRST) {
      expect(stored([...load32(a), 0x8d + index], STORE_32).getUint32(0, true)).toBe(CANONICAL_32);
      const double = stored([...load64(a), 0x9b + index], STORE_64);
      expect(double.getBigUint64(0, true)).toBe(CANONICAL_64);
    }
  });

  it("of what has no result: 0 / 0, infinity - infinity, the root of -1", () => {
    for (const code of [
      [...load32(5), ...load32(5), 0x95],
      [...load32(6), ...load32(6), 0x93],
      [...load32(7), 0x91],
    ]) {
      expect(stored(code, STORE_32).getUint32(0, true)).toBe(CANONICAL_32);
    }
  });

  it("of conversions between the two", () => {
    for (const a of NAN_FIRST) {
      expect(stored(load64(a), STORE_64).getBigUint64(0, true)).toBe(CANONICAL_64);
      expect(stored([...load64(a), 0xb6], STORE_32).getUint32(0, true)).toBe(CANONICAL_32);
    }
  });

  it.each([
    ["f32x4", 19, [103, 104, 105, 106, 227], [228, 229, 230, 231, 232, 233]],
    ["f64x2", 20, [116, 117, 122, 148, 239], [240, 241, 242, 243, 244, 245]],
  ])("of %s, in each lane", (kind, splatOpcode, unaryOps, binaryOps) => {
    const operand = (at: number): number[] =>
      kind === "f32x4" ? splat(at, splatOpcode) : [...load64(at), 0xfd, splatOpcode];
    const check = (code: readonly number[]): void => {
      const view = stored(code, STORE_128);
      for (let at = 0; at < 16; at += 8) {
        if (kind === "f64x2") expect(view.getBigUint64(at, true)).toBe(CANONICAL_64);
        else {
          expect([view.getUint32(at, true), view.getUint32(at + 4, true)]).toEqual([
            CANONICAL_32,
            CANONICAL_32,
          ]);
        }
      }
    };
    for (const op of unaryOps) check([...operand(1), 0xfd, ...u32(op)]);
    for (const op of binaryOps) {
      check([...operand(0), ...operand(1), 0xfd, ...u32(op)]);
      check([...operand(1), ...operand(4), 0xfd, ...u32(op)]);
      check([...operand(4), ...operand(3), 0xfd, ...u32(op)]);
    }
  });

  it("and numbers, and the bits of what is only moved, stay as they are", () => {
    const sum = stored([...load32(4), ...load32(4), 0x92], STORE_32);
    expect(sum.getFloat32(0, true)).toBe(2);
    for (const a of NAN_FIRST) {
      expect(stored(load32(a), STORE_32).getUint32(0, true)).toBe(VALUES_32[a]);
      const sign = (VALUES_32[a] as number) ^ 0x8000_0000;
      expect(stored([...load32(a), 0x8c], STORE_32).getUint32(0, true)).toBe(sign >>> 0);
    }
    const mixed = [...load32(4), 0xfd, 19, ...load32(1), 0xfd, 32, 2, ...load32(4), 0xfd, 19];
    const lanes = stored([...mixed, 0xfd, ...u32(228)], STORE_128);
    expect([0, 4, 12].map((at) => lanes.getFloat32(at, true))).toEqual([2, 2, 2]);
    expect(lanes.getUint32(8, true)).toBe(CANONICAL_32);
  });

  it("where it is used up at once in further arithmetic too", () => {
    // ((nan + nan) * nan) + 1, each result on top for the next.
    const code = [...load32(4), ...load32(0), ...load32(1), ...load32(3), 0x94, 0x92, 0x92];
    expect(stored(code, STORE_32).getUint32(0, true)).toBe(CANONICAL_32);
    // A comparison does not show which NaN it was.
    const less = [...load32(0), ...load32(1), 0x92, ...load32(4), 0x5d];
    expect(stored(less, [0x36, 2]).getUint32(0, true)).toBe(0);
  });
});
