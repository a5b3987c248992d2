import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  asrcBytes,
  type AsrcFilter,
  asrcFilter,
  asrcGiven,
  asrcTaken,
  createAsrcKernels,
  resetAsrc,
} from "../src/asrc.js";
import { sampleArbitrary, widthArbitrary } from "./reference/arbitrary.js";
import { impulseResponse, pullReference, pushReference } from "./reference/asrc.js";
import type { Width } from "./reference/exact.js";
import { FREE, get, put, sampleBytes, testMemory } from "./reference/memory.js";
import { noise } from "./reference/signal.js";

const STATE = FREE;
const SRC = FREE + 0x10000;
const DST = FREE + 0x20000;

interface Run {
  readonly filter: AsrcFilter;
  readonly channels: number;
  readonly width: Width;
  readonly rates: readonly [from: number, to: number];
  readonly mode?: "push" | "pull";
  /** Frames that a call may take, and room that it has. */
  readonly steps?: readonly [frames: number, room: number];
}

function run(samples: readonly bigint[], options: Run): bigint[] {
  const { filter, channels, width, rates, mode = "push", steps = [48, 64] } = options;
  const memory = testMemory();
  const kernels = createAsrcKernels(memory);
  expect(asrcBytes(filter, channels)).toBeLessThan(SRC - STATE);
  resetAsrc(memory, { state: STATE, filter, channels, width, from: rates[0], to: rates[1] });
  put(memory, SRC, samples, width);
  const bytes = channels * sampleBytes(width);
  const frames = samples.length / channels;
  let taken = 0;
  let given = 0;
  for (let idle = 0; idle < 2;) {
    const most = Math.min(steps[0], frames - taken);
    kernels[mode](STATE, SRC + taken * bytes, most, DST + given * bytes, steps[1]);
    const moved = asrcTaken(memory, STATE) + asrcGiven(memory, STATE);
    idle = moved === 0 ? idle + 1 : 0;
    taken += asrcTaken(memory, STATE);
    given += asrcGiven(memory, STATE);
  }
  expect(taken).toBe(frames);
  return get(memory, DST, given * channels, width);
}

/** Four taps that are published, the others are nothing. */
const rest = Array.from({ length: 12 }, () => 0);
const small: AsrcFilter = {
  taps: 16,
  polynomials: 4,
  words: Int32Array.from(
    [
      [2 ** 20, -(2 ** 20), 2 ** 19, 2 ** 18, ...rest],
      [-(2 ** 22), 2 ** 22, 2 ** 21, -(2 ** 21), ...rest],
      [2 ** 24, -(2 ** 23), -(2 ** 24), 2 ** 22, ...rest],
      [2 ** 29, 2 ** 28, 2 ** 27, 2 ** 26, ...rest],
    ].flat(),
  ),
};

