import type { AsrcFilterSpec } from "./asrc-filters.js";
import { besselI0, sinc } from "./design.js";

/** What a filter is the optimum of: weighted squares of its error over the frequencies, in input rates. */
export interface OptimumSpec {
  /** End of the pass band, whose errors weigh `passWeight`. */
  readonly pass: number;
  /** Start of the stop band; between them it follows the windowed sinc, with `transitionWeight`. */
  readonly stop: number;
  /** Up to here the stop band weighs `edgeWeight`, beyond it 1. */
  readonly edge: number;
  readonly passWeight: number;
  readonly transitionWeight: number;
  readonly edgeWeight: number;
  /** Cosines that it is made of. */
  readonly terms: number;
}

/** Images are held down to this frequency; they fall by themselves beyond. */
const LAST_FREQUENCY = 3;
/** Grid points to the lobe of a spectrum of the filter's length. */
const GRID = 6;
/** Points to an input sample at which the windowed sinc's spectrum is summed. */
const SUM_POINTS = 64;

/** Spectrum of the Kaiser-windowed sinc of the spec, 1 at frequency 0. */
function windowedSincSpectrum(spec: AsrcFilterSpec): (frequency: number) => number {
  const half = spec.taps / 2;
  const count = SUM_POINTS * half;
  const places = Array.from({ length: count }, (_, i) => ((i + 0.5) / count) * half);
  const values = places.map(
    (x) => sinc(2 * spec.gamma * x) * besselI0(spec.alpha * Math.sqrt(1 - (x / half) ** 2)),
  );
  const spectrum = (frequency: number) =>
    values.reduce(
      (sum, value, i) => sum + value * Math.cos(2 * Math.PI * frequency * (places[i] as number)),
      0,
    );
  const atZero = spectrum(0);
  return (frequency) => spectrum(frequency) / atZero;
}

/** Solves the symmetric equations of a least-squares fit in place. @param rows each with its right side last */
function solve(rows: readonly Float64Array[]): Float64Array {
  const count = rows.length;
  for (let i = 0; i < count; i++) {
    const pivot = rows[i] as Float64Array;
    for (let j = 0; j < count; j++) {
      if (j === i) continue;
      const row = rows[j] as Float64Array;
      const factor = (row[i] as number) / (pivot[i] as number);
      for (let k = i; k <= count; k++) {
        row[k] = (row[k] as number) - factor * (pivot[k] as number);
      }
    }
  }
  return Float64Array.from(rows, (row, i) => (row[count] as number) / (row[i] as number));
}

/**
 * Designs a response of limited length that is a sum of cosines, by least squares over the frequencies. A window
 * spends its errors evenly in a way of its own; this spends them where they are not heard.
 *
 * @param reach input samples from the middle of the response to its end
 * @returns the response at a distance from its middle, in input samples
 */
export function optimumResponse(
  spec: AsrcFilterSpec,
  optimum: OptimumSpec,
  reach: number,
): (distance: number) => number {
  const { pass, stop, edge, passWeight, transitionWeight, edgeWeight, terms } = optimum;
  const windowed = windowedSincSpectrum(spec);
  const rows = Array.from({ length: terms }, () => new Float64Array(terms + 1));
  const step = 1 / (spec.taps * GRID);
  const basis = new Float64Array(terms);
  for (let f = step / 2; f < LAST_FREQUENCY; f += step) {
    const target = f < pass ? 1 : f < stop ? windowed(f) : 0;
    const stopWeight = f < edge ? edgeWeight : 1;
    const weight = f < pass ? passWeight : f < stop ? transitionWeight : stopWeight;
    // Spectrum of each cosine within the reach.
    for (let k = 0; k < terms; k++) {
      basis[k] = reach * (sinc(2 * reach * f - k) + sinc(2 * reach * f + k));
    }
    for (let i = 0; i < terms; i++) {
      const row = rows[i] as Float64Array;
      const weighted = weight * (basis[i] as number);
      for (let j = 0; j < terms; j++) row[j] = (row[j] as number) + weighted * (basis[j] as number);
      row[terms] = (row[terms] as number) + weighted * target;
    }
  }
  const amplitudes = solve(rows);
  return (distance) => {
    if (Math.abs(distance) > reach) return 0;
    let sum = 0;
    for (let k = 0; k < terms; k++) {
      sum += (amplitudes[k] as number) * Math.cos((Math.PI * k * distance) / reach);
    }
    return sum;
  };
}
