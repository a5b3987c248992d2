// Elementary functions of the dynamics modules, as published in SOF's math library. Numbers in the names
// are the fraction bits of the arguments and of the result. Values are 32 bits wide and held in 64.

import { mulr, rnd, sat32 } from "./fixed";

const ROOT_HALF: i64 = 759250112; // sqrt(1/2), Q30
const ROOT_TWO: i64 = 1518500224; // sqrt(2), Q30

/** Position above the top magnitude bit of `x`. */
// @ts-ignore: decorator
@inline
function topBit(x: i64): i64 {
  return 64 - clz(x ^ (x >> 63));
}

/** `x` scaled so that its top magnitude bit is bit 29: Q2.30, magnitude in 0.5..1. */
// @ts-ignore: decorator
@inline
function mantissa(x: i64, bit: i64): i64 {
  return bit <= 30 ? x << (30 - bit) : rnd(x, bit - 30);
}

// @ts-ignore: decorator
@inline
function quintic(m: i64, a5: i64, a4: i64, a3: i64, a2: i64, a1: i64, a0: i64): i64 {
  const m2 = mulr(m, m, 30);
  const m4 = mulr(m2, m2, 30);
  return mulr(mulr(a5, m, 30) + a4, m4, 30) + (mulr(mulr(a3, m, 30) + a2, m2, 30) + (mulr(a1, m, 30) + a0));
}

/** Decimal logarithm of 0 < x < 2^30. Without branches: the mantissa is as good as random. */
// @ts-ignore: decorator
@inline
function log10_26_26(x: i64): i64 {
  const bit = topBit(x);
  const whole = x << (30 - bit);
  const high = whole > ROOT_HALF;
  const m = select<i64>(mulr(whole, ROOT_HALF, 30), whole, high);
  const half = ((bit - 26) << 1) + <i64>high;
  const fraction = quintic(m, 75959200, -285795039, 457435200, -410610303, 244982704, -81731487);
  return fraction + ((half * 20201782 + 1) >> 1);
}

/** 20 * log10(x); -1000 dB for x <= 0. */
// @ts-ignore: decorator
@inline
export function decibels_26_21(x: i64): i64 {
  return x <= 0 ? -2097151999 : mulr(20, log10_26_26(x), 5);
}

/** Natural logarithm; -30 for x <= 0. */
// @ts-ignore: decorator
@inline
export function ln_26_26(x: i64): i64 {
  return x <= 0 ? -2013265919 : mulr(1236190976, log10_26_26(x), 29);
}

/** Reciprocal of a value with `px` fraction bits, with `py` fraction bits. */
// @ts-ignore: decorator
@inline
export function inverse(x: i64, px: i64, py: i64): i64 {
  const bit = topBit(x);
  let m = mantissa(x, bit);
  const small = (m < 0 ? -m : m) < ROOT_HALF;
  if (small) m = mulr(m, ROOT_TWO, 30);
  let v = quintic(m, -92027983, 470207584, -998064895, 1126492160, -713042175, 239989712);
  if (small) v = mulr(v, ROOT_TWO, 30);
  const p = bit - px + 25;
  if (p > py) return rnd(v, p - py);
  return p < py ? sat32(v << (py - p)) : v;
}

/** Arcus sine, relative to a right angle. */
export function asin_30_30(x: i64): i64 {
  let a7: i64, a5: i64, a3: i64, a1: i64, qc: i64;
  if ((x < 0 ? -x : x) <= ROOT_HALF) {
    qc = 30;
    a7 = 126897672;
    a5 = 43190596;
    a3 = 184887136;
    a1 = 1073495040;
  } else {
    qc = 26;
    x = rnd(x, 4);
    a7 = 948097024;
    a5 = -2024625535;
    a3 = 1441234048;
    a1 = -261361631;
  }
  const x2 = mulr(x, x, qc);
  const x4 = mulr(x2, x2, qc);
  const y = mulr(x, mulr(x4, mulr(a7, x2, qc) + a5, qc) + mulr(a3, x2, qc) + a1, qc);
  return mulr(y, 683565248, qc);
}

// exp(n / 8) * 2^31 for n = 0..3 and -4..-1.
const EIGHTHS = memory.data<u32>([
  2147483648, 2433417774, 2757423586, 3124570271, 1302514674, 1475942488, 1672461947, 1895147668,
]);

/** Exponential of a Q4.28 value with 19 fraction bits: 2^e * exp(n/8) * a short series, longer for larger results. */
// @ts-ignore: decorator
@inline
function expSeries(x: i64): u64 {
  const e = rnd(mulr(x, 1549082005, 32), 26);
  const y = <u32>((x << 3) - e * 1488522236);
  const b = <u64>(((y & 0x0fffffff) << 1) | 4);
  let p = (b * b) >> 32;
  let sum = b + (p >> 1) + 1;
  // The results' exponents cross these limits all the time: a masked term is cheaper than a branch.
  p = (b * p) >> 32;
  sum += (p * select<u64>(715827883, 0, e >= -10)) >> 32;
  p = (b * p) >> 32;
  sum += (p * select<u64>(178956971, 0, e >= -5)) >> 32;
  p = (b * p) >> 32;
  sum += (p * select<u64>(35791394, 0, e >= 0)) >> 32;
  if (e >= 6) sum += (((b * p) >> 32) * 5965232) >> 32;
  const series = 0x80000000 + ((<u64>(<u32>sum)) >> 1);
  const r = (<u64>load<u32>(EIGHTHS + (((y >> 28) & 7) << 2)) * series) >> 31;
  const shift = <u64>(12 - e);
  return (r + (((<u64>1) << shift) >> 1)) >> shift;
}

/** Exponential. */
// @ts-ignore: decorator
@inline
export function exp_27_20(x: i64): i64 {
  if (x > 1023359037) return 0x7fffffff;
  if (x < -0x40000000) {
    const half = <i64>expSeries(x);
    return <i64>(<i32>mulr(half, half, 18));
  }
  if (x > 0x3fffffff) return 0x7fffffff;
  return sat32(<i64>expSeries(x << 1) << 1);
}

/** Decibels to a linear factor. */
// @ts-ignore: decorator
@inline
export function linear_24_20(d: i64): i64 {
  return d > 1111097957 ? 0x7fffffff : exp_27_20(mulr(d, 15452387, 24));
}

/** x^y. */
// @ts-ignore: decorator
@inline
export function power_26_30_20(x: i64, y: i64): i64 {
  return x <= 0 ? 0 : exp_27_20(mulr(y, ln_26_26(x), 29));
}
