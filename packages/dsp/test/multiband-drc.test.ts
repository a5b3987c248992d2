import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  createMultibandKernels,
  MULTIBAND_STATE_BYTES,
  resetMultiband,
} from "../src/multiband-drc.js";
import { blockSizesArbitrary, signalArbitrary, widthArbitrary } from "./reference/arbitrary.js";
import { crossoverSections, drcWords, emphasisSection } from "./reference/blobs.js";
import type { Width } from "./reference/exact.js";
import { blocks, FREE, get, put, sampleBytes, testMemory } from "./reference/memory.js";
import { MultibandReference } from "./reference/multiband-drc.js";
import { crcOf, noise } from "./reference/signal.js";

const STATE = FREE;
const RINGS = FREE + 0x1000;
const SRC = FREE + 0x20000;
const DST = FREE + 0x40000;

interface Run {
  readonly width: Width;
  readonly channels?: number;
  readonly bands?: readonly (readonly number[])[];
  readonly emphasis?: boolean;
  readonly sizes?: readonly number[];
}

const threeBands = [drcWords, drcWords, drcWords];

function run(samples: readonly bigint[], options: Run): bigint[] {
  const { width, channels = 2, bands = threeBands, emphasis = true, sizes = [48] } = options;
  const memory = testMemory();
  const kernels = createMultibandKernels(memory);
  const kernel = { 16: kernels.process16, 24: kernels.process24, 32: kernels.process32 }[width];
  const pair = Int32Array.from([...emphasisSection, ...emphasisSection]);
  resetMultiband(memory, {
    state: STATE,
    rings: RINGS,
    emphasis: emphasis ? { before: pair, after: pair } : null,
    sections: Int32Array.from(crossoverSections.flat()),
    bands: bands.map((params) => Int32Array.from(params)),
    channels,
    sampleBytes: sampleBytes(width),
    rate: 48000,
  });
  put(memory, SRC, samples, width);
  const frameBytes = channels * sampleBytes(width);
  for (const { first, count } of blocks(samples.length / channels, sizes)) {
    kernel(STATE, SRC + first * frameBytes, DST + first * frameBytes, count);
  }
  return get(memory, DST, samples.length, width);
}

function reference(samples: readonly bigint[], options: Run): bigint[] {
  const { width, channels = 2, bands = threeBands, emphasis = true } = options;
  const pair = [emphasisSection, emphasisSection] as const;
  const multiband = new MultibandReference(
    {
      emphasis: pair,
      deemphasis: pair,
      useEmphasis: emphasis,
      crossover: crossoverSections,
      bands,
    },
    channels,
    width,
    48000,
  );
  const out: bigint[] = [];
  for (let i = 0; i < samples.length; i += channels)
    out.push(...multiband.frame(samples.slice(i, i + channels)));
  return out;
}

describe("multiband compressor", () => {
  it.each([
    [16, "1f03f1b7"],
    [24, "a4686e21"],
    [32, "6b0776d9"],
  ] as const)("compresses %i-bit noise in three bands to the published checksum", (width, crc) => {
    expect(crcOf(run(noise(960, width), { width }), width)).toBe(crc);
  });

  it("equals the exact formula for any signal, bands, emphasis and block sizes", () => {
    const cases = widthArbitrary.chain((width) =>
      fc.integer({ min: 1, max: 8 }).chain((channels) =>
        fc.record({
          width: fc.constant(width),
          channels: fc.constant(channels),
          emphasis: fc.boolean(),
          sizes: blockSizesArbitrary,
          samples: signalArbitrary(width, channels * 100),
          bands: fc.array(
            fc.record({
              on: fc.integer({ min: 0, max: 1 }),
              delay: fc.integer({ min: 0, max: 11_000_000 }),
            }),
            { minLength: 2, maxLength: 4 },
          ),
        }),
      ),
    );
    fc.assert(
      fc.property(cases, ({ width, channels, emphasis, sizes, samples, bands }) => {
        const options = {
          width,
          channels,
          emphasis,
          sizes,
          bands: bands.map(({ on, delay }) => [
            on,
            ...drcWords.slice(1, 4),
            delay,
            ...drcWords.slice(5),
          ]),
        };
        expect(run(samples, options)).toEqual(reference(samples, options));
      }),
      { numRuns: 15 },
    );
  });

  it("needs 2864 bytes of state", () => {
    expect(MULTIBAND_STATE_BYTES).toBe(2864);
  });
});
