import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSrcKernels, planSrcStage, resetSrcStage, srcStageBytes } from "../src/src.js";
import {
  polyphaseSteps,
  srcConversion,
  type SrcFilter,
  srcFilter,
  srcLiteConversion,
} from "../src/src-tables.js";
import { sampleArbitrary, widthArbitrary } from "./reference/arbitrary.js";
import type { Width } from "./reference/exact.js";
import { FREE, get, put, sampleBytes, testMemory } from "./reference/memory.js";
import { crcOf, noise } from "./reference/signal.js";
import { stageReference, stepsOf } from "./reference/src.js";

const STAGE = FREE;
const SRC = FREE + 0x60000;
const WIDE = FREE + 0x90000;
const MORE = FREE + 0xa0000;

/** Runs whole blocks through one or two stages, a few blocks at a time. */
function run(
  filters: readonly SrcFilter[],
  samples: readonly bigint[],
  channels: number,
  width: Width,
  step = 1,
): bigint[] {
  const memory = testMemory();
  const kernels = createSrcKernels(memory);
  const [first, second] = filters.map((filter, i) => {
    const plan = planSrcStage(filter);
    const unusedFrames = 400;
    const address = STAGE + i * 0x30000;
    expect(srcStageBytes(plan, channels, unusedFrames)).toBeLessThan(0x30000);
    resetSrcStage(memory, plan, { address, channels, width, unusedFrames });
    return { filter, address, waiting: 0 };
  });
  if (first === undefined) throw new Error("no stage");
  put(memory, SRC, samples, width);
  const frameBytes = channels * sampleBytes(width);
  const block = first.filter.decimation * step;
  const out: bigint[] = [];
  const take = (from: number, frames: number) => {
    kernels.write(width, from, MORE + 0x20000, frames * channels);
    out.push(...get(memory, MORE + 0x20000, frames * channels, width));
  };
  for (let at = 0; at + block <= samples.length / channels; at += block) {
    // In two parts, as a ring that wraps hands it over.
    const part = block >> 1;
    kernels.append(first.address, SRC + at * frameBytes, part);
    kernels.append(first.address, SRC + (at + part) * frameBytes, block - part);
    kernels.run(first.address, step, WIDE);
    const frames = first.filter.interpolation * step;
    if (second === undefined) {
      take(WIDE, frames);
      continue;
    }
    kernels.appendWide(second.address, WIDE, frames);
    second.waiting += frames;
    const blocks = Math.floor(second.waiting / second.filter.decimation);
    kernels.run(second.address, blocks, MORE);
    second.waiting -= blocks * second.filter.decimation;
    take(MORE, blocks * second.filter.interpolation);
  }
  return out;
}

const channelOf = (samples: readonly bigint[], channels: number, ch: number) =>
  samples.filter((_, i) => i % channels === ch);

function reference(
  filters: readonly SrcFilter[],
  samples: readonly bigint[],
  channels: number,
  width: Width,
): bigint[] {
  const outputs = Array.from({ length: channels }, (_, ch) =>
    filters.reduce<readonly bigint[]>(
      (x, filter) =>
        stageReference(
          { ...filter, coefficients: [...filter.words].map((word) => word * 256) },
          x,
          width,
        ),
      channelOf(samples, channels, ch),
    ),
  );
  return (outputs[0] ?? []).flatMap((_, i) => outputs.map((output) => output[i] as bigint));
}

const filtersOf = (from: number, to: number) => (srcConversion(from, to) ?? []).map(srcFilter);

