import fc from "fast-check";
import type { Width } from "./exact.js";

/** Sample values with the corners of the range often among them. */
export function sampleArbitrary(width: Width): fc.Arbitrary<bigint> {
  const high = (1n << BigInt(width - 1)) - 1n;
  return fc.oneof(
    { weight: 4, arbitrary: fc.bigInt({ min: -high - 1n, max: high }) },
    { weight: 2, arbitrary: fc.bigInt({ min: -(high >> 10n), max: high >> 10n }) },
    { weight: 1, arbitrary: fc.constantFrom(high, -high - 1n, 0n, 1n, -1n) },
  );
}

export const widthArbitrary: fc.Arbitrary<Width> = fc.constantFrom(16, 24, 32);
export const blockSizesArbitrary = fc.array(fc.integer({ min: 1, max: 97 }), {
  minLength: 1,
  maxLength: 4,
});

/** Level-dependent code needs signals with a shape: a sine with a level of its own per stretch, plus noise. */
export function signalArbitrary(width: Width, samples: number): fc.Arbitrary<bigint[]> {
  return fc
    .record({
      levels: fc.array(fc.integer({ min: 0, max: width }), { minLength: 1, maxLength: 6 }),
      step: fc.double({ min: 0.001, max: 3, noNaN: true }),
      noise: fc.array(sampleArbitrary(width), { minLength: 16, maxLength: 64 }),
    })
    .map(({ levels, step, noise }) =>
      Array.from({ length: samples }, (_, i) => {
        const level = levels[Math.floor((i * levels.length) / samples)] as number;
        const high = 2 ** (width - 1) - 1;
        const tone = BigInt(Math.round(Math.sin(i * step) * high * 2 ** -level));
        const value = tone + ((noise[i % noise.length] as bigint) >> BigInt(level));
        const top = BigInt(high);
        return value > top ? top : value < -top - 1n ? -top - 1n : value;
      }),
    );
}
