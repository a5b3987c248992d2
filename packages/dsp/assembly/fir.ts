// Block FIR filters: 16-bit coefficients, 32-bit samples, exact 64-bit sums.
//
// A sample is split as x = high * 65536 + (low + 32768), both halves signed 16 bits, so that one
// i32x4.dot_i16x8_s does two taps of four outputs. Histories hold pairs (x[m], x[m-1]) in 32-bit words, one
// array for the high and one for the low halves; four words from any address are the pairs of four outputs.
// Taps come in groups whose sums cannot leave 32 bits; groups are added up in 64 bits.

import { rnd32, sat24, sat32 } from "./lib/fixed";

const S16 = 0;
const S24 = 1;

// A channel: 16 words.
const CH_MODE = 0; // 0 passes, 1 vectors (shift 1..32), 2 scalar
const CH_LENGTH = 4;
const CH_SHIFT = 8; // 15 + output shift
const CH_COEFS = 12;
const CH_GROUPS = 16; // address of tap pairs a group, words, 0 ends
const CH_HIGH = 20;
const CH_LOW = 24;
const CH_AT = 28; // index of the next sample in the histories
const CH_CAPACITY = 32; // words, with slack for a whole block behind
const CH_LAST = 36; // the last sample
const CH_BIAS = 40; // i64: 32768 * sum of coefficients
const CH_BYTES = 64;

const BLOCK = 16;
/** Sums of one block of outputs. */
const sums = memory.data(BLOCK * 8, 16);

// @ts-ignore: decorator
@inline
function wide(kind: i32, address: usize): i32 {
  if (kind == S16) return <i32>load<i16>(address) << 16;
  return kind == S24 ? load<i32>(address) << 8 : load<i32>(address);
}

// @ts-ignore: decorator
@inline
function narrow(kind: i32, address: usize, y: i32): void {
  if (kind == S16) store<i16>(address, <i16>min(((y >> 15) + 1) >> 1, 0x7fff));
  else if (kind == S24) store<i32>(address, min(((y >> 7) + 1) >> 1, 0x7fffff));
  else store<i32>(address, y);
}

// Appends a channel's samples to its histories.
// @ts-ignore: decorator
@inline
function append(kind: i32, channel: usize, src: usize, step: i32, frames: i32): void {
  const length = load<i32>(channel, CH_LENGTH);
  let at = load<i32>(channel, CH_AT);
  const high = load<usize>(channel, CH_HIGH);
  const low = load<usize>(channel, CH_LOW);
  if (at + frames > load<i32>(channel, CH_CAPACITY)) {
    memory.copy(high, high + (at - length) * 4, length * 4);
    memory.copy(low, low + (at - length) * 4, length * 4);
    at = length;
  }
  let last = load<i32>(channel, CH_LAST);
  let toHigh = high + at * 4;
  let toLow = low + at * 4;
  const end = toHigh + frames * 4;
  if (kind != S16) {
    let before = i32x4.splat(last);
    for (; toHigh + 16 <= end; toHigh += 16) {
      let x = v128.load32_zero(src);
      x = v128.load32_lane(src + step, x, 1);
      x = v128.load32_lane(src + step * 2, x, 2);
      x = v128.load32_lane(src + step * 3, x, 3);
      if (kind == S24) x = i32x4.shl(x, 8);
      const old = v128.shuffle<i32>(before, x, 3, 4, 5, 6);
      const mask = i32x4.splat(0xffff);
      v128.store(toHigh, v128.or(i32x4.shr_u(x, 16), v128.andnot(old, mask)));
      v128.store(toLow, v128.xor(v128.or(v128.and(x, mask), i32x4.shl(old, 16)), i32x4.splat(0x80008000)));
      before = x;
      src += step * 4;
      toLow += 16;
    }
    last = i32x4.extract_lane(before, 3);
  }
  while (toHigh < end) {
    const x = wide(kind, src);
    store<u32>(toHigh, (<u32>x >> 16) | (<u32>last & 0xffff0000));
    if (kind != S16) store<u32>(toLow, ((<u32>x & 0xffff) | (<u32>last << 16)) ^ 0x80008000);
    last = x;
    src += step;
    toHigh += 4;
    toLow += 4;
  }
  store<i32>(channel, last, CH_LAST);
  store<i32>(channel, at + frames, CH_AT);
}