describe("rate converter", () => {
  it.each([
    [44100, 48000, 500, "cee64c36"],
    [16000, 48000, 1440, "7e0ece42"],
    [96000, 48000, 240, "70d838d6"],
  ] as const)(
    "converts 480 frames of noise at %i to %i Hz to the published checksum",
    (from, to, frames, crc) => {
      const out = run(filtersOf(from, to), noise(960, 32), 2, 32);
      expect([out.length / 2, crcOf(out, 32)]).toEqual([frames, crc]);
    },
  );

  it("makes the published samples with a filter of two sub-filters", () => {
    const first = [0x10000000, 0x30000000, 0x10000000, -0x08000000];
    const second = [-0x08000000, 0x20000000, 0x28000000, 0x04000000];
    const filter = {
      name: "example",
      interpolation: 2,
      decimation: 1,
      subFilterLength: 4,
      shift: 1,
      words: Int32Array.from([...first, ...second], (word) => word >> 8),
    };
    const input = [1015568748n, -2129264258n, 217083232n, -967385710n];
    expect(run([filter], input, 1, 32).join(" ")).toBe(
      "63473047 -31736523 57340124 193485602 -322196300 -114259266 -184574040 -259463071",
    );
  });

  it("equals the exact formula for any filter, samples, channels and width", () => {
    const cases = fc
      .record({
        width: widthArbitrary,
        channels: fc.integer({ min: 1, max: 8 }),
        l: fc.integer({ min: 1, max: 21 }),
        m: fc.integer({ min: 1, max: 21 }),
        quarters: fc.integer({ min: 1, max: 12 }),
        shift: fc.integer({ min: 0, max: 3 }),
        step: fc.integer({ min: 1, max: 3 }),
      })
      .filter(({ l, m }) => l !== m && gcd(l, m) === 1)
      .chain((shape) =>
        fc.record({
          shape: fc.constant(shape),
          words: fc.array(
            fc.oneof(
              { weight: 5, arbitrary: fc.integer({ min: -500_000, max: 500_000 }) },
              { weight: 1, arbitrary: fc.constantFrom(-0x7fffff, 0x7f0000, 0) },
            ),
            { minLength: shape.quarters * 4, maxLength: shape.quarters * 4 },
          ),
          samples: fc.array(sampleArbitrary(shape.width), { minLength: 7 * 16, maxLength: 7 * 16 }),
        }),
      );
    fc.assert(
      fc.property(cases, ({ shape, words, samples }) => {
        const { width, channels, l, m, quarters, shift, step } = shape;
        const filter: SrcFilter = {
          name: "any",
          interpolation: l,
          decimation: m,
          subFilterLength: quarters * 4,
          shift,
          words: Int32Array.from(
            { length: l * quarters * 4 },
            (_, i) => words[(i * 7) % words.length] as number,
          ),
        };
        const frames = Math.floor(samples.length / channels / (m * step)) * m * step;
        const used = samples.slice(0, frames * channels);
        expect(run([filter], used, channels, width, step)).toEqual(
          reference([filter], used, channels, width),
        );
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    [8000, 48000],
    [11025, 48000],
    [48000, 44100],
    [88200, 48000],
    [192000, 8000],
    [48000, 11025],
  ])("equals the exact formula from %i to %i Hz in all widths", (from, to) => {
    for (const width of [16, 24, 32] as const) {
      const samples = noise(2 * 400, width);
      const filters = filtersOf(from, to);
      expect(run(filters, samples, 2, width)).toEqual(reference(filters, samples, 2, width));
    }
  });

  it("goes on through many blocks, over the ends of its histories", () => {
    const samples = noise(8000, 16);
    const filters = filtersOf(48000, 16000);
    expect(run(filters, samples, 1, 16)).toEqual(reference(filters, samples, 1, 16));
  });

  it("does not overflow with full-scale input of the signs of the coefficients", () => {
    for (const name of ["1_2_4535", "1_6_1134", "5_21_4535", "21_80_3968"]) {
      const filter = srcFilter(name);
      const { subFilterLength, words, decimation } = filter;
      const signs = Array.from({ length: subFilterLength }, (_, i) =>
        (words[subFilterLength - 1 - i] as number) < 0 ? -0x80000000n : 0x7fffffffn,
      );
      const frames = Math.ceil((2 * subFilterLength) / decimation) * decimation;
      const samples = Array.from(
        { length: frames },
        (_, i) => signs[i % subFilterLength] as bigint,
      );
      expect(run([filter], samples, 1, 32)).toEqual(reference([filter], samples, 1, 32));
    }
  });
});

describe("rate converter tables", () => {
  it("have the smallest steps for every ratio", () => {
    for (const [l, m] of [
      [3, 1],
      [1, 2],
      [8, 7],
      [20, 21],
      [64, 21],
      [21, 80],
    ] as const) {
      const { idm, odm } = stepsOf(l, m);
      expect(polyphaseSteps(l, m)).toEqual({ inputStep: idm, outputStep: odm });
    }
    expect(polyphaseSteps(64, 21)).toEqual({ inputStep: 20, outputStep: 61 });
  });

  it("know which pairs of rates there are", () => {
    expect(srcConversion(48000, 48000)).toEqual([]);
    expect(srcConversion(44100, 48000)).toEqual(["8_7_4535", "20_21_4167"]);
    expect(srcConversion(18900, 44100)).toEqual(["7_3_4535"]);
    expect(srcConversion(44100, 22050)).toBeNull();
    expect(srcConversion(48000, 12000)).toBeNull();
    expect(srcConversion(47999, 48000)).toBeNull();
  });

  it("offer only six pairs in the small converter", () => {
    const rates = [8000, 16000, 32000, 44100, 48000, 96000];
    const pairs = rates.flatMap((from) =>
      rates.filter((to) => srcLiteConversion(from, to) !== null).map((to) => `${from}>${to}`),
    );
    expect(pairs.join(" ")).toBe(
      "32000>16000 32000>48000 44100>16000 44100>48000 48000>16000 48000>48000",
    );
  });
});

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
