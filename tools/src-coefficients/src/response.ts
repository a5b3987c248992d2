import { quantise } from "./design.js";
import type { FilterSpec } from "./filters.js";

const decibels = (magnitude: number) => 20 * Math.log10(Math.max(magnitude, 1e-12));

/** How well a filter keeps what it should keep and stops what it should stop. */
export interface Response {
  /** Largest deviation from 0 dB in the pass band, in dB. */
  readonly ripple: number;
  /** Smallest attenuation from half of the lower rate on, in dB. */
  readonly attenuation: number;
}

/**
 * Magnitude of the quantised prototype at a frequency relative to its own rate (L times the input's),
 * 1 where it passes a constant.
 */
function magnitude(words: Int32Array, gain: number, frequency: number): number {
  const angle = 2 * Math.PI * frequency;
  const length = words.length;
  const odd = length % 2;
  const half = length >> 1;
  // cos((k + offset) * angle) by the recurrence of Chebyshev.
  const twice = 2 * Math.cos(angle);
  let previous = Math.cos(angle * (odd === 1 ? 0 : -0.5));
  let current = Math.cos(angle * (odd === 1 ? 1 : 0.5));
  let sum = odd === 1 ? (words[half] as number) : 0;
  for (let k = 0; k < half; k++) {
    sum += 2 * (words[half + odd + k] as number) * current;
    const next = twice * current - previous;
    previous = current;
    current = next;
  }
  return Math.abs(sum) / gain;
}

/** Measures a filter as it is quantised. */
export function responseOf(spec: FilterSpec): Response {
  const words = quantise(spec);
  const { interpolation: l, decimation: m, shift, passband } = spec;
  const gain = l * 2 ** (shift + 23);
  const lower = Math.min(1, l / m) / l;
  const edge = (passband[0] / passband[1]) * lower;
  let ripple = 0;
  const points = 200;
  for (let i = 0; i <= points; i++) {
    ripple = Math.max(ripple, Math.abs(decibels(magnitude(words, gain, (edge * i) / points))));
  }
  let stop = 0;
  const first = 0.5 * lower;
  const steps = Math.ceil(4 * words.length * (0.5 - first));
  for (let i = 0; i <= steps; i++) {
    stop = Math.max(stop, magnitude(words, gain, first + ((0.5 - first) * i) / steps));
  }
  return { ripple, attenuation: -decibels(stop) };
}