// @ts-ignore: decorator
@inline
function add64(address: usize, high: v128, low: v128, withLow: bool): void {
  let a = i64x2.shl(i64x2.extend_low_i32x4_s(high), 16);
  let b = i64x2.shl(i64x2.extend_high_i32x4_s(high), 16);
  if (withLow) {
    a = i64x2.add(a, i64x2.extend_low_i32x4_s(low));
    b = i64x2.add(b, i64x2.extend_high_i32x4_s(low));
  }
  v128.store(address, i64x2.add(v128.load(address), a));
  v128.store(address, i64x2.add(v128.load(address, 16), b), 16);
}

// Sums of the 16 outputs from history index `at` on, into `sums`.
// @ts-ignore: decorator
@inline
function block(channel: usize, at: i32, withLow: bool): void {
  const bias = i64x2.splat(withLow ? load<i64>(channel, CH_BIAS) : 0);
  for (let i = 0; i < BLOCK * 8; i += 16) v128.store(sums + i, bias);
  let high = load<usize>(channel, CH_HIGH) + at * 4;
  let low = load<usize>(channel, CH_LOW) + at * 4;
  let coefs = load<usize>(channel, CH_COEFS);
  let group = load<usize>(channel, CH_GROUPS);
  for (let pairs = load<i32>(group); pairs > 0; pairs = load<i32>(group)) {
    let high0 = i32x4.splat(0);
    let high1 = high0;
    let high2 = high0;
    let high3 = high0;
    let low0 = high0;
    let low1 = high0;
    let low2 = high0;
    let low3 = high0;
    for (; pairs > 0; pairs--) {
      const taps = v128.load32_splat(coefs);
      high0 = i32x4.add(high0, i32x4.dot_i16x8_s(v128.load(high), taps));
      high1 = i32x4.add(high1, i32x4.dot_i16x8_s(v128.load(high, 16), taps));
      high2 = i32x4.add(high2, i32x4.dot_i16x8_s(v128.load(high, 32), taps));
      high3 = i32x4.add(high3, i32x4.dot_i16x8_s(v128.load(high, 48), taps));
      if (withLow) {
        low0 = i32x4.add(low0, i32x4.dot_i16x8_s(v128.load(low), taps));
        low1 = i32x4.add(low1, i32x4.dot_i16x8_s(v128.load(low, 16), taps));
        low2 = i32x4.add(low2, i32x4.dot_i16x8_s(v128.load(low, 32), taps));
        low3 = i32x4.add(low3, i32x4.dot_i16x8_s(v128.load(low, 48), taps));
        low -= 8;
      }
      high -= 8;
      coefs += 4;
    }
    add64(sums, high0, low0, withLow);
    add64(sums + 32, high1, low1, withLow);
    add64(sums + 64, high2, low2, withLow);
    add64(sums + 96, high3, low3, withLow);
    group += 4;
  }
}

