import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rnd, sat } from "../test/reference/exact.js";
import { DATA, get, half, kernelMemory, put, sx24, word } from "../test/memory.js";
import { createGainKernels, volumePatternBytes, writeVolumePattern } from "./index.js";

const memory = kernelMemory();
const kernels = createGainKernels(memory);
const OUT = DATA + 0x1000;
const VOLUMES = DATA + 0x2000;

const formats = [
  ["S16", kernels.gainS16, kernels.levelS16, 2, 16, half, (x: number) => x],
  ["S24", kernels.gainS24, kernels.levelS24, 4, 24, word, sx24],
  ["S32", kernels.gainS32, kernels.levelS32, 4, 32, word, (x: number) => x],
] as const;

const volume = fc.oneof(fc.constantFrom(0, 1, 0x7fffffff), fc.integer({ min: 0, max: 0x7fffffff }));

describe("gain kernels", () => {
  it.each(formats)(
    "scale %s by the volume of each channel",
    (_name, gain, _level, bytes, bits, sample, read) => {
      fc.assert(
        fc.property(
          fc.integer({ min: 1, max: 8 }).chain((channels) =>
            fc.tuple(
              fc.array(volume, { minLength: channels, maxLength: channels }),
              fc.array(fc.array(sample, { minLength: channels, maxLength: channels }), {
                maxLength: 9,
              }),
            ),
          ),
          ([volumes, frames]) => {
            const samples = frames.flat();
            const channels = volumes.length;
            put(memory, DATA, samples, bytes);
            writeVolumePattern(memory, VOLUMES, Int32Array.from(volumes), channels);
            gain(DATA, OUT, samples.length, VOLUMES, volumePatternBytes(channels));
            const expected = samples.map((x, i) =>
              Number(sat(rnd(BigInt(read(x)) * BigInt(volumes[i % channels] as number), 31), bits)),
            );
            expect(get(memory, OUT, samples.length, bytes)).toEqual(expected);
            gain(DATA, DATA, samples.length, VOLUMES, volumePatternBytes(channels));
            expect(get(memory, DATA, samples.length, bytes)).toEqual(expected);
          },
        ),
        { numRuns: 100 },
      );
    },
  );

  it.each(formats)(
    "scale %s by one level for all",
    (_name, _gain, level, bytes, bits, sample, read) => {
      fc.assert(
        fc.property(fc.array(sample, { maxLength: 9 }), word, (samples, factor) => {
          put(memory, DATA, samples, bytes);
          level(DATA, OUT, samples.length, factor);
          const expected = samples.map((x) => {
            const product = rnd(BigInt(read(x)) * BigInt(factor), 23);
            // Narrow saturations take 32 bits.
            return Number(sat(bits === 32 ? product : BigInt.asIntN(32, product), bits));
          });
          expect(get(memory, OUT, samples.length, bytes)).toEqual(expected);
        }),
        { numRuns: 100 },
      );
    },
  );

  it("round half up", () => {
    put(memory, DATA, [1, -1, 0x40000000, -0x80000000], 4);
    writeVolumePattern(memory, VOLUMES, Int32Array.of(0x40000000), 1);
    kernels.gainS32(DATA, OUT, 4, VOLUMES, 16);
    expect(get(memory, OUT, 4, 4)).toEqual([1, 0, 536870912, -1073741824]);
  });

  it("collect peaks of each channel", () => {
    memory.i32.fill(0, VOLUMES >> 2, (VOLUMES >> 2) + 8);
    put(memory, DATA, [100, -0x8000, -200, 5], 2);
    kernels.peaks16(DATA, 2, 2, VOLUMES, 16);
    expect(get(memory, VOLUMES, 2, 4)).toEqual([200 << 16, -0x80000000]);
    put(memory, DATA, [-0x7fffff, 7], 4);
    kernels.peaks32(DATA, 1, 2, VOLUMES, 8);
    expect(get(memory, VOLUMES, 2, 4)).toEqual([0x7fffff00, -0x80000000]);
  });

  it.each([1, 2, 3, 4, 8])("collect peaks of %d channels of any length", (channels) => {
    fc.assert(
      fc.property(
        fc.array(fc.array(word, { minLength: channels, maxLength: channels }), { maxLength: 11 }),
        (frames) => {
          memory.i32.fill(0, VOLUMES >> 2, (VOLUMES >> 2) + 8);
          put(memory, DATA, frames.flat(), 4);
          kernels.peaks32(DATA, frames.length, channels, VOLUMES, 0);
          const expected = Array.from({ length: channels }, (_, c) =>
            Math.max(0, ...frames.map((frame) => Math.abs(frame[c] as number))),
          );
          expect(get(memory, VOLUMES, channels, 4).map((x) => x >>> 0)).toEqual(expected);
        },
      ),
      { numRuns: 50 },
    );
  });

  it("find the last sign change of the channel sum, looking back", () => {
    const state = VOLUMES;
    memory.i32[state >> 2] = 0;
    // Sums: +, -, -, +
    put(memory, DATA, [5, 1, -5, 1, -9, 1, 3, 3], 4);
    expect(kernels.zeroCrossing(2, DATA, 4, 2, state)).toBe(3);
    memory.i32[state >> 2] = 0;
    expect(kernels.zeroCrossing(2, DATA, 1, 2, state)).toBe(0);
    memory.i32[state >> 2] = -1;
    expect(kernels.zeroCrossing(2, DATA, 1, 2, state)).toBe(1);
    // The sum of two full-scale channels does not wrap.
    memory.i32[state >> 2] = 0;
    put(memory, DATA, [0x7fffffff, 0x7fffffff], 4);
    expect(kernels.zeroCrossing(2, DATA, 1, 2, state)).toBe(0);
    put(memory, DATA, [0x800000, 0], 4);
    expect(kernels.zeroCrossing(1, DATA, 1, 2, state)).toBe(1);
  });
});
