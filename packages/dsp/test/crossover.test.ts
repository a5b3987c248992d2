import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCrossoverKernels, resetSplitter, SPLITTER_BYTES } from "../src/crossover.js";
import { blockSizesArbitrary, sampleArbitrary, widthArbitrary } from "./reference/arbitrary.js";
import { crossoverSections } from "./reference/blobs.js";
import { crossoverReference, SectionReference } from "./reference/crossover.js";
import type { Width } from "./reference/exact.js";
import { blocks, FREE, get, put, sampleBytes, testMemory } from "./reference/memory.js";
import { crcOf, noise } from "./reference/signal.js";

const STATE = FREE;
const SINKS = FREE + 0x1000;
const SRC = FREE + 0x2000;
const DST = FREE + 0x20000;
const BAND = 0x10000;

interface Run {
  readonly bands: number;
  readonly width: Width;
  readonly channels?: number;
  readonly sizes?: readonly number[];
  readonly sections?: readonly (readonly number[])[];
  /** Bands that nobody takes. */
  readonly missing?: readonly number[];
}

function run(samples: readonly bigint[], options: Run): bigint[][] {
  const {
    bands,
    width,
    channels = 2,
    sizes = [48],
    sections = crossoverSections,
    missing = [],
  } = options;
  const memory = testMemory();
  const kernels = createCrossoverKernels(memory);
  resetSplitter(memory, STATE, Int32Array.from(sections.flat()));
  put(memory, SRC, samples, width);
  const frameBytes = channels * sampleBytes(width);
  for (const { first, count } of blocks(samples.length / channels, sizes)) {
    for (let band = 0; band < bands; band++) {
      memory.i32[SINKS / 4 + band] = missing.includes(band)
        ? 0
        : DST + band * BAND + first * frameBytes;
    }
    kernels.crossover(STATE, bands, width, channels, SRC + first * frameBytes, SINKS, count);
  }
  return Array.from({ length: bands }, (_, band) =>
    get(memory, DST + band * BAND, samples.length, width),
  );
}

describe("crossover", () => {
  it.each([
    [2, 16, "3c85e8f4 fa506df2"],
    [2, 24, "eeccf419 bcbb495f"],
    [2, 32, "dd85b061 764875fb"],
    [3, 16, "ded28433 05d1c7ed 1b484b2e"],
    [3, 24, "f0fbdcb2 4cf79ea9 78328a69"],
    [3, 32, "b0a63ea3 5e4bed38 0df2f952"],
    [4, 16, "2589196d 6175145a 7454d7a4 1daa33ec"],
    [4, 24, "81516581 bb103b31 16d53cc9 3f2dfdf9"],
    [4, 32, "2a4df28a 0de5392e e5103121 923b28b1"],
  ] as const)(
    "splits into %i bands of %i bits with the published checksums",
    (bands, width, crcs) => {
      const out = run(noise(960, width), { bands, width });
      expect(out.map((band) => crcOf(band, width)).join(" ")).toBe(crcs);
    },
  );

  it("equals the exact formula for any samples, output stages and block sizes", () => {
    const cases = widthArbitrary.chain((width) =>
      fc.integer({ min: 1, max: 8 }).chain((channels) =>
        fc.record({
          width: fc.constant(width),
          channels: fc.constant(channels),
          bands: fc.integer({ min: 2, max: 4 }),
          sizes: blockSizesArbitrary,
          samples: fc.array(sampleArbitrary(width), {
            minLength: channels * 80,
            maxLength: channels * 80,
          }),
          // Output stages of every other section: of unity, with a common 16-bit gain, and with any.
          stage: fc.constantFrom(
            [0, 0x4000],
            [-3, 0x4000],
            [5, -0x8000],
            [18, 0x7fff],
            [20, 0x123456],
            [-13, 3],
            [2, -0x80000000],
          ),
        }),
      ),
    );
    fc.assert(
      fc.property(cases, ({ width, channels, bands, sizes, samples, stage }) => {
        const sections = crossoverSections.map((section, i) =>
          i % 2 === 1 ? [...section.slice(0, 5), ...stage] : section,
        );
        const expected = crossoverReference(samples, channels, width, bands, sections);
        expect(run(samples, { width, channels, bands, sizes, sections })).toEqual(expected);
      }),
      { numRuns: 25 },
    );
  });

  it("wraps sums that leave 64 bits, as the accumulators of the C code do", () => {
    // A full-scale channel that a property run found: one state of the upper high-pass overflows.
    const channel = [
      0n,
      0n,
      8388607n,
      0n,
      0n,
      0n,
      0n,
      0n,
      0n,
      0n,
      8388607n,
      0n,
      0n,
      0n,
      0n,
      0n,
      8388607n,
      0n,
      -3872965n,
      -1n,
      -5941n,
      0n,
      0n,
      0n,
      0n,
      8388607n,
      0n,
      0n,
      8388607n,
      0n,
      0n,
      0n,
      0n,
      0n,
      0n,
      8388607n,
      8388607n,
      0n,
      0n,
      8388607n,
      8388607n,
      0n,
      0n,
      0n,
      0n,
      -7976151n,
      487373n,
      4n,
      -1813n,
      8388607n,
      -26123n,
      0n,
      -4981704n,
      -5659634n,
      -8388608n,
      0n,
      4484918n,
      2574n,
      8388607n,
      0n,
      105207n,
      -7n,
      0n,
      -4n,
      0n,
      -6243657n,
      0n,
      0n,
      0n,
      8388607n,
      0n,
      -5242570n,
      4891266n,
      0n,
      0n,
      0n,
      0n,
      0n,
      0n,
    ];
    const options = { width: 24, channels: 1, bands: 4, sizes: [1] } as const;
    const expected = crossoverReference(channel, 1, 24, 4, crossoverSections);
    expect(run(channel, options)).toEqual(expected);
    expect(expected[3]?.slice(-4)).toEqual([-3693153n, -6766030n, -7656330n, -7155717n]);
  });

  it("saturates upwards where rounding the largest 64-bit sum would overflow", () => {
    // b2 * x2 + b1 * x1 + b0 * x of the third sample is 2^63 - 1.
    const section = [0, 0, 0x7fffffff, -0x80000000, -0x80000000, 0, 16384];
    const samples = [1n, -0x7fffffffn, -0x80000000n];
    const filter = new SectionReference(section);
    expect(samples.map((x) => filter.next(x))[2]).toBe(0x7fffffffn);
    const sections = crossoverSections.map(() => section);
    const expected = crossoverReference(samples, 1, 32, 2, sections);
    expect(run(samples, { width: 32, channels: 1, bands: 2, sections })).toEqual(expected);
  });

  it("leaves the memory of a band that nobody takes alone", () => {
    const samples = noise(960, 32);
    const all = run(samples, { bands: 3, width: 32 });
    const some = run(samples, { bands: 3, width: 32, missing: [1] });
    expect(some[0]).toEqual(all[0]);
    expect(some[1]?.every((value) => value === 0n)).toBe(true);
    expect(some[2]).toEqual(all[2]);
  });

  it("needs 1712 bytes for its sections and their states", () => {
    expect(SPLITTER_BYTES).toBe(1712);
  });
});
