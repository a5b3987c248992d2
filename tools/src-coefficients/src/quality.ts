import type { Conversion } from "./conversions.js";
import { convert } from "./converter.js";
import { allFilterSpecs } from "./filters.js";
import { type Response, responseOf } from "./response.js";

/** -1 dBFS. */
export const LEVEL = 10 ** (-1 / 20);
export const LOW_TONE = 997;
/** Top of the band that every conversion keeps, relative to the lower rate. */
const PASSBAND = 20 / 44.1;
const SECONDS = 0.12;
/** Blocks of many sub-filters take long to fill at low rates. */
const LEAST_FRAMES = 8192;

/** Quality of one conversion. */
export interface Quality {
  readonly conversion: Conversion;
  /** Of all stages together, in dB. */
  readonly ripple: number;
  /** Of the weakest stage, in dB; infinite for a copy. */
  readonly attenuation: number;
  /** Total harmonic distortion and noise of a 997 Hz tone at -1 dBFS, in dB relative to the tone. */
  readonly thdLow: number;
  /** The same of a tone at 90 % of the pass band. */
  readonly thdHigh: number;
}

const responses = new Map<string, Response>();

function cachedResponse(name: string): Response {
  let response = responses.get(name);
  if (response === undefined) {
    const spec = allFilterSpecs.find((each) => each.name === name);
    if (spec === undefined) throw new Error(`no filter ${name}`);
    response = responseOf(spec);
    responses.set(name, response);
  }
  return response;
}

/**
 * Everything in a signal that is not the tone of a given frequency, relative to that tone.
 *
 * @param frequency of the tone relative to the signal's rate
 * @returns dB
 */
export function residual(samples: ArrayLike<number>, frequency: number): number {
  const n = samples.length;
  // Least squares for a constant, a cosine and a sine: a window of many periods makes them all but orthogonal,
  // three rounds of refinement remove what is left.
  const rest = Float64Array.from({ length: n }, (_, i) => (samples[i] as number) / 2 ** 31);
  let tone = 0;
  let cosine = 0;
  let sine = 0;
  for (let round = 0; round < 6; round++) {
    let a = 0;
    let b = 0;
    let mean = 0;
    for (let i = 0; i < n; i++) {
      const angle = 2 * Math.PI * frequency * i;
      a += (2 / n) * (rest[i] as number) * Math.cos(angle);
      b += (2 / n) * (rest[i] as number) * Math.sin(angle);
      mean += (rest[i] as number) / n;
    }
    cosine += a;
    sine += b;
    for (let i = 0; i < n; i++) {
      const angle = 2 * Math.PI * frequency * i;
      rest[i] = (rest[i] as number) - a * Math.cos(angle) - b * Math.sin(angle) - mean;
    }
  }
  tone = (cosine ** 2 + sine ** 2) / 2;
  let noise = 0;
  for (let i = 0; i < n; i++) noise += (rest[i] as number) ** 2 / n;
  return 10 * Math.log10(noise / tone);
}

/** THD+N of a tone that goes through a conversion, in dB, once the filters are full. */
export function thd(conversion: Conversion, tone: number): number {
  const { from, to, stages } = conversion;
  const samples = Int32Array.from(
    { length: Math.max(Math.ceil(SECONDS * from), LEAST_FRAMES) },
    (_, i) => Math.round(LEVEL * (2 ** 31 - 1) * Math.sin((2 * Math.PI * tone * i) / from)),
  );
  const out = convert(stages, samples);
  const settled = out.subarray(Math.floor(out.length * 0.4), Math.floor(out.length * 0.95));
  return residual(settled, tone / to);
}

/** Measures one conversion. */
function qualityOf(conversion: Conversion): Quality {
  const all = conversion.stages.map(cachedResponse);
  const top = 0.9 * PASSBAND * Math.min(conversion.from, conversion.to, 2 * 24000);
  return {
    conversion,
    ripple: all.reduce((sum, { ripple }) => sum + ripple, 0),
    attenuation: Math.min(Number.POSITIVE_INFINITY, ...all.map(({ attenuation }) => attenuation)),
    thdLow: thd(conversion, LOW_TONE),
    thdHigh: thd(conversion, top),
  };
}

/** Measures conversions. */
export const measureAll = (list: readonly Conversion[]): Quality[] => list.map(qualityOf);
