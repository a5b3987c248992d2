import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sat, wrap } from "../test/reference/exact.js";
import { DATA, get, half, kernelMemory, put, word } from "../test/memory.js";
import { createMatrixKernels } from "./index.js";

const memory = kernelMemory();
const kernels = createMatrixKernels(memory);
const OUT = DATA + 0x1000;
const COEFS = DATA + 0x2000;

const formats = [
  ["S16", kernels.matrixS16, 2, 16, half],
  ["S24", kernels.matrixS24, 4, 24, word],
  ["S32", kernels.matrixS32, 4, 32, word],
] as const;

const shape = fc.tuple(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 8 }));

describe("channel matrix", () => {
  it.each(formats)("is exact in %s", (_name, kernel, bytes, bits, sample) => {
    fc.assert(
      fc.property(
        shape.chain(([inputs, outputs]) =>
          fc.tuple(
            fc.array(fc.array(half, { minLength: inputs, maxLength: inputs }), {
              minLength: outputs,
              maxLength: outputs,
            }),
            fc.array(fc.array(sample, { minLength: inputs, maxLength: inputs }), { maxLength: 5 }),
          ),
        ),
        ([rows, frames]) => {
          const inputs = rows[0]?.length ?? 0;
          put(memory, DATA, frames.flat(), bytes);
          rows.forEach((row, o) => put(memory, COEFS + o * 16, row, 2));
          kernel(DATA, inputs, OUT, rows.length, COEFS, frames.length);
          const expected = frames.flatMap((frame) =>
            rows.map((row) => {
              const sum = row.reduce(
                (total, c, j) => total + BigInt(c) * BigInt(frame[j] as number),
                512n,
              );
              // 16 bits sum in 32; narrow saturations take 32.
              const shifted = (bits === 16 ? wrap(sum) : sum) >> 10n;
              return Number(sat(bits === 24 ? wrap(shifted) : shifted, bits));
            }),
          );
          expect(get(memory, OUT, expected.length, bytes)).toEqual(expected);
        },
      ),
      { numRuns: 100 },
    );
  });

  it("reverses channels", () => {
    for (const channels of [1, 2, 3, 8]) {
      const input = Array.from({ length: channels * 5 }, (_, i) => i + 1);
      const expected = input.map(
        (_, i) => input[i - (i % channels) + channels - 1 - (i % channels)],
      );
      put(memory, DATA, input, 4);
      kernels.reverse32(DATA, OUT, channels, 5);
      expect(get(memory, OUT, input.length, 4)).toEqual(expected);
      put(memory, DATA, input, 2);
      kernels.reverse16(DATA, OUT, channels, 5);
      expect(get(memory, OUT, input.length, 2)).toEqual(expected);
    }
  });
});

/** Q1.31 by Q1.31 into a Q1.63 sum that saturates at every step, rounded half away from zero. */
function mixed(frame: readonly number[], row: readonly number[]): number {
  let sum = 0n;
  frame.forEach((x, j) => {
    sum = sat(sum + sat(2n * BigInt(x) * BigInt(row[j] as number), 64), 64);
  });
  const size = ((sum < 0n ? -sum : sum) + (1n << 31n)) >> 32n;
  return Number(sat(sum < 0n ? -size : size, 32) >> 8n);
}

describe("up and down mixing", () => {
  it("is exact for any coefficients, saturating at every step", () => {
    fc.assert(
      fc.property(
        shape.chain(([inputs, outputs]) =>
          fc.tuple(
            fc.array(fc.array(word, { minLength: inputs, maxLength: inputs }), {
              minLength: outputs,
              maxLength: outputs,
            }),
            fc.array(fc.array(word, { minLength: inputs, maxLength: inputs }), { maxLength: 4 }),
          ),
        ),
        ([rows, frames]) => {
          const inputs = rows[0]?.length ?? 0;
          put(memory, DATA, frames.flat(), 4);
          rows.forEach((row, o) => put(memory, COEFS + o * 32, row, 4));
          kernels.mixChannels(DATA, true, 0, inputs, OUT, rows.length, COEFS, frames.length);
          const expected = frames.flatMap((frame) => rows.map((row) => mixed(frame, row)));
          expect(get(memory, OUT, expected.length, 4)).toEqual(expected);
        },
      ),
      { numRuns: 100 },
    );
  });
});
