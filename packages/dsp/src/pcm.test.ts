import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rnd, sat } from "../test/reference/exact.js";
import { DATA, get, half, kernelMemory, put, sx24, word } from "../test/memory.js";
import { createPcmKernels, type PcmKernels } from "./index.js";

const memory = kernelMemory();
const pcm = createPcmKernels(memory);

const rounded = (value: number, shift: number, bits: number) =>
  Number(sat(rnd(BigInt(value), shift), bits));

/** What `(float) x / 2^q` is in bits when the mantissa is cut, not rounded. */
function cutFloat(value: number, fraction: number): number {
  if (value === 0) return 0;
  const size = BigInt(Math.abs(value));
  const top = size.toString(2).length - 1;
  const mantissa = top >= 23 ? size >> BigInt(top - 23) : size << BigInt(23 - top);
  const bits =
    (value < 0 ? 1n << 31n : 0n) | (BigInt(127 + top - fraction) << 23n) | (mantissa & 0x7fffffn);
  return Number(BigInt.asIntN(32, bits));
}

/** The integer that a float's bits stand for, by shifts of its mantissa. */
function intOf(bits: number, fraction: number): number {
  const exponent = ((bits >> 23) & 255) + fraction - 127;
  const mantissa = BigInt(0x800000 | (bits & 0x7fffff));
  const shifted = (by: number) => {
    const places = BigInt(Math.min(Math.abs(by), 32));
    const moved = by >= 0 ? mantissa << places : mantissa >> places;
    return moved > 0x7fffffffn ? 0x7fffffffn : moved;
  };
  let value = shifted(exponent - 23);
  if (exponent - 22 < 9 || bits < 0) value += shifted(exponent - 22) & 1n;
  return Number(BigInt.asIntN(32, bits < 0 ? -BigInt.asIntN(32, value) : value));
}

type SampleKernelName = {
  [K in keyof PcmKernels]: PcmKernels[K] extends (a: number, b: number, c: number) => void
    ? K
    : never;
}[keyof PcmKernels];

const conversions: readonly [SampleKernelName, number, number, (x: number) => number][] = [
  ["s16ToS16In32", 2, 4, (x) => x],
  ["s16In32ToS16", 4, 2, (x) => (x << 16) >> 16],
  ["s16ToS24", 2, 4, (x) => x << 8],
  ["s16ToS32", 2, 4, (x) => x << 16],
  ["s24ToS16", 4, 2, (x) => rounded(sx24(x), 8, 16)],
  ["s32ToS16", 4, 2, (x) => rounded(x, 16, 16)],
  ["shiftLeft8", 4, 4, (x) => x << 8],
  ["shiftLeft16", 4, 4, (x) => x << 16],
  ["s32ToS24", 4, 4, (x) => rounded(x, 8, 24)],
  ["s32ToS24Msb", 4, 4, (x) => rounded(x, 8, 24) << 8],
  ["s32ToS16In32", 4, 4, (x) => rounded(x, 16, 16)],
  ["s24ToS16In32", 4, 4, (x) => rounded(sx24(x), 8, 16)],
  ["signExtend24", 4, 4, sx24],
  ["s16ToFloat", 2, 4, (x) => cutFloat(x, 15)],
  ["s24ToFloat", 4, 4, (x) => cutFloat(x, 23)],
  ["s32ToFloat", 4, 4, (x) => cutFloat(x, 31)],
  ["floatToS16", 4, 2, (x) => Math.min(Math.max(intOf(x, 15), -0x8000), 0x7fff)],
  ["floatToS24", 4, 4, (x) => Math.min(Math.max(intOf(x, 23), -0x800000), 0x7fffff)],
  ["floatToS32", 4, 4, (x) => intOf(x, 31)],
];

