import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { from32, sat32, to32, type Width } from "../test/reference/exact.js";
import { DATA, get, half, kernelMemory, put, word } from "../test/memory.js";
import { FirBank, firBankBytes, FirFormat, type FirResponse } from "./index.js";

const memory = kernelMemory();
const SRC = DATA;
const DST = DATA + 0x1800;
const BANK = DATA + 0x3000;

const widths = { [FirFormat.S16]: 16, [FirFormat.S24]: 24, [FirFormat.S32]: 32 } as const;

function slow({ taps, shift }: FirResponse, input: readonly number[], width: Width): number[] {
  const wide = input.map((x) => to32(BigInt(x), width));
  return wide.map((_, n) => {
    let sum = 0n;
    for (let k = 0; k < taps.length && k <= n; k++)
      sum += BigInt(taps[k] as number) * (wide[n - k] as bigint);
    return Number(from32(sat32(sum >> BigInt(15 + shift)), width));
  });
}

function filter(
  format: FirFormat,
  responses: readonly (FirResponse | null)[],
  frames: readonly (readonly number[])[],
  block: number,
): { readonly out: number[]; readonly inPlace: number[]; readonly expected: number[] } {
  const channels = responses.length;
  const width = widths[format];
  const bytes = width === 16 ? 2 : 4;
  const bank = new FirBank(memory, BANK, firBankBytes(channels, 256), channels);
  bank.configure(responses);
  const samples = frames.flat();
  put(memory, SRC, samples, bytes);
  for (let at = 0; at < frames.length; at += block) {
    const offset = at * channels * bytes;
    bank.run(format, SRC + offset, DST + offset, Math.min(block, frames.length - at));
  }
  const out = get(memory, DST, samples.length, bytes);
  const expected = responses.map((response, c) => {
    const input = frames.map((frame) => frame[c] as number);
    if (response !== null) return slow(response, input, width);
    return input.map((x) => Number(from32(to32(BigInt(x), width), width)));
  });
  bank.configure(responses);
  bank.run(format, SRC, SRC, frames.length);
  return {
    out,
    inPlace: get(memory, SRC, samples.length, bytes),
    expected: frames.flatMap((_, frame) => expected.map((channel) => channel[frame] as number)),
  };
}

/** Expects the same from blocks, in place and by the book. */
function expectExact({ out, inPlace, expected }: ReturnType<typeof filter>): void {
  expect(out).toEqual(expected);
  expect(inPlace).toEqual(expected);
}

const tap = fc.oneof({ weight: 3, arbitrary: fc.integer({ min: -2000, max: 2000 }) }, half);
const response = fc.record({
  taps: fc
    .integer({ min: 1, max: 12 })
    .chain((fours) =>
      fc
        .array(tap, { minLength: fours * 4, maxLength: fours * 4 })
        .map((taps) => Int16Array.from(taps)),
    ),
  shift: fc.oneof(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -15, max: 32 })),
});

describe("FIR filters", () => {
  it.each(Object.entries(FirFormat))(
    "are exact in %s for any taps, channels and block sizes",
    (_name, format) => {
      const sample = format === FirFormat.S16 ? half : word;
      fc.assert(
        fc.property(
          fc
            .array(fc.oneof({ weight: 5, arbitrary: response }, fc.constant(null)), {
              minLength: 1,
              maxLength: 3,
            })
            .chain((responses) =>
              fc.tuple(
                fc.constant(responses),
                fc.array(
                  fc.array(sample, { minLength: responses.length, maxLength: responses.length }),
                  { maxLength: 70 },
                ),
                fc.integer({ min: 1, max: 70 }),
              ),
            ),
          ([responses, frames, block]) => expectExact(filter(format, responses, frames, block)),
        ),
        { numRuns: 60 },
      );
    },
  );

  it.each([[0x7fff], [-0x8000], [0x4000]])(
    "keeps 256 full-scale taps of %d exact, past 53 bits",
    (value) => {
      const taps = new Int16Array(256).fill(value);
      const frames = Array.from({ length: 300 }, (_, i) => [i < 280 ? -0x80000000 : 0x7fffffff]);
      for (const shift of [0, 8]) {
        const { out, inPlace, expected } = filter(FirFormat.S32, [{ taps, shift }], frames, 48);
        expect([out, inPlace]).toEqual([expected, expected]);
      }
    },
  );

  it("moves its history on for longer than its buffers", () => {
    const taps = Int16Array.from({ length: 64 }, (_, k) => k * 31 - 900);
    const frames = Array.from({ length: 700 }, (_, i) => [
      Math.imul(i, 0x9e3779b9) | 0,
      Math.imul(i, 0x85ebca6b) | 0,
    ]);
    const { out, inPlace, expected } = filter(
      FirFormat.S32,
      [
        { taps, shift: 0 },
        { taps, shift: 2 },
      ],
      frames,
      48,
    );
    expect([out, inPlace]).toEqual([expected, expected]);
  });
});
