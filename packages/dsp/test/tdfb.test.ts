import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type BeamFilter,
  clearBeamHistory,
  createTdfbKernels,
  listenerBytes,
  planBeam,
  resetListener,
  resetTdfb,
  tdfbStateBytes,
  turnBeamHistory,
  writeBeam,
} from "../src/tdfb.js";
import { blockSizesArbitrary, sampleArbitrary, widthArbitrary } from "./reference/arbitrary.js";
import { crossoverSections, emphasisSection } from "./reference/blobs.js";
import { PairReference } from "./reference/crossover.js";
import { rnd, sat16, to32, type Width } from "./reference/exact.js";
import { beamReference } from "./reference/fir.js";
import { blocks, FREE, get, put, sampleBytes, testMemory } from "./reference/memory.js";
import { crcOf, noise } from "./reference/signal.js";

const STATE = FREE;
const PLAN = FREE + 0x8000;
const SRC = FREE + 0x40000;
const DST = FREE + 0x60000;

interface Run {
  readonly width: Width;
  readonly inputs: number;
  readonly outputs: number;
  readonly filters: readonly BeamFilter[];
  readonly sizes: readonly number[];
}

function run(
  samples: readonly bigint[],
  { width, inputs, outputs, filters, sizes }: Run,
): bigint[] {
  const memory = testMemory();
  const kernels = createTdfbKernels(memory);
  const kernel = width === 16 ? kernels.process16 : kernels.process32;
  resetTdfb(memory, { state: STATE, sourceChannels: inputs, sinkChannels: outputs, width });
  writeBeam(memory, STATE, planBeam(filters), PLAN);
  put(memory, SRC, samples, width);
  const bytes = sampleBytes(width);
  const frames = samples.length / inputs;
  for (const { first, count } of blocks(frames, sizes)) {
    kernel(STATE, SRC + first * inputs * bytes, DST + first * outputs * bytes, count);
  }
  return get(memory, DST, frames * outputs, width);
}

const filter = (
  input: number,
  mix: number,
  shift: number,
  taps: readonly number[],
): BeamFilter => ({
  input,
  mix,
  shift,
  taps: Int16Array.from(taps),
});

const published = [
  filter(0, 3, 0, [0x4000, 0x2000, 0x1000, -0x800]),
  filter(1, 2, 1, [0x1000, 0x4000, -0x2000, 0x400]),
];