// Shifts four sums by 1..32, saturates and stores them `step` apart.
// @ts-ignore: decorator
@inline
function finishFour(kind: i32, dst: usize, step: i32, from: usize, shift: i32): void {
  const low = v128.load(from);
  const high = v128.load(from, 16);
  const top = v128.shuffle<i32>(low, high, 1, 3, 5, 7);
  const sign = i32x4.shr_s(top, 31);
  const fits = i32x4.eq(i32x4.shr_s(top, shift - 1), sign);
  const bits = v128.shuffle<i32>(i64x2.shr_u(low, shift), i64x2.shr_u(high, shift), 0, 2, 4, 6);
  let y = v128.bitselect(bits, v128.xor(sign, i32x4.splat(0x7fffffff)), fits);
  if (kind == S16) {
    y = i16x8.narrow_i32x4_s(rnd32(y, 16), y);
    v128.store16_lane(dst, y, 0);
    v128.store16_lane(dst + step, y, 1);
    v128.store16_lane(dst + step * 2, y, 2);
    v128.store16_lane(dst + step * 3, y, 3);
    return;
  }
  if (kind == S24) y = sat24(rnd32(y, 8));
  v128.store32_lane(dst, y, 0);
  v128.store32_lane(dst + step, y, 1);
  v128.store32_lane(dst + step * 2, y, 2);
  v128.store32_lane(dst + step * 3, y, 3);
}

// One output without the bound on sums.
function exactSum(channel: usize, at: i32, withLow: bool): i64 {
  const length = load<i32>(channel, CH_LENGTH);
  const coefs = load<usize>(channel, CH_COEFS);
  const high = load<usize>(channel, CH_HIGH);
  const low = load<usize>(channel, CH_LOW);
  let sum: i64 = 0;
  for (let k = 0; k < length; k++) {
    const word = (at - k) * 4;
    let x = <i64>load<i16>(high + word) << 16;
    if (withLow) x += <i64>(load<u16>(low + word) ^ 0x8000);
    sum += x * <i64>load<i16>(coefs + k * 2);
  }
  return sum;
}

// @ts-ignore: decorator
@inline
function channelBlocks(kind: i32, channel: usize, src: usize, dst: usize, step: i32, frames: i32): void {
  const mode = load<i32>(channel, CH_MODE);
  if (mode == 0) {
    for (; frames > 0; frames--) {
      narrow(kind, dst, wide(kind, src));
      src += step;
      dst += step;
    }
    return;
  }
  append(kind, channel, src, step, frames);
  const shift = load<i32>(channel, CH_SHIFT);
  let at = load<i32>(channel, CH_AT) - frames;
  while (frames > 0) {
    const count = min(frames, BLOCK);
    if (mode == 1) {
      block(channel, at, kind != S16);
      let left = count;
      for (let from = sums; left >= 4; left -= 4) {
        finishFour(kind, dst, step, from, shift);
        from += 32;
        dst += step * 4;
      }
      for (let i = count - left; i < count; i++) {
        narrow(kind, dst, sat32(load<i64>(sums + i * 8) >> <i64>shift));
        dst += step;
      }
    } else {
      for (let i = 0; i < count; i++) {
        narrow(kind, dst, sat32(exactSum(channel, at + i, kind != S16) >> <i64>shift));
        dst += step;
      }
    }
    at += count;
    frames -= count;
  }
}

function run16(channels: usize, count: i32, src: usize, dst: usize, frames: i32): void {
  for (let c = 0; c < count; c++) channelBlocks(S16, channels + c * CH_BYTES, src + c * 2, dst + c * 2, count * 2, frames);
}
function run24(channels: usize, count: i32, src: usize, dst: usize, frames: i32): void {
  for (let c = 0; c < count; c++) channelBlocks(S24, channels + c * CH_BYTES, src + c * 4, dst + c * 4, count * 4, frames);
}
function run32(channels: usize, count: i32, src: usize, dst: usize, frames: i32): void {
  for (let c = 0; c < count; c++) channelBlocks(2, channels + c * CH_BYTES, src + c * 4, dst + c * 4, count * 4, frames);
}

/** Filters `frames` frames of `count` interleaved channels; kind 0 S16, 1 S24, 2 S32. `src` may be `dst`. */
export function fir(kind: i32, channels: usize, count: i32, src: usize, dst: usize, frames: i32): void {
  if (kind == S16) run16(channels, count, src, dst, frames);
  else if (kind == S24) run24(channels, count, src, dst, frames);
  else run32(channels, count, src, dst, frames);
}
