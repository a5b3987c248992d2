import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rnd, sat, wrap } from "../test/reference/exact.js";
import { DATA, get, kernelMemory, put, sx24, word } from "../test/memory.js";
import { createAriaKernels } from "./index.js";

const memory = kernelMemory();
const kernels = createAriaKernels(memory);
const OUT = DATA + 0x1000;

describe("automatic level kernels", () => {
  it("finds the peak of 24-bit samples whatever is in the upper byte", () => {
    fc.assert(
      fc.property(fc.array(word, { maxLength: 19 }), (samples) => {
        put(memory, DATA, samples, 4);
        const peak = Math.max(0, ...samples.map((x) => Math.abs(sx24(x))));
        expect(kernels.peak24(DATA, samples.length)).toBe(peak);
      }),
    );
  });

  it("moves the gain by a step a frame", () => {
    fc.assert(
      fc.property(
        fc.array(word, { maxLength: 9 }),
        fc.integer({ min: 0, max: 0x7fffffff }),
        fc.integer({ min: -1000, max: 1000 }),
        fc.integer({ min: 28, max: 30 }),
        (samples, gain, step, shift) => {
          put(memory, DATA, samples, 4);
          const last = kernels.rampGain24(DATA, OUT, samples.length, 1, gain, step, shift);
          const expected = samples.map((x, i) => {
            const g = wrap(BigInt(gain) + BigInt(step) * BigInt(i));
            return Number(sat(wrap(rnd(BigInt(sx24(x)) * g, shift)), 24));
          });
          expect(get(memory, OUT, samples.length, 4)).toEqual(expected);
          expect(last).toBe(Number(wrap(BigInt(gain) + BigInt(step) * BigInt(samples.length))));
        },
      ),
    );
  });
});
