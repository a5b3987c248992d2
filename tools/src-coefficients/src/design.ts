import type { FilterSpec } from "./filters.js";

/** Modified Bessel function of the first kind, order 0, by its power series. */
export function besselI0(x: number): number {
  const quarter = (x * x) / 4;
  let term = 1;
  let sum = 1;
  for (let k = 1; term > sum * 1e-18; k++) {
    term *= quarter / (k * k);
    sum += term;
  }
  return sum;
}

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

/**
 * The prototype low-pass of a filter: a Kaiser-windowed sinc whose cut-off lies half way between the end of
 * the pass band and its mirror image, scaled so that each sub-filter passes a constant unchanged.
 *
 * @returns the symmetric taps, `interpolation * subFilterLength` of them, times 2^shift
 */
export function prototype(spec: FilterSpec): Float64Array {
  const { interpolation: l, decimation: m, subFilterLength, shift, passband, beta } = spec;
  const length = l * subFilterLength;
  const middle = (length - 1) / 2;
  const cutoff = ((passband[0] / passband[1] + 0.5) * Math.min(1, l / m)) / l;
  const taps = new Float64Array(length);
  const edge = besselI0(beta);
  let sum = 0;
  for (let n = 0; n < length; n++) {
    const x = n - middle;
    const window = besselI0(beta * Math.sqrt(1 - (x / middle) ** 2)) / edge;
    taps[n] = sinc(cutoff * x) * window;
    sum += taps[n] as number;
  }
  const scale = (l * 2 ** shift) / sum;
  return taps.map((tap) => tap * scale);
}

/**
 * Two words of the tables in the field differ by one unit from the design above; keeping them keeps the
 * output equal to the bit.
 */
const exceptions: Readonly<Record<string, readonly (readonly [index: number, word: number])[]>> = {
  "20_21_4535": [
    [737, -98029],
    [1342, -98029],
  ],
};

/** @returns the prototype as Q1.23 words (the upper 24 bits of Q1.31) */
export function quantise(spec: FilterSpec): Int32Array {
  const words = Int32Array.from(prototype(spec), (tap) => Math.round(tap * 2 ** 31) >> 8);
  for (const [index, word] of exceptions[spec.name] ?? []) words[index] = word;
  return words;
}
