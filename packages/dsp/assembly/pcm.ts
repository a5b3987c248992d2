// PCM copies and conversions: interleaved samples, any alignment, blocks without wrap.

import { rnd32, sat16, sat24, sx24 } from "./lib/fixed";

// Conversions of 32-bit containers.
const COPY = 0;
const SHL8 = 1;
const SHL16 = 2;
const ROUND8 = 3; // sat24(rnd(x, 8))
const ROUND8_MSB = 4; // the same, left-aligned
const ROUND16 = 5; // sat16(rnd(x, 16)), sign-extended
const ROUND8_FROM24 = 6; // sat16(rnd(sx24(x), 8)), sign-extended
const SHR8 = 7;
const SHR16 = 8;
const SX24 = 9;
const FLOAT_FROM_EXACT = 10; // at most 24 significant bits

// @ts-ignore: decorator
@inline
function op(kind: i32, x: v128, scale: v128): v128 {
  if (kind == COPY) return x;
  if (kind == SHL8) return i32x4.shl(x, 8);
  if (kind == SHL16) return i32x4.shl(x, 16);
  if (kind == ROUND8) return sat24(rnd32(x, 8));
  if (kind == ROUND8_MSB) return i32x4.shl(sat24(rnd32(x, 8)), 8);
  if (kind == ROUND16) return sat16(rnd32(x, 16));
  if (kind == ROUND8_FROM24) return sat16(rnd32(sx24(x), 8));
  if (kind == SHR8) return i32x4.shr_s(x, 8);
  if (kind == SHR16) return i32x4.shr_s(x, 16);
  if (kind == SX24) return sx24(x);
  return f32x4.mul(f32x4.convert_i32x4_s(x), scale);
}

// @ts-ignore: decorator
@inline
function words(kind: i32, src: usize, dst: usize, samples: i32, scale: f32 = 1): void {
  const factor = f32x4.splat(scale);
  const wide = dst + (((samples & ~7) as usize) << 2);
  while (dst < wide) {
    const a = v128.load(src);
    const b = v128.load(src, 16);
    v128.store(dst, op(kind, a, factor));
    v128.store(dst, op(kind, b, factor), 16);
    src += 32;
    dst += 32;
  }
  for (let left = samples & 7; left > 0; left--) {
    v128.store32_lane(dst, op(kind, v128.load32_zero(src), factor), 0);
    src += 4;
    dst += 4;
  }
}

// 16-bit to 32-bit containers.
// @ts-ignore: decorator
@inline
function widen(kind: i32, src: usize, dst: usize, samples: i32, scale: f32 = 1): void {
  const factor = f32x4.splat(scale);
  const wide = dst + (((samples & ~7) as usize) << 2);
  while (dst < wide) {
    const x = v128.load(src);
    v128.store(dst, op(kind, i32x4.extend_low_i16x8_s(x), factor));
    v128.store(dst, op(kind, i32x4.extend_high_i16x8_s(x), factor), 16);
    src += 16;
    dst += 32;
  }
  for (let left = samples & 7; left > 0; left--) {
    v128.store32_lane(dst, op(kind, i32x4.splat(<i32>load<i16>(src)), factor), 0);
    src += 2;
    dst += 4;
  }
}

// 32-bit to 16-bit containers; the narrowing saturates.
// @ts-ignore: decorator
@inline
function narrow(kind: i32, src: usize, dst: usize, samples: i32): void {
  const wide = dst + (((samples & ~7) as usize) << 1);
  const none = f32x4.splat(1);
  while (dst < wide) {
    const a = v128.load(src);
    const b = v128.load(src, 16);
    v128.store(dst, i16x8.narrow_i32x4_s(narrowing(kind, a, none), narrowing(kind, b, none)));
    src += 32;
    dst += 16;
  }
  for (let left = samples & 7; left > 0; left--) {
    const x = narrowing(kind, v128.load32_zero(src), none);
    v128.store16_lane(dst, i16x8.narrow_i32x4_s(x, x), 0);
    src += 4;
    dst += 2;
  }
}

// What goes into the saturating narrowing; LOW16 keeps the low half whatever the rest is.
const LOW16 = 11;
// @ts-ignore: decorator
@inline
function narrowing(kind: i32, x: v128, none: v128): v128 {
  if (kind == ROUND16) return rnd32(x, 16);
  if (kind == ROUND8_FROM24) return rnd32(i32x4.shl(x, 8), 16);
  if (kind == LOW16) return i32x4.shr_s(i32x4.shl(x, 16), 16);
  return op(kind, x, none);
}

