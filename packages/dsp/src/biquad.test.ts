import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rnd, sat32, wrap } from "../test/reference/exact.js";
import { DATA, get, kernelMemory, put, word } from "../test/memory.js";
import { type Biquad, BiquadBank, biquadBankBytes, type BiquadResponse } from "./index.js";

const memory = kernelMemory();
const SRC = DATA;
const DST = DATA + 0x1000;
const BANK = DATA + 0x4000;

/** One channel, sample by sample, as the formulas say. */
function slow({ sections, inSeries }: BiquadResponse, input: readonly number[]): number[] {
  const state = sections.map(() => ({ x1: 0n, x2: 0n, y1: 0n, y2: 0n }));
  return input.map((sample) => {
    let sum = 0n;
    for (let bank = 0; bank < sections.length; bank += inSeries) {
      let x = BigInt(sample);
      for (let i = bank; i < bank + inSeries; i++) {
        const c = sections[i] as Biquad;
        const s = state[i] as (typeof state)[number];
        const acc = wrap(
          BigInt(c.a2) * s.y2 +
            BigInt(c.a1) * s.y1 +
            BigInt(c.b2) * s.x2 +
            BigInt(c.b1) * s.x1 +
            BigInt(c.b0) * x,
          64,
        );
        const t = sat32(rnd(acc, 30));
        s.y2 = s.y1;
        s.y1 = t;
        s.x2 = s.x1;
        s.x1 = x;
        x = sat32(rnd(BigInt(c.gain) * t, 14 + c.shift));
      }
      sum += x;
    }
    return Number(sat32(sum));
  });
}

function check(
  responses: readonly (BiquadResponse | null)[],
  frames: readonly (readonly number[])[],
  block = 7,
): void {
  const channels = responses.length;
  const bytes = biquadBankBytes(channels, 11);
  const bank = new BiquadBank(memory, BANK, bytes, channels);
  bank.configure(responses);
  const samples = frames.flat();
  put(memory, SRC, samples, 4);
  if (bank.leavesChannels) put(memory, DST, samples, 4);
  for (let at = 0; at < frames.length; at += block) {
    bank.run(SRC + at * channels * 4, DST + at * channels * 4, Math.min(block, frames.length - at));
  }
  const expected = responses.map((response, c) => {
    const input = frames.map((frame) => frame[c] as number);
    return response === null ? input : slow(response, input);
  });
  const out = get(memory, DST, samples.length, 4);
  responses.forEach((_, c) => {
    expect(out.filter((_, i) => i % channels === c)).toEqual(expected[c]);
  });
  // In place.
  bank.clear();
  put(memory, SRC, samples, 4);
  bank.run(SRC, SRC, frames.length);
  expect(get(memory, SRC, samples.length, 4)).toEqual(out);
}

const coefficient = fc.oneof(
  fc.constantFrom(0, 1 << 30, -(1 << 30), 0x7fffffff, -0x80000000),
  fc.integer(),
);
const gain = fc.oneof(
  fc.constantFrom(0x4000, 0x2000, -0x4000, 0x7fff),
  fc.integer({ min: -0x10000, max: 0x10000 }),
  fc.integer(),
);
const section: fc.Arbitrary<Biquad> = fc.record({
  a2: coefficient,
  a1: coefficient,
  b2: coefficient,
  b1: coefficient,
  b0: coefficient,
  shift: fc.oneof(
    fc.constant(0),
    fc.integer({ min: -6, max: 8 }),
    fc.integer({ min: -13, max: 48 }),
  ),
  gain,
});

const series = fc
  .array(section, { minLength: 1, maxLength: 5 })
  .map((sections) => ({ sections, inSeries: sections.length }));
const parallel = fc
  .tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 3 }))
  .chain(([inSeries, banks]) =>
    fc
      .array(section, { minLength: inSeries * banks, maxLength: inSeries * banks })
      .map((sections) => ({ sections, inSeries })),
  );

describe("biquads", () => {
  it("are exact for any coefficients, channels, series and banks, in blocks and in place", () => {
    fc.assert(
      fc.property(
        fc
          .array(fc.oneof({ weight: 3, arbitrary: series }, parallel, fc.constant(null)), {
            minLength: 1,
            maxLength: 5,
          })
          .chain((responses) =>
            fc.tuple(
              fc.constant(responses),
              fc.array(
                fc.array(word, { minLength: responses.length, maxLength: responses.length }),
                { maxLength: 20 },
              ),
              fc.integer({ min: 1, max: 20 }),
            ),
          ),
        ([responses, frames, block]) => check(responses, frames, block),
      ),
      { numRuns: 150 },
    );
  });

  it("saturates upwards where rounding the largest sum overflows 64 bits", () => {
    const c = {
      a2: 0,
      a1: 0,
      b2: 0x7fffffff,
      b1: -0x80000000,
      b0: -0x80000000,
      shift: 0,
      gain: 0x4000,
    };
    const input = [1, -0x7fffffff, -0x80000000];
    // The third sum is 2^62 + 2^31 * (2^31 - 1) + 2^31 - 1 = 2^63 - 1.
    expect(slow({ sections: [c], inSeries: 1 }, input)[2]).toBe(0x7fffffff);
    check(
      [
        { sections: [c], inSeries: 1 },
        { sections: [c, c], inSeries: 2 },
      ],
      input.map((x) => [x, x]),
    );
  });

  it("keeps a filter's full-scale resonance", () => {
    const c = {
      a2: -0x2e000000,
      a1: 0x6c000000,
      b2: 0x100000,
      b1: 0x200000,
      b0: 0x100000,
      shift: -3,
      gain: 0x4000,
    };
    const frames = Array.from({ length: 60 }, (_, i) => [
      i === 0 ? 0x40000000 : 0,
      i % 9 < 5 ? 0x7fffffff : -0x80000000,
    ]);
    check(
      [
        { sections: [c], inSeries: 1 },
        { sections: [c, c, c], inSeries: 3 },
      ],
      frames,
    );
    expect(slow({ sections: [c], inSeries: 1 }, [0x40000000, 0, 0, 0])).toEqual([
      8388608, 30932992, 54558720, 69834752,
    ]);
  });
});
