// Kernels that combine or reorder the channels of a frame.

import { sat32 } from "./lib/fixed";

/**
 * y[o] = sat((sum_j x[j] * c[o][j] + 512) >> 10). Coefficients are int16 rows of 8. The 16-bit sum keeps
 * 32 bits, the others 64.
 */
export function matrixS16(src: usize, inputs: i32, dst: usize, outputs: i32, coefs: usize, frames: i32): void {
  for (; frames > 0; frames--) {
    for (let o = 0; o < outputs; o++) {
      let sum = 512;
      for (let j = 0; j < inputs; j++) {
        sum += <i32>load<i16>(src + j * 2) * <i32>load<i16>(coefs + o * 16 + j * 2);
      }
      store<i16>(dst + o * 2, <i16>min(max(sum >> 10, -0x8000), 0x7fff));
    }
    src += inputs * 2;
    dst += outputs * 2;
  }
}

// @ts-ignore: decorator
@inline
function row(src: usize, inputs: i32, coefs: usize): i64 {
  let sum: i64 = 512;
  for (let j = 0; j < inputs; j++) {
    sum += <i64>load<i32>(src + j * 4) * <i64>load<i16>(coefs + j * 2);
  }
  return sum >> 10;
}

/** The container counts, not only its lower 24 bits. */
export function matrixS24(src: usize, inputs: i32, dst: usize, outputs: i32, coefs: usize, frames: i32): void {
  for (; frames > 0; frames--) {
    for (let o = 0; o < outputs; o++) {
      const y = <i32>row(src, inputs, coefs + o * 16);
      store<i32>(dst + o * 4, min(max(y, -0x800000), 0x7fffff));
    }
    src += inputs * 4;
    dst += outputs * 4;
  }
}

export function matrixS32(src: usize, inputs: i32, dst: usize, outputs: i32, coefs: usize, frames: i32): void {
  for (; frames > 0; frames--) {
    for (let o = 0; o < outputs; o++) store<i32>(dst + o * 4, sat32(row(src, inputs, coefs + o * 16)));
    src += inputs * 4;
    dst += outputs * 4;
  }
}

/** Copies `count` channels of frames of one width to channels of frames of another; steps are bytes. */
export function copyChannels16(src: usize, srcStep: i32, dst: usize, dstStep: i32, count: i32, frames: i32): void {
  for (; frames > 0; frames--) {
    for (let c = 0; c < count; c++) store<i16>(dst + c * 2, load<i16>(src + c * 2));
    src += srcStep;
    dst += dstStep;
  }
}
export function copyChannels32(src: usize, srcStep: i32, dst: usize, dstStep: i32, count: i32, frames: i32): void {
  for (; frames > 0; frames--) {
    for (let c = 0; c < count; c++) store<i32>(dst + c * 4, load<i32>(src + c * 4));
    src += srcStep;
    dst += dstStep;
  }
}

/** The channels of each frame in reverse order. */
export function reverse16(src: usize, dst: usize, channels: i32, frames: i32): void {
  const last = (channels - 1) * 2;
  for (; frames > 0; frames--) {
    for (let c = 0; c < channels; c++) store<i16>(dst + last - c * 2, load<i16>(src + c * 2));
    src += channels * 2;
    dst += channels * 2;
  }
}
export function reverse32(src: usize, dst: usize, channels: i32, frames: i32): void {
  const last = (channels - 1) * 4;
  if (channels == 2) {
    for (; frames >= 2; frames -= 2) {
      const x = v128.load(src);
      v128.store(dst, v128.shuffle<i32>(x, x, 1, 0, 3, 2));
      src += 16;
      dst += 16;
    }
  }
  for (; frames > 0; frames--) {
    for (let c = 0; c < channels; c++) store<i32>(dst + last - c * 4, load<i32>(src + c * 4));
    src += channels * 4;
    dst += channels * 4;
  }
}

// @ts-ignore: decorator
@inline
function accumulate(sum: i64, x: i32, coef: i32): i64 {
  // Saturating Q1.63: doubled products, clamped at every step.
  const product = x == i32.MIN_VALUE && coef == i32.MIN_VALUE ? i64.MAX_VALUE : (<i64>x * <i64>coef) << 1;
  const next = sum + product;
  return ((sum ^ next) & (product ^ next)) < 0 ? (sum < 0 ? i64.MIN_VALUE : i64.MAX_VALUE) : next;
}

// Q1.63 to Q1.31, half away from zero.
// @ts-ignore: decorator
@inline
function round32(sum: i64): i32 {
  const magnitude = sum < 0 ? 0 - <u64>sum : <u64>sum;
  const rounded = <i64>((magnitude + 0x80000000) >> 32);
  return sat32(sum < 0 ? -rounded : rounded);
}

/**
 * Mixes frames down or up in Q1.31: rows of 8 coefficients (int32), one for each output; the input has
 * 16-bit samples in 16 bits, or 32-bit containers that are shifted left first. Outputs are 24 bits,
 * right-aligned in 32.
 */
export function mixChannels(src: usize, wide: bool, shift: i32, inputs: i32, dst: usize, outputs: i32, coefs: usize, frames: i32): void {
  for (; frames > 0; frames--) {
    for (let o = 0; o < outputs; o++) {
      let sum: i64 = 0;
      for (let j = 0; j < inputs; j++) {
        const x = wide ? load<i32>(src + j * 4) << shift : <i32>load<i16>(src + j * 2) << 16;
        sum = accumulate(sum, x, load<i32>(coefs + o * 32 + j * 4));
      }
      store<i32>(dst + o * 4, round32(sum) >> 8);
    }
    src += inputs * (wide ? 4 : 2);
    dst += outputs * 4;
  }
}
