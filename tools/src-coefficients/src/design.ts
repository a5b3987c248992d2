import { equiripple } from "./equiripple.js";
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

/** sin(pi x) / (pi x) */
export const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

/** A Kaiser-windowed sinc whose cut-off lies half way between the end of the pass band and its mirror image. */
function windowed(
  { interpolation: l, decimation: m, subFilterLength, passband }: FilterSpec,
  beta: number,
) {
  const length = l * subFilterLength;
  const middle = (length - 1) / 2;
  const cutoff = ((passband[0] / passband[1] + 0.5) * Math.min(1, l / m)) / l;
  const edge = besselI0(beta);
  return Float64Array.from({ length }, (_, n) => {
    const x = n - middle;
    return sinc(cutoff * x) * (besselI0(beta * Math.sqrt(1 - (x / middle) ** 2)) / edge);
  });
}

/** The filter with the least peaks between the end of the pass band and half of the lower rate. */
function levelled(spec: FilterSpec, stopWeight: number): Float64Array {
  const { interpolation: l, decimation: m, subFilterLength, passband } = spec;
  const lower = Math.min(1, l / m) / l;
  const pass = (passband[0] / passband[1]) * lower;
  return equiripple({ length: l * subFilterLength, pass, stop: 0.5 * lower, stopWeight });
}

/** Scales taps so that they sum to 1. */
function passingConstants(taps: Float64Array): Float64Array {
  const sum = taps.reduce((total, tap) => total + tap, 0);
  return taps.map((tap) => tap / sum);
}

const designed = new Map<FilterSpec, Float64Array>();

/**
 * The prototype low-pass of a filter, scaled so that all sub-filters together pass a constant unchanged; one of
 * least peaks passes it as well as the rest of its pass band.
 *
 * @returns the symmetric taps, `interpolation * subFilterLength` of them, times 2^shift
 */
export function prototype(spec: FilterSpec): Float64Array {
  const known = designed.get(spec);
  if (known !== undefined) return known;
  const { interpolation, shift, shape } = spec;
  const gain = interpolation * 2 ** shift;
  const taps =
    "beta" in shape
      ? passingConstants(windowed(spec, shape.beta))
      : levelled(spec, shape.stopWeight);
  const scaled = taps.map((tap) => tap * gain);
  designed.set(spec, scaled);
  return scaled;
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
