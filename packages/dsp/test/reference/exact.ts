/**
 * Exact integer arithmetic for the slow references: every value is a BigInt, every operation is written as
 * the fixed-point formula states it. `n` is a number of fraction bits, shifts are arithmetic.
 */
const HALF = 0.5;

/** `value` as two's complement of `bits` bits. */
export const wrap = (value: bigint, bits = 32): bigint => BigInt.asIntN(bits, value);

/** Round half up: `((v >> (n - 1)) + 1) >> 1`. */
export const rnd = (value: bigint, n: number): bigint => ((value >> BigInt(n - 1)) + 1n) >> 1n;

/** Product rounded half up to `n` fewer fraction bits. */
export const mulr = (a: bigint, b: bigint, n: number): bigint => rnd(a * b, n);

/** Clamps to two's complement of `bits` bits. */
export function sat(value: bigint, bits: number): bigint {
  const high = (1n << BigInt(bits - 1)) - 1n;
  return value > high ? high : value < -high - 1n ? -high - 1n : value;
}
export const sat16 = (value: bigint): bigint => sat(value, 16);
export const sat24 = (value: bigint): bigint => sat(value, 24);
export const sat32 = (value: bigint): bigint => sat(value, 32);

/** Fixed-point constant with `n` fraction bits: half is added, then the value is cut towards zero. */
export const fixed = (value: number, n: number): bigint =>
  BigInt(Math.trunc(value * 2 ** n + HALF));

/** As {@link fixed}, of a constant that is first rounded to single precision. */
export const fixedF = (value: number, n: number): bigint => fixed(Math.fround(value), n);

/** The three sample widths that modules process. */
export type Width = 16 | 24 | 32;

/** A sample in the low bits of its container as a left-aligned 32-bit value. */
export const to32 = (sample: bigint, width: Width): bigint => wrap(sample << BigInt(32 - width));

/** A left-aligned 32-bit value rounded and saturated to `width` bits. */
export const from32 = (value: bigint, width: Width): bigint =>
  width === 32 ? value : sat(rnd(value, 32 - width), width);
