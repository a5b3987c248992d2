import type { AsrcFilterSpec } from "./asrc-filters.js";
import { optimumResponse } from "./asrc-optimum.js";
import { besselI0, sinc } from "./design.js";

const ONE = 2 ** 30;

/** Bandwidth of a filter relative to half of the input rate. */
function bandwidth(spec: AsrcFilterSpec): number {
  const lower = spec.to === 0 || spec.from === 0 ? 1 : Math.min(1, spec.to / spec.from);
  return 2 * spec.gamma * lower;
}

/** Weight of a sample by its distance from the output, in input samples. */
function weightOf(spec: AsrcFilterSpec): (distance: number) => number {
  const { taps, alpha, optimum, reach = taps / 2 } = spec;
  if (optimum !== undefined) return optimumResponse(spec, optimum, reach);
  const r = bandwidth(spec);
  return (x) => {
    const place = (x / reach) ** 2;
    return place > 1 ? 0 : sinc(r * x) * besselI0(alpha * Math.sqrt(1 - place));
  };
}

/**
 * The response that the polynomials stand for: a Kaiser-windowed sinc or the optimum of its length, scaled so that a
 * constant passes unchanged at every time.
 *
 * @returns by the time of the output after the newest sample, 0..1 sample: a weight for each sample, the newest first
 */
export function idealResponse(spec: AsrcFilterSpec): (t: number) => Float64Array {
  const weight = weightOf(spec);
  const half = spec.taps / 2;
  return (t) => {
    const response = Float64Array.from({ length: spec.taps }, (_, n) =>
      weight(n - (half - 0.5) + t),
    );
    const sum = response.reduce((total, value) => total + value, 0);
    return response.map((value) => value / sum);
  };
}

/** Coefficients of the Chebyshev polynomials on 0..1, by powers of t. */
function chebyshevPowers(count: number): number[][] {
  const rows: number[][] = [[1], [-1, 2]];
  while (rows.length < count) {
    const last = rows.at(-1) as number[];
    const before = rows.at(-2) as number[];
    // T(k+1) = 2 (2t - 1) T(k) - T(k-1)
    const next = Array.from({ length: last.length + 1 }, (_, power) => {
      const shifted = power > 0 ? (last[power - 1] as number) : 0;
      return 4 * shifted - 2 * (last[power] ?? 0) - (before[power] ?? 0);
    });
    rows.push(next);
  }
  return rows.slice(0, count);
}

/**
 * Fits the response of each tap by a polynomial, by least squares at Chebyshev nodes.
 *
 * @returns by power of t, then by tap (newest first)
 */
function fitPolynomials(spec: AsrcFilterSpec): Float64Array[] {
  const { taps, polynomials } = spec;
  const nodes = 16 * polynomials;
  const angles = Array.from({ length: nodes }, (_, i) => (Math.PI * (i + 0.5)) / nodes);
  const responseAt = idealResponse(spec);
  const responses = angles.map((angle) => responseAt((1 + Math.cos(angle)) / 2));
  const powers = Array.from({ length: polynomials }, () => new Float64Array(taps));
  chebyshevPowers(polynomials).forEach((row, k) => {
    for (let tap = 0; tap < taps; tap++) {
      let sum = 0;
      for (let i = 0; i < nodes; i++) {
        sum += (responses[i]?.[tap] as number) * Math.cos(k * (angles[i] as number));
      }
      const weight = ((k === 0 ? 1 : 2) * sum) / nodes;
      row.forEach((coefficient, power) => {
        const at = powers[power] as Float64Array;
        at[tap] = (at[tap] as number) + weight * coefficient;
      });
    }
  });
  return powers;
}

/**
 * The polynomials as Q2.30 words whose sums over the taps are exact: 1 for the constant, 0 for every power, so
 * that a constant passes unchanged at every time.
 *
 * @returns by power of t, then by tap (newest first)
 */
export function quantisePolynomials(spec: AsrcFilterSpec): Int32Array[] {
  return fitPolynomials(spec).map((values, power) => {
    const words = Int32Array.from(values, (value) => Math.round(value * ONE));
    let excess = words.reduce((sum, word) => sum + word, power === 0 ? -ONE : 0);
    // One unit each, from the largest tap outwards.
    const order = [...words.keys()].sort(
      (a, b) => Math.abs(words[b] as number) - Math.abs(words[a] as number) || a - b,
    );
    for (let i = 0; excess !== 0; i++) {
      const tap = order[i % order.length] as number;
      words[tap] = (words[tap] as number) - Math.sign(excess);
      excess -= Math.sign(excess);
    }
    return words;
  });
}