describe("beamformer", () => {
  it.each([
    [16, "481146c8"],
    [24, "4ccd6c46"],
    [32, "44658f89"],
  ] as const)("beams %i-bit noise to the published checksum", (width, crc) => {
    const out = run(noise(960, width), {
      width,
      inputs: 2,
      outputs: 2,
      filters: published,
      sizes: [48],
    });
    expect(crcOf(out, width)).toBe(crc);
  });

  it("equals the exact formula for any taps, channels, shifts and block sizes", () => {
    const taps = fc
      .integer({ min: 1, max: 16 })
      .chain((quarter) =>
        fc.array(
          fc.oneof(
            { weight: 4, arbitrary: fc.integer({ min: -4000, max: 4000 }) },
            { weight: 1, arbitrary: fc.constantFrom(-0x8000, 0x7fff, 0) },
          ),
          { minLength: quarter * 4, maxLength: quarter * 4 },
        ),
      );
    const cases = widthArbitrary.chain((width) =>
      fc.integer({ min: 1, max: 8 }).chain((inputs) =>
        fc.record({
          width: fc.constant(width),
          inputs: fc.constant(inputs),
          outputs: fc.integer({ min: 1, max: 8 }),
          sizes: blockSizesArbitrary,
          samples: fc.array(sampleArbitrary(width), {
            minLength: inputs * 90,
            maxLength: inputs * 90,
          }),
          filters: fc.array(
            fc.record({
              input: fc.integer({ min: 0, max: inputs - 1 }),
              mix: fc.integer({ min: 0, max: 255 }),
              shift: fc.integer({ min: -3, max: 3 }),
              taps,
            }),
            { minLength: 1, maxLength: 5 },
          ),
        }),
      ),
    );
    fc.assert(
      fc.property(cases, ({ width, inputs, outputs, sizes, samples, filters }) => {
        const kernelFilters = filters.map(({ input, mix, shift, taps: h }) =>
          filter(input, mix, shift, h),
        );
        const expected = beamReference(samples, inputs, outputs, width, filters);
        expect(run(samples, { width, inputs, outputs, filters: kernelFilters, sizes })).toEqual(
          expected,
        );
      }),
      { numRuns: 40 },
    );
  });

  it("does not overflow where all taps and samples are the most negative value", () => {
    const taps = Array.from({ length: 256 }, () => -0x8000);
    for (const width of [16, 24, 32] as const) {
      const samples = Array.from({ length: 300 }, () => -(1n << BigInt(width - 1)));
      const beam = { input: 0, mix: 1, shift: 8, taps };
      const filters = [filter(0, 1, 8, taps)];
      const out = run(samples, { width, inputs: 1, outputs: 1, filters, sizes: [64] });
      expect(out).toEqual(beamReference(samples, 1, 1, width, [beam]));
    }
  });

  it("goes on with the history when another beam of any length takes over", () => {
    const memory = testMemory();
    const kernels = createTdfbKernels(memory);
    const samples = noise(192, 32);
    const long = Array.from({ length: 32 }, (_, i) => (i * 977) % 3000);
    resetTdfb(memory, { state: STATE, sourceChannels: 1, sinkChannels: 1, width: 32 });
    writeBeam(memory, STATE, planBeam([filter(0, 1, 0, long)]), PLAN);
    put(memory, SRC, samples, 32);
    kernels.process32(STATE, SRC, DST, 96);
    const short = long.slice(0, 8);
    writeBeam(memory, STATE, planBeam([filter(0, 1, 0, short)]), PLAN + 0x4000);
    kernels.process32(STATE, SRC + 96 * 4, DST + 96 * 4, 96);
    const before = beamReference(samples, 1, 1, 32, [{ input: 0, mix: 1, shift: 0, taps: long }]);
    const after = beamReference(samples, 1, 1, 32, [{ input: 0, mix: 1, shift: 0, taps: short }]);
    expect(get(memory, DST, 192, 32)).toEqual([...before.slice(0, 96), ...after.slice(96)]);
  });

  it("sees its delay lines turned when they are kept while their index starts over", () => {
    const memory = testMemory();
    const kernels = createTdfbKernels(memory);
    const samples = noise(96, 32);
    const taps = [0, 0x4000, 0, 0, 0, 0, 0, 0x2000];
    resetTdfb(memory, { state: STATE, sourceChannels: 1, sinkChannels: 1, width: 32 });
    writeBeam(memory, STATE, planBeam([filter(0, 1, 0, taps)]), PLAN);
    put(memory, SRC, samples, 32);
    kernels.process32(STATE, SRC, DST, 48);
    turnBeamHistory(memory, STATE, 8, 48);
    kernels.process32(STATE, SRC + 192, DST + 192, 48);
    // A ring of 10 that has taken 48 samples: its last slot holds sample 39, the one before 38, and so on.
    const ring = [...samples.slice(40, 48), ...samples.slice(38, 40)];
    const expected = beamReference([...ring, ...samples.slice(48)], 1, 1, 32, [
      { input: 0, mix: 1, shift: 0, taps },
    ]);
    expect(get(memory, DST + 192, 48, 32)).toEqual(expected.slice(10));
  });

  it("starts from silence after its history is cleared", () => {
    const memory = testMemory();
    const kernels = createTdfbKernels(memory);
    resetTdfb(memory, { state: STATE, sourceChannels: 2, sinkChannels: 2, width: 32 });
    writeBeam(memory, STATE, planBeam(published), PLAN);
    put(memory, SRC, noise(960, 32), 32);
    kernels.process32(STATE, SRC, DST, 33);
    clearBeamHistory(memory, STATE);
    kernels.process32(STATE, SRC, DST, 480);
    expect(crcOf(get(memory, DST, 960, 32), 32)).toBe("44658f89");
  });

  it("needs 1408 bytes a channel for the history", () => {
    expect(tdfbStateBytes(2)).toBe(32 + 2 * 1408);
  });
});

