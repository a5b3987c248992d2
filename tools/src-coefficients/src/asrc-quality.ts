import { asrcBytes, asrcFilter, asrcGiven, createAsrcKernels, resetAsrc } from "@sof-ts/dsp";
import { FIRST_FREE, memoryOf } from "./converter.js";
import { LEVEL, LOW_TONE, residual } from "./quality.js";

/** Pairs of rates that are measured: up to 48 kHz and every way down. */
export const asrcPairs: readonly (readonly [from: number, to: number])[] = [
  ...[8000, 16000, 24000, 32000, 44100, 48000].map((from) => [from, 48000] as const),
  ...[96000, 192000].map((to) => [48000, to] as const),
  ...[44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000].map((to) => [48000, to] as const),
  [24000, 16000],
  [24000, 8000],
];

/**
 * Puts a mono signal through the converter, with the arithmetic of the module.
 *
 * @param width bits of the samples, which are right-aligned
 */
export function convertAsrc(
  from: number,
  to: number,
  samples: Int32Array,
  width: 16 | 24 | 32 = 32,
): Int32Array {
  const filter = asrcFilter(from, to);
  if (filter === null) throw new Error(`no filter from ${from} to ${to} Hz`);
  const most = Math.ceil((samples.length * to) / from) + 1;
  const state = FIRST_FREE;
  const src = (state + asrcBytes(filter, 1) + 15) & ~15;
  const dst = src + samples.length * 4;
  const memory = memoryOf(dst + most * 4);
  const kernels = createAsrcKernels(memory);
  resetAsrc(memory, { state, filter, channels: 1, width, from, to });
  if (width === 16) memory.i16.set(samples, src >> 1);
  else memory.i32.set(samples, src >> 2);
  kernels.push(state, src, samples.length, dst, most);
  const given = asrcGiven(memory, state);
  if (width !== 16) return memory.i32.slice(dst >> 2, (dst >> 2) + given);
  return Int32Array.from(memory.i16.subarray(dst >> 1, (dst >> 1) + given));
}

/** THD+N of a tone at -1 dBFS, in dB. */
export function thdAsrc(from: number, to: number, tone: number): number {
  const samples = Int32Array.from({ length: 9000 }, (_, i) =>
    Math.round(LEVEL * (2 ** 31 - 1) * Math.sin((2 * Math.PI * tone * i) / from)),
  );
  const out = convertAsrc(from, to, samples);
  // The step of time is a 27-bit fraction: so is the rate, a little.
  const step = Math.floor((2 ** 27 * from) / to) / 2 ** 27;
  const settled = out.subarray(Math.floor(out.length * 0.2), Math.floor(out.length * 0.95));
  return residual(settled, (tone / from) * step);
}

/** What the response to an impulse says of a conversion up by a whole number. */
export interface ImpulseQuality {
  /** Largest deviation from 0 dB up to 0.409 of the input rate. */
  readonly ripple: number;
  /** Smallest attenuation from 0.507 of the input rate on; infinite at equal rates. */
  readonly attenuation: number;
  /** Power of all images of a tone at 0.3 of the input rate, in dB; -infinite at equal rates. */
  readonly images: number;
}

const decibels = (value: number) => 20 * Math.log10(Math.max(value, 1e-15));

/** Measures what came out for an impulse of 0.5. @param factor output rate / input rate */
export function impulseQuality(samples: ArrayLike<number>, factor: number): ImpulseQuality {
  const magnitude = (frequency: number) => {
    let a = 0;
    let b = 0;
    for (let i = 0; i < samples.length; i++) {
      const value = (samples[i] as number) / 2 ** 30 / factor;
      const angle = (2 * Math.PI * frequency * i) / factor;
      a += value * Math.cos(angle);
      b += value * Math.sin(angle);
    }
    return Math.hypot(a, b);
  };
  let ripple = 0;
  for (let i = 0; i <= 200; i++) {
    ripple = Math.max(ripple, Math.abs(decibels(magnitude((0.409 * i) / 200))));
  }
  let stop = 0;
  for (let i = 0; i <= 600 * (factor - 1); i++) {
    const frequency = 0.507 + ((factor / 2 - 0.507) * i) / (600 * (factor - 1));
    stop = Math.max(stop, magnitude(frequency));
  }
  let images = 0;
  const tone = magnitude(0.3);
  for (let k = 1; k <= factor / 2; k++) {
    for (const image of [k - 0.3, k + 0.3]) {
      if (image < factor / 2) images += (magnitude(image) / tone) ** 2;
    }
  }
  return {
    ripple,
    attenuation: factor === 1 ? Number.POSITIVE_INFINITY : -decibels(stop),
    images: factor === 1 ? Number.NEGATIVE_INFINITY : 10 * Math.log10(images),
  };
}

/** The converter's own response to the impulse of the recordings. */
export function ownImpulse(from: number, to: number): Int32Array {
  const samples = new Int32Array(400);
  samples[10] = 2 ** 30;
  return convertAsrc(from, to, samples);
}

/** Tones that are measured: one low, one at 80 % of half of the lower rate. */
export const asrcTones = (from: number, to: number): readonly [number, number] => [
  LOW_TONE,
  0.8 * 0.5 * Math.min(from, to),
];