describe("asynchronous rate converter", () => {
  it("makes the published response from the published polynomials", () => {
    const memory = testMemory();
    const kernels = createAsrcKernels(memory);
    const setup = {
      state: STATE,
      filter: small,
      channels: 1,
      width: 32,
      from: 48000,
      to: 48000,
    } as const;
    resetAsrc(memory, setup);
    const at = (time: number) => {
      kernels.responseAt(STATE, time, DST);
      return [...memory.i32.subarray(DST >> 2, (DST >> 2) + 4)];
    };
    expect(at(0)).toEqual([536870912, 268435456, 134217728, 67108864]);
    expect(at(2 ** 26)).toEqual([544342016, 265158656, 126418944, 68714496]);
  });

  it("makes the response of the exact formula at any time", () => {
    const memory = testMemory();
    const kernels = createAsrcKernels(memory);
    const filter = asrcFilter(44100, 48000) as AsrcFilter;
    resetAsrc(memory, { state: STATE, filter, channels: 1, width: 32, from: 44100, to: 48000 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 27 }), (time) => {
        kernels.responseAt(STATE, time, DST);
        const ours = [...memory.i32.subarray(DST >> 2, (DST >> 2) + filter.taps)];
        expect(ours).toEqual(impulseResponse(filter, BigInt(time)).map(Number));
      }),
      { numRuns: 30 },
    );
  });

  it("equals the exact formula for any rates, samples, channels, width and calls", () => {
    const cases = widthArbitrary.chain((width) =>
      fc.integer({ min: 1, max: 8 }).chain((channels) =>
        fc.record({
          width: fc.constant(width),
          channels: fc.constant(channels),
          mode: fc.constantFrom("push" as const, "pull" as const),
          rates: fc.constantFrom(
            ...([
              [48000, 48000],
              [44100, 48000],
              [16000, 48000],
              [48000, 44100],
              [48000, 8000],
              [24000, 16000],
              [8000, 192000],
            ] as const),
          ),
          steps: fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 60 })),
          samples: fc.array(sampleArbitrary(width), {
            minLength: channels * 40,
            maxLength: channels * 40,
          }),
        }),
      ),
    );
    fc.assert(
      fc.property(cases, ({ width, channels, mode, rates, steps, samples }) => {
        const filter = asrcFilter(rates[0], rates[1]) as AsrcFilter;
        const out = run(samples, { filter, channels, width, rates, mode, steps });
        const expected =
          mode === "push"
            ? pushReference(filter, samples, channels, rates, width)
            : pullReference(filter, samples, channels, rates, width, out.length / channels);
        // A pull goes on until the input ends; what it gave by then has to be what the formula gives.
        expect(out).toEqual(expected);
      }),
      { numRuns: 25 },
    );
  });

  it("goes on over the ends of its histories", () => {
    const samples = noise(2 * 700, 32);
    const filter = asrcFilter(48000, 48000) as AsrcFilter;
    const options = { filter, channels: 2, width: 32 as const, rates: [48000, 48000] as const };
    expect(run(samples, options)).toEqual(pushReference(filter, samples, 2, [48000, 48000], 32));
  });

  it("does not overflow with full-scale input of the signs of the response", () => {
    for (const width of [16, 32] as const) {
      const filter = asrcFilter(48000, 8000) as AsrcFilter;
      const high = 1n << BigInt(width - 1);
      const signs = impulseResponse(filter, 0n).map((h) => (h < 0n ? -high : high - 1n));
      const samples = [...signs, ...signs.toReversed(), ...signs];
      const options = { filter, channels: 1, width, rates: [48000, 8000] as const };
      expect(run(samples, options)).toEqual(
        pushReference(filter, samples, 1, [48000, 8000], width),
      );
    }
  });

  it("passes a constant unchanged at every time", () => {
    for (const [from, to] of [
      [44100, 48000],
      [48000, 44100],
      [48000, 16000],
    ] as const) {
      const filter = asrcFilter(from, to) as AsrcFilter;
      const samples = Array.from({ length: 400 }, () => 1n << 24n);
      const out = run(samples, { filter, channels: 1, width: 32, rates: [from, to] });
      const settled = out.slice(Math.ceil((filter.taps * to) / from) + 2);
      // Rounding of the response to 22 bits, one tap after the other.
      for (const y of settled) expect(Math.abs(Number(y) - 2 ** 24)).toBeLessThan(2 ** 10);
    }
  });

  it("goes down from 48 and 24 kHz only, and up from anywhere", () => {
    const has = (from: number, to: number) => asrcFilter(from, to) !== null;
    for (const to of [8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100]) {
      expect(has(48000, to)).toBe(true);
    }
    expect([has(24000, 8000), has(24000, 16000), has(24000, 12000)]).toEqual([true, true, false]);
    expect([has(96000, 48000), has(44100, 32000), has(48000, 18900)]).toEqual([
      false,
      false,
      false,
    ]);
    expect([has(8000, 192000), has(44100, 44100), has(48000, 96000)]).toEqual([true, true, true]);
  });
});