export function copyBytes(src: usize, dst: usize, bytes: i32): void {
  const wide = dst + ((bytes & ~63) as usize);
  while (dst < wide) {
    const a = v128.load(src);
    const b = v128.load(src, 16);
    const c = v128.load(src, 32);
    const d = v128.load(src, 48);
    v128.store(dst, a);
    v128.store(dst, b, 16);
    v128.store(dst, c, 32);
    v128.store(dst, d, 48);
    src += 64;
    dst += 64;
  }
  let left = bytes & 63;
  for (; left >= 16; left -= 16) {
    v128.store(dst, v128.load(src));
    src += 16;
    dst += 16;
  }
  for (; left >= 4; left -= 4) {
    store<i32>(dst, load<i32>(src));
    src += 4;
    dst += 4;
  }
  for (; left > 0; left--) store<u8>(dst++, load<u8>(src++));
}

export function zeroBytes(dst: usize, bytes: i32): void {
  const zero = i32x4.splat(0);
  for (; bytes >= 16; bytes -= 16) {
    v128.store(dst, zero);
    dst += 16;
  }
  for (; bytes > 0; bytes--) store<u8>(dst++, 0);
}

export function s16ToS16In32(src: usize, dst: usize, samples: i32): void {
  widen(COPY, src, dst, samples);
}
export function s16ToS24(src: usize, dst: usize, samples: i32): void {
  widen(SHL8, src, dst, samples);
}
export function s16ToS32(src: usize, dst: usize, samples: i32): void {
  widen(SHL16, src, dst, samples);
}
export function s16ToFloat(src: usize, dst: usize, samples: i32): void {
  widen(FLOAT_FROM_EXACT, src, dst, samples, <f32>(1.0 / 32768.0));
}
export function s16In32ToS16(src: usize, dst: usize, samples: i32): void {
  narrow(LOW16, src, dst, samples);
}
export function s24ToS16(src: usize, dst: usize, samples: i32): void {
  narrow(ROUND8_FROM24, src, dst, samples);
}
export function s32ToS16(src: usize, dst: usize, samples: i32): void {
  narrow(ROUND16, src, dst, samples);
}
export function shiftLeft8(src: usize, dst: usize, samples: i32): void {
  words(SHL8, src, dst, samples);
}
export function shiftLeft16(src: usize, dst: usize, samples: i32): void {
  words(SHL16, src, dst, samples);
}
export function s32ToS24(src: usize, dst: usize, samples: i32): void {
  words(ROUND8, src, dst, samples);
}
export function s32ToS24Msb(src: usize, dst: usize, samples: i32): void {
  words(ROUND8_MSB, src, dst, samples);
}
export function s32ToS16In32(src: usize, dst: usize, samples: i32): void {
  words(ROUND16, src, dst, samples);
}
export function s24ToS16In32(src: usize, dst: usize, samples: i32): void {
  words(ROUND8_FROM24, src, dst, samples);
}
export function signExtend24(src: usize, dst: usize, samples: i32): void {
  words(SX24, src, dst, samples);
}

// Integer to float truncates the mantissa. A double holds 32 bits exactly; clearing the bits that a float
// has no room for makes the demotion exact.
// @ts-ignore: decorator
@inline
function truncatedFloat(x: v128, scale: v128): v128 {
  const keep = i64x2.splat(~0x1fffffff);
  const low = f64x2.mul(v128.and(f64x2.convert_low_i32x4_s(x), keep), scale);
  const high = f64x2.mul(v128.and(f64x2.convert_low_i32x4_s(v128.shuffle<i32>(x, x, 2, 3, 2, 3)), keep), scale);
  return v128.shuffle<i32>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 4, 5);
}

// @ts-ignore: decorator
@inline
function toFloat(src: usize, dst: usize, samples: i32, scale: f64): void {
  const factor = f64x2.splat(scale);
  const wide = dst + (((samples & ~3) as usize) << 2);
  while (dst < wide) {
    v128.store(dst, truncatedFloat(v128.load(src), factor));
    src += 16;
    dst += 16;
  }
  for (let left = samples & 3; left > 0; left--) {
    v128.store32_lane(dst, truncatedFloat(v128.load32_zero(src), factor), 0);
    src += 4;
    dst += 4;
  }
}

export function s24ToFloat(src: usize, dst: usize, samples: i32): void {
  toFloat(src, dst, samples, 1.0 / 8388608.0);
}
export function s32ToFloat(src: usize, dst: usize, samples: i32): void {
  toFloat(src, dst, samples, 1.0 / 2147483648.0);
}

/** `value` shifted left by `by`, or right when that is negative, at most 32 places, clamped at the top. */
// @ts-ignore: decorator
@inline
function shifted(value: i64, by: i32): i64 {
  const moved = by >= 0 ? value << <i64>min(by, 32) : value >> <i64>min(-by, 32);
  return min<i64>(moved, 0x7fffffff);
}