describe("PCM conversions", () => {
  it.each(conversions)(
    "%s is exact for every count and alignment",
    (name, inBytes, outBytes, reference) => {
      const kernel = pcm[name] as (src: number, dst: number, samples: number) => void;
      const sample = inBytes === 2 ? half : word;
      fc.assert(
        fc.property(fc.array(sample, { maxLength: 41 }), fc.nat(3), fc.nat(3), (samples, a, b) => {
          const src = DATA + a * inBytes;
          const dst = DATA + 0x1000 + b * outBytes;
          put(memory, src, samples, inBytes);
          put(memory, dst + samples.length * outBytes, [0x55], outBytes);
          kernel(src, dst, samples.length);
          expect(get(memory, dst, samples.length, outBytes)).toEqual(samples.map(reference));
          expect(get(memory, dst + samples.length * outBytes, 1, outBytes)).toEqual([0x55]);
        }),
        { numRuns: 60 },
      );
    },
  );

  it("agrees with the float unit where nothing is lost", () => {
    const values = [1, -1, 0x7fff, -0x8000, 12345];
    put(memory, DATA, values, 2);
    pcm.s16ToFloat(DATA, DATA + 0x100, values.length);
    const floats = new Float32Array(memory.wasm.buffer, DATA + 0x100, values.length);
    expect([...floats]).toEqual(values.map((value) => value / 32768));
  });

  it("packs 24 bits into 3 bytes and back", () => {
    put(memory, DATA, [0x123456, -2, 0x7fffff], 4);
    pcm.s24ToS24Packed(DATA, DATA + 0x100, 3);
    expect([...memory.u8.subarray(DATA + 0x100, DATA + 0x109)]).toEqual([
      0x56, 0x34, 0x12, 0xfe, 0xff, 0xff, 0xff, 0xff, 0x7f,
    ]);
    pcm.s24PackedToS24(DATA + 0x100, DATA + 0x200, 3);
    expect(get(memory, DATA + 0x200, 3, 4)).toEqual([0x123456, -2, 0x7fffff]);
  });

  it("centres unsigned bytes", () => {
    memory.u8.set([0, 127, 128, 255], DATA);
    pcm.u8ToS32(DATA, DATA + 0x100, 4);
    expect(get(memory, DATA + 0x100, 4, 4)).toEqual([-0x80000000, -0x1000000, 0, 0x7f000000]);
    put(memory, DATA, [0x7fffffff, -0x80000000, 0x00800000, 0x007fffff], 4);
    pcm.s32ToU8(DATA, DATA + 0x100, 4);
    expect([...memory.u8.subarray(DATA + 0x100, DATA + 0x104)]).toEqual([255, 0, 129, 128]);
  });
});

describe("PCM copies", () => {
  it("copy any number of bytes and no more", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(15), (bytes, at) => {
        memory.u8.fill(0xee, DATA + 0x1000, DATA + 0x1200);
        memory.u8.set(bytes, DATA + at);
        pcm.copyBytes(DATA + at, DATA + 0x1010, bytes.length);
        expect(memory.u8.slice(DATA + 0x1010, DATA + 0x1010 + bytes.length)).toEqual(bytes);
        expect(memory.u8[DATA + 0x1010 + bytes.length]).toBe(0xee);
        pcm.zeroBytes(DATA + 0x1010, bytes.length);
        expect(
          memory.u8.subarray(DATA + 0x1010, DATA + 0x1010 + bytes.length).every((x) => x === 0),
        ).toBe(true);
        expect(memory.u8[DATA + 0x1010 + bytes.length]).toBe(0xee);
      }),
      { numRuns: 60 },
    );
  });

  it("attenuate logically, sign bit and all", () => {
    const input = [-1, -0x80000000, 0x7fffffff, 8, 5];
    put(memory, DATA, input, 4);
    pcm.attenuate(DATA, input.length, 3);
    expect(get(memory, DATA, input.length, 4)).toEqual(input.map((x) => x >>> 3));
  });

  it("remap channels by nibbles, silence for what is not there", () => {
    put(memory, DATA, [10, 11, 20, 21], 2);
    pcm.remap(DATA, 2, 2, DATA + 0x100, 4, 4, 0x1f01, 8, 2);
    expect(get(memory, DATA + 0x100, 8, 4)).toEqual([
      11 << 8,
      10 << 8,
      0,
      11 << 8,
      21 << 8,
      20 << 8,
      0,
      21 << 8,
    ]);
    put(memory, DATA, [0x12345678, -1], 4);
    pcm.remap(DATA, 4, 2, DATA + 0x100, 2, 3, 0x210, -16, 1);
    expect(get(memory, DATA + 0x100, 3, 2)).toEqual([0x1234, -1, 0]);
    pcm.remap(DATA, 4, 2, DATA + 0x100, 2, 2, 0x10, -8, 1);
    expect(get(memory, DATA + 0x100, 2, 2)).toEqual([0x3456, -1]);
  });
});

describe("kernel instances", () => {
  it("are one for each memory", () => {
    expect(createPcmKernels(memory)).toBe(pcm);
    expect(createPcmKernels(kernelMemory())).not.toBe(pcm);
  });
});
