import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createDrcKernels, drcDelayFrames, drcRingBytes, resetDrc } from "../src/drc.js";
import { blockSizesArbitrary, signalArbitrary, widthArbitrary } from "./reference/arbitrary.js";
import { drcWords } from "./reference/blobs.js";
import { DrcReference } from "./reference/drc.js";
import type { Width } from "./reference/exact.js";
import { blocks, FREE, get, put, sampleBytes, testMemory } from "./reference/memory.js";
import { crcOf, noise } from "./reference/signal.js";

const STATE = FREE;
const RING = FREE + 0x1000;
const SRC = FREE + 0x10000;
const DST = FREE + 0x30000;

interface Run {
  readonly params?: readonly number[];
  readonly channels?: number;
  readonly width: Width;
  readonly sizes?: readonly number[];
  /** Frame at which the enable control goes off, and one at which it comes back. */
  readonly off?: readonly [number, number];
}

function run(samples: readonly bigint[], options: Run): bigint[] {
  const { params = drcWords, channels = 2, width, sizes = [48], off = [0, 0] } = options;
  const memory = testMemory();
  const kernels = createDrcKernels(memory);
  const kernel = { 16: kernels.process16, 24: kernels.process24, 32: kernels.process32 }[width];
  const bytes = sampleBytes(width);
  resetDrc(memory, {
    state: STATE,
    ring: RING,
    params: Int32Array.from(params),
    channels,
    sampleBytes: bytes,
    rate: 48000,
  });
  put(memory, SRC, samples, width);
  const frameBytes = channels * bytes;
  const frames = samples.length / channels;
  for (const { first, count } of blocks(frames, sizes)) {
    const at = first * frameBytes;
    if (first >= off[0] && first < off[1])
      kernels.delay(STATE, SRC + at, DST + at, count, bytes >> 1);
    else kernel(STATE, SRC + at, DST + at, count);
  }
  return get(memory, DST, samples.length, width);
}

function reference(samples: readonly bigint[], options: Run): bigint[] {
  const { params = drcWords, channels = 2, width, off = [0, 0] } = options;
  const drc = new DrcReference(params, channels, width, 48000);
  const out: bigint[] = [];
  for (let i = 0; i < samples.length; i += channels) {
    drc.enabled = i / channels < off[0] || i / channels >= off[1];
    out.push(...drc.frame(samples.slice(i, i + channels)));
  }
  return out;
}

describe("compressor", () => {
  it.each([
    [16, "96f4245c"],
    [24, "03bff31b"],
    [32, "437a4242"],
  ] as const)("compresses %i-bit noise to the published checksum", (width, crc) => {
    expect(crcOf(run(noise(960, width), { width }), width)).toBe(crc);
  });

  it("equals the exact formula for any signal, channel count, tuning and block sizes", () => {
    const cases = widthArbitrary.chain((width) =>
      fc.integer({ min: 1, max: 8 }).chain((channels) =>
        fc.record({
          width: fc.constant(width),
          channels: fc.constant(channels),
          sizes: blockSizesArbitrary,
          samples: signalArbitrary(width, channels * 200),
          // Pre-delay, slope, master gain and release of tunings around the published one.
          delay: fc.integer({ min: 0, max: 11_000_000 }),
          slope: fc.integer({ min: 20_000_000, max: 900_000_000 }),
          gain: fc.integer({ min: 1 << 24, max: 1 << 28 }),
          release: fc.integer({ min: -20_000_000, max: -1_000_000 }),
        }),
      ),
    );
    fc.assert(
      fc.property(cases, ({ width, channels, sizes, samples, delay, slope, gain, release }) => {
        const params: number[] = [...drcWords];
        params[4] = delay;
        params[6] = slope;
        params[12] = gain;
        params[14] = release;
        const options = { params, channels, width, sizes };
        expect(run(samples, options)).toEqual(reference(samples, options));
      }),
      { numRuns: 25 },
    );
  });

  it("keeps the delay, not the gain, while the control is off", () => {
    for (const width of [16, 24, 32] as const) {
      const samples = noise(1920, width);
      const options = { width, sizes: [48], off: [96, 528] as const };
      const out = run(samples, options);
      expect(out).toEqual(reference(samples, options));
      expect(out.slice(2 * 400, 2 * 500)).toEqual(samples.slice(2 * 112, 2 * 212));
    }
  });

  it("takes the most negative sample as silence, as 32-bit negation does", () => {
    const square = Array.from({ length: 1920 }, (_, i) =>
      Math.floor(i / 48) % 2 === 0 ? 0x7fffffffn : -0x80000000n,
    );
    expect(run(square, { width: 32 })).toEqual(reference(square, { width: 32 }));
  });

  it("works in place", () => {
    const memory = testMemory();
    const kernels = createDrcKernels(memory);
    const setup = {
      state: STATE,
      ring: RING,
      params: Int32Array.from(drcWords),
      channels: 2,
      sampleBytes: 4,
      rate: 48000,
    };
    const samples = noise(960, 32);
    resetDrc(memory, setup);
    put(memory, SRC, samples, 32);
    for (const { first, count } of blocks(480, [48]))
      kernels.process32(STATE, SRC + first * 8, SRC + first * 8, count);
    expect(crcOf(get(memory, SRC, 960, 32), 32)).toBe("437a4242");
  });

  it.each([
    [6442451, 288],
    [0, 32],
    [2147483647, 480],
    [1100000, 32],
  ])("delays by whole spans: %i s Q2.30 is %i frames", (seconds, frames) => {
    const params = Int32Array.from(drcWords);
    params[4] = seconds;
    expect(drcDelayFrames(params, 48000)).toBe(frames);
  });

  it("needs a ring of 512 frames", () => {
    expect(drcRingBytes(2, 4)).toBe(4096);
  });
});
