import { assert } from "@sof-ts/kit";
import { VOLUME_UNITY } from "./gain.js";

const UNITY_Q16 = 0x1_0000;
/** 10^(1/20) in Q16: one decibel. */
const ONE_DB_Q16 = 73533;
/** 10^(1/40) in Q16: half a decibel. */
const HALF_DB_Q16 = 69419;

/** Product of two Q16 numbers, rounded to nearest. */
function multiplyQ16(a: number, b: number): number {
  return Number((BigInt(a) * BigInt(b) + 0x8000n) >> 16n);
}

/** Scale of a volume control, as its topology states it (ALSA's `SNDRV_CTL_TLVT_DB_SCALE`). */
export interface VolumeScale {
  /** Level of index 0 in 1/100 dB. */
  readonly minHundredths: number;
  /** Level from one index to the next in 1/100 dB. */
  readonly stepHundredths: number;
  /** Index 0 is silence. */
  readonly mute: boolean;
}

/**
 * Linear gain of an index of a volume control, as the Linux driver computes it (`vol_compute_gain`).
 *
 * @returns the gain in Q16, 0x10000 for 0 dB
 */
export function volumeGainQ16(scale: VolumeScale, index: number): number {
  assert(Number.isInteger(index) && index >= 0, `index ${index} of a volume control`);
  if (scale.mute && index === 0) return 0;
  const above = index * scale.stepHundredths;
  const decibels = Math.trunc(scale.minHundredths / 100) + Math.floor(above / 100);
  return gainQ16(decibels, above % 100 >= 50);
}

/**
 * Linear gain of a level: a power by squaring in rounded Q16, its reciprocal below 0 dB.
 *
 * @param decibels whole decibels
 * @param half adds half a decibel
 * @returns the gain in Q16
 */
export function gainQ16(decibels: number, half = false): number {
  assert(Number.isInteger(decibels), `level of ${decibels} dB`);
  const power = powerQ16(ONE_DB_Q16, Math.abs(decibels));
  const whole = decibels < 0 ? Math.floor(0x1_0000_0000 / power) : power;
  return half ? Number((BigInt(whole) * BigInt(HALF_DB_Q16)) >> 16n) : whole;
}

function powerQ16(base: number, exponent: number): number {
  let result = UNITY_Q16;
  let square = base;
  for (let rest = exponent; rest > 0; rest >>= 1) {
    if (rest & 1) result = multiplyQ16(result, square);
    square = multiplyQ16(square, square);
  }
  return result;
}

/** @returns the volume on the wire (Q1.31); 0 dB and above saturate to `VOLUME_UNITY` */
export function wireVolume(gainQ16: number): number {
  return Math.min(gainQ16 * 0x8000, VOLUME_UNITY);
}
