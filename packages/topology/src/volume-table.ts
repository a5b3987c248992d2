import type { DbScale } from "./model/controls.js";

/** 0 dB as the wire writes it, Q1.31; also what every gain above it becomes. */
export const UNITY_Q31 = 0x7fffffff;

/** 10^(1/20) and 10^(1/40) in Q16: one decibel and half of one. */
const ONE_DB_Q16 = 73533;
const HALF_DB_Q16 = 69419;
const UNITY_Q16 = 65536;

/**
 * Computes what the host sends for value `index` of a volume control: the gain in Q1.31, exactly as the Linux
 * driver computes it. Whole decibels are products of a rounded Q16 decibel, negative ones the truncated
 * inverse of that, a remaining half decibel one more factor.
 *
 * @param scale decibel scale of the control
 * @param index value of the control, from 0
 * @returns 0..0x7fffffff; 0 dB and above give 0x7fffffff
 */
export function volumeQ31(scale: DbScale, index: number): number {
  if (scale.mute && index === 0) return 0;
  const steps = index * scale.stepCentiDb;
  let gain = wholeDbQ16(Math.trunc(scale.minCentiDb / 100) + Math.floor(steps / 100));
  if (steps % 100 === 50) gain = Math.floor((gain * HALF_DB_Q16) / UNITY_Q16);
  return gain >= UNITY_Q16 ? UNITY_Q31 : gain * 0x8000;
}

/** All products stay below 2^53, so plain numbers are exact; beyond 90 dB the result no longer matters. */
function wholeDbQ16(db: number): number {
  const count = Math.min(Math.abs(db), 120);
  let power = UNITY_Q16;
  for (let i = 0; i < count; i++) {
    power = Math.floor((power * ONE_DB_Q16 + UNITY_Q16 / 2) / UNITY_Q16);
  }
  return db < 0 ? Math.floor(0x1_0000_0000 / power) : power;
}

/**
 * The gains of all values of a volume control.
 *
 * @param max highest value of the control
 * @returns `max + 1` gains, Q1.31
 */
export function volumeTable(scale: DbScale, max: number): Uint32Array {
  return Uint32Array.from({ length: max + 1 }, (_, index) => volumeQ31(scale, index));
}

/** @returns the level of value `index` in decibels as a mixer shows it, -Infinity for mute */
export function volumeDb(scale: DbScale, index: number): number {
  if (scale.mute && index === 0) return Number.NEGATIVE_INFINITY;
  return (scale.minCentiDb + index * scale.stepCentiDb) / 100;
}