describe("listener", () => {
  // Unity emphasis, so that the samples are the input's upper bits, with 3 bits less headroom.
  const unity = [0, 0, 0, 0, 1 << 30, 0, 0x4000];
  const setup = {
    channels: 2,
    width: 32 as const,
    windowFrames: 48,
    mostLag: 12,
    emphasis: Int32Array.from([...unity, ...unity]),
  };

  it.each([-12, -5, 0, 1, 12])("finds a delay of %i frames", (delay) => {
    const memory = testMemory();
    const kernels = createTdfbKernels(memory);
    resetListener(memory, STATE, setup);
    const sound = noise(480, 32).map((x) => x >> 8n);
    const at = (i: number) => sound[i] ?? 0n;
    const stereo = sound.flatMap((_, i) => [at(i), at(i - delay)]);
    put(memory, SRC, stereo, 32);
    let level = 0;
    for (const { first, count } of blocks(384, [48])) {
      level = kernels.listen(STATE, SRC + first * 8, count);
    }
    expect(kernels.lag(STATE, 1, 48, 12)).toBe(delay);
    const last = sound.slice(336, 384).map((x) => Number((x + 4096n) >> 13n));
    expect(level).toBeCloseTo(last.reduce((sum, x) => sum + x * x, 0) / 48, 6);
  });

  it("keeps every channel emphasized, in 16 bits, whatever the blocks are", () => {
    const RING_FRAMES = 72;
    const cases = widthArbitrary.chain((width) =>
      fc.integer({ min: 1, max: 8 }).chain((channels) =>
        fc.record({
          width: fc.constant(width),
          channels: fc.constant(channels),
          sizes: fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 4 }),
          samples: fc.array(sampleArbitrary(width), {
            minLength: channels * 100,
            maxLength: channels * 100,
          }),
        }),
      ),
    );
    const emphasis = [emphasisSection, crossoverSections[1]] as const;
    fc.assert(
      fc.property(cases, ({ width, channels, sizes, samples }) => {
        const memory = testMemory();
        const kernels = createTdfbKernels(memory);
        const shaped = Int32Array.from(emphasis.flat());
        resetListener(memory, STATE, { ...setup, width, channels, emphasis: shaped });
        put(memory, SRC, samples, width);
        let level = 0;
        let last = 0;
        for (const { first, count } of blocks(100, sizes)) {
          last = count;
          level = kernels.listen(STATE, SRC + first * channels * sampleBytes(width), count);
        }
        for (let ch = 0; ch < channels; ch++) {
          const filter = new PairReference(...emphasis);
          const heard = samples
            .filter((_, i) => i % channels === ch)
            .map((x) => Number(sat16(rnd(filter.next(to32(x, width)), 13))));
          // Frame i is at i modulo the ring's length; the oldest are gone.
          const ring = (STATE + 336) / 2 + ch * RING_FRAMES;
          for (let i = 100 - RING_FRAMES; i < 100; i++) {
            expect(memory.i16[ring + (i % RING_FRAMES)]).toBe(heard[i]);
          }
          const squares = heard.slice(100 - last).reduce((sum, x) => sum + x * x, 0);
          if (ch === 0) expect(level).toBe(squares / last);
        }
      }),
      { numRuns: 30 },
    );
  });

  it("needs room for the window and its neighbours", () => {
    expect(listenerBytes(setup)).toBe(336 + 2 * 2 * 72);
  });
});