// @ts-ignore: decorator
@inline
function floatToInt(bits: i32, fraction: i32): i32 {
  const exponent = ((bits >> 23) & 255) + fraction - 127;
  const mantissa = <i64>(0x800000 | (bits & 0x7fffff));
  let value = shifted(mantissa, exponent - 23);
  if (exponent - 22 < 9 || bits < 0) value += shifted(mantissa, exponent - 22) & 1;
  const result = <i32>value;
  return bits < 0 ? -result : result;
}

export function floatToS16(src: usize, dst: usize, samples: i32): void {
  for (; samples > 0; samples--) {
    const value = floatToInt(load<i32>(src), 15);
    store<i16>(dst, <i16>min(max(value, -0x8000), 0x7fff));
    src += 4;
    dst += 2;
  }
}
export function floatToS24(src: usize, dst: usize, samples: i32): void {
  for (; samples > 0; samples--) {
    const value = floatToInt(load<i32>(src), 23);
    store<i32>(dst, min(max(value, -0x800000), 0x7fffff));
    src += 4;
    dst += 4;
  }
}
export function floatToS32(src: usize, dst: usize, samples: i32): void {
  for (; samples > 0; samples--) {
    store<i32>(dst, floatToInt(load<i32>(src), 31));
    src += 4;
    dst += 4;
  }
}

export function s24PackedToS24(src: usize, dst: usize, samples: i32): void {
  for (; samples > 0; samples--) {
    store<i32>(dst, (<i32>load<i8>(src, 2) << 16) | (<i32>load<u8>(src, 1) << 8) | <i32>load<u8>(src));
    src += 3;
    dst += 4;
  }
}
export function s24ToS24Packed(src: usize, dst: usize, samples: i32): void {
  for (; samples > 0; samples--) {
    const value = load<i32>(src);
    store<u8>(dst, <u8>value);
    store<u8>(dst, <u8>(value >> 8), 1);
    store<u8>(dst, <u8>(value >> 16), 2);
    src += 4;
    dst += 3;
  }
}
export function u8ToS32(src: usize, dst: usize, samples: i32): void {
  for (; samples > 0; samples--) {
    store<i32>(dst, (<i32>load<u8>(src++) - 128) << 24);
    dst += 4;
  }
}
export function s32ToU8(src: usize, dst: usize, samples: i32): void {
  for (; samples > 0; samples--) {
    const rounded = ((load<i32>(src) >> 23) + 1) >> 1;
    store<u8>(dst++, <u8>(min(rounded, 127) + 128));
    src += 4;
  }
}

/** Logical right shift of 32-bit words in place. */
export function attenuate(address: usize, samples: i32, shift: i32): void {
  for (; samples >= 4; samples -= 4) {
    v128.store(address, i32x4.shr_u(v128.load(address), shift));
    address += 16;
  }
  for (; samples > 0; samples--) {
    store<u32>(address, load<u32>(address) >> shift);
    address += 4;
  }
}

// One channel of a remap: `shift` left when positive, right when negative, no rounding, low bits kept.
// @ts-ignore: decorator
@inline
function remapChannel(inShort: bool, outShort: bool, src: usize, srcStep: i32, dst: usize, dstStep: i32, frames: i32, left: i32, right: i32): void {
  for (; frames > 0; frames--) {
    const x = inShort ? <i32>load<i16>(src) : load<i32>(src);
    const y = (x << left) >> right;
    if (outShort) store<i16>(dst, <i16>y);
    else store<i32>(dst, y);
    src += srcStep;
    dst += dstStep;
  }
}

/**
 * Output channel c takes the input channel in nibble c of `map`, or silence for 15 and for what the input
 * has not. `shift` is left when positive, arithmetic right when negative.
 */
export function remap(src: usize, srcBytes: i32, srcChannels: i32, dst: usize, dstBytes: i32, dstChannels: i32, map: u32, shift: i32, frames: i32): void {
  const left = max(shift, 0);
  const right = max(-shift, 0);
  const srcStep = srcBytes * srcChannels;
  const dstStep = dstBytes * dstChannels;
  for (let channel = 0; channel < dstChannels; channel++) {
    const from = <i32>((map >> (channel << 2)) & 15);
    const to = dst + channel * dstBytes;
    if (from >= srcChannels) {
      for (let i = 0; i < frames; i++) {
        if (dstBytes == 2) store<i16>(to + i * dstStep, 0);
        else store<i32>(to + i * dstStep, 0);
      }
      continue;
    }
    const at = src + from * srcBytes;
    if (srcBytes == 2) {
      if (dstBytes == 2) remapChannel(true, true, at, srcStep, to, dstStep, frames, left, right);
      else remapChannel(true, false, at, srcStep, to, dstStep, frames, left, right);
    } else if (dstBytes == 2) remapChannel(false, true, at, srcStep, to, dstStep, frames, left, right);
    else remapChannel(false, false, at, srcStep, to, dstStep, frames, left, right);
  }
}
