import type { AsrcFilterSpec } from "./asrc-filters.js";
import { besselI0 } from "./design.js";

const ONE = 2 ** 30;

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

/** Bandwidth of a filter relative to half of the input rate. */
function bandwidth(spec: AsrcFilterSpec): number {
  const lower = spec.to === 0 || spec.from === 0 ? 1 : Math.min(1, spec.to / spec.from);
  return 2 * spec.gamma * lower;
}

/**
 * The response that the polynomials stand for: a Kaiser-windowed sinc, scaled so that a constant passes
 * unchanged at every time.
 *
 * @param t time of the output after the newest sample, 0..1 sample
 * @returns a weight for each sample, the newest first
 */
export function idealResponse(spec: AsrcFilterSpec, t: number): Float64Array {
  const { taps, alpha, reach = taps / 2 } = spec;
  const r = bandwidth(spec);
  const half = taps / 2;
  const response = new Float64Array(taps);
  let sum = 0;
  for (let n = 0; n < taps; n++) {
    const x = n - (half - 0.5) + t;
    const place = (x / reach) ** 2;
    const weight = place > 1 ? 0 : sinc(r * x) * besselI0(alpha * Math.sqrt(1 - place));
    response[n] = weight;
    sum += weight;
  }
  return response.map((weight) => weight / sum);
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
  const responses = angles.map((angle) => idealResponse(spec, (1 + Math.cos(angle)) / 2));
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
