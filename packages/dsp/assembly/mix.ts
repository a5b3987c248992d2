// Mixing: samples are stored or added with saturation, at a gain of 0..1024 over 1024 (1024 is unity).

import { addSat32, mulShift, sat24, sx24 } from "./lib/fixed";

const S24 = 1;
const S32 = 2;
const UNITY = 1024;

// @ts-ignore: decorator
@inline
function scaled(kind: i32, x: v128, gain: v128, unity: bool): v128 {
  const value = kind == S24 ? sx24(x) : x;
  return unity ? value : mulShift(value, gain, 10, false);
}

// @ts-ignore: decorator
@inline
function addition(kind: i32, y: v128, x: v128): v128 {
  return kind == S24 ? sat24(i32x4.add(sx24(y), x)) : addSat32(y, x);
}

// @ts-ignore: decorator
@inline
function add32(kind: i32, src: usize, dst: usize, samples: i32, gain: i32, unity: bool): void {
  const factor = i32x4.splat(gain);
  const wide = dst + (((samples & ~3) as usize) << 2);
  while (dst < wide) {
    v128.store(dst, addition(kind, v128.load(dst), scaled(kind, v128.load(src), factor, unity)));
    src += 16;
    dst += 16;
  }
  for (let left = samples & 3; left > 0; left--) {
    v128.store32_lane(dst, addition(kind, v128.load32_zero(dst), scaled(kind, v128.load32_zero(src), factor, unity)), 0);
    src += 4;
    dst += 4;
  }
}

// @ts-ignore: decorator
@inline
function store32(kind: i32, src: usize, dst: usize, samples: i32, gain: i32): void {
  const factor = i32x4.splat(gain);
  const wide = dst + (((samples & ~3) as usize) << 2);
  while (dst < wide) {
    v128.store(dst, scaled(kind, v128.load(src), factor, false));
    src += 16;
    dst += 16;
  }
  for (let left = samples & 3; left > 0; left--) {
    v128.store32_lane(dst, scaled(kind, v128.load32_zero(src), factor, false), 0);
    src += 4;
    dst += 4;
  }
}

// A 16-bit sample times at most 1024 fits 32 bits.
// @ts-ignore: decorator
@inline
function scaled16(x: v128, gain: v128): v128 {
  const low = i32x4.shr_s(i32x4.mul(i32x4.extend_low_i16x8_s(x), gain), 10);
  const high = i32x4.shr_s(i32x4.mul(i32x4.extend_high_i16x8_s(x), gain), 10);
  return i16x8.narrow_i32x4_s(low, high);
}

// @ts-ignore: decorator
@inline
function short(src: usize, dst: usize, samples: i32, gain: i32, add: bool): void {
  const factor = i32x4.splat(gain);
  const unity = gain == UNITY;
  const wide = dst + (((samples & ~7) as usize) << 1);
  while (dst < wide) {
    let x = v128.load(src);
    if (!unity) x = scaled16(x, factor);
    v128.store(dst, add ? i16x8.add_sat_s(v128.load(dst), x) : x);
    src += 16;
    dst += 16;
  }
  for (let left = samples & 7; left > 0; left--) {
    let x = i16x8.splat(load<i16>(src));
    if (!unity) x = scaled16(x, factor);
    v128.store16_lane(dst, add ? i16x8.add_sat_s(i16x8.splat(load<i16>(dst)), x) : x, 0);
    src += 2;
    dst += 2;
  }
}

export function mixAddS16(src: usize, dst: usize, samples: i32, gain: i32): void {
  short(src, dst, samples, gain, true);
}
export function mixStoreS16(src: usize, dst: usize, samples: i32, gain: i32): void {
  short(src, dst, samples, gain, false);
}
export function mixAddS24(src: usize, dst: usize, samples: i32, gain: i32): void {
  if (gain == UNITY) add32(S24, src, dst, samples, gain, true);
  else add32(S24, src, dst, samples, gain, false);
}
export function mixStoreS24(src: usize, dst: usize, samples: i32, gain: i32): void {
  store32(S24, src, dst, samples, gain);
}
export function mixAddS32(src: usize, dst: usize, samples: i32, gain: i32): void {
  if (gain == UNITY) add32(S32, src, dst, samples, gain, true);
  else add32(S32, src, dst, samples, gain, false);
}
export function mixStoreS32(src: usize, dst: usize, samples: i32, gain: i32): void {
  store32(S32, src, dst, samples, gain);
}
