// Two biquads in series over a contiguous run of frames of two channels, left-aligned in 32 bits.
//
// A section is 7 words: a2, a1, b2, b1, b0 (Q2.30), output shift, output gain (Q2.14), as in SOF's blobs. Full-scale
// signals can overflow its 64-bit accumulator, which then wraps, as the C code's does.

import { stage, X1, X2, Y1, Y2 } from "../lib/biquad-stage";
import { rndWide, sat32 } from "./fixed";

export const SECTION_BYTES: usize = 7 * 4;
/** Two sections of two channels: y2, y1, x2, x1, a vector each. */
export const PAIR_STATE_BYTES: usize = 64;

const A2: usize = 0;
const A1: usize = 4;
const B2: usize = 8;
const B1: usize = 12;
const B0: usize = 16;
const SHIFT: usize = 20;
const GAIN: usize = 24;
const FRAME_BYTES = 8;
const UNITY = 0x4000;

// @ts-ignore: decorator
@inline
function lanes(first: usize, second: usize, offset: usize): v128 {
  return v128.shuffle<i64>(v128.load32_splat(first + offset), v128.load32_splat(second + offset), 0, 2);
}

// @ts-ignore: decorator
@inline
function bothSections(first: usize, second: usize, state: usize, from: usize, to: usize, count: i32, gain: v128, shift: i32, plain: bool): void {
  const a2 = lanes(first, second, A2);
  const a1 = lanes(first, second, A1);
  const b2 = lanes(first, second, B2);
  const b1 = lanes(first, second, B1);
  const b0 = lanes(first, second, B0);
  stage(from, to, count, FRAME_BYTES, state, a2, a1, b2, b1, b0, gain, shift, true, plain);
}

/** Output stages of unity. */
function plainPair(first: usize, second: usize, state: usize, from: usize, to: usize, count: i32): void {
  bothSections(first, second, state, from, to, count, i32x4.splat(UNITY), 14, true);
}

/** Output stages that share a shift of 1..32, to which their gains have been scaled. */
function scaledPair(first: usize, second: usize, state: usize, from: usize, to: usize, count: i32, gain: v128, shift: i32): void {
  bothSections(first, second, state, from, to, count, gain, shift, false);
}

// @ts-ignore: decorator
@inline
function word(section: usize, offset: usize): i64 {
  return <i64>load<i32>(section + offset);
}

/** One section of one channel, with any output stage; `state` is its lane of the vectors. */
function single(section: usize, state: usize, from: usize, to: usize, count: i32): void {
  const gain = word(section, GAIN);
  const shift = 14 + word(section, SHIFT);
  let y2 = <i64>load<i32>(state, Y2);
  let y1 = <i64>load<i32>(state, Y1);
  let x2 = <i64>load<i32>(state, X2);
  let x1 = <i64>load<i32>(state, X1);
  const end = from + <usize>count * FRAME_BYTES;
  for (; from < end; from += FRAME_BYTES, to += FRAME_BYTES) {
    const x = <i64>load<i32>(from);
    const acc =
      word(section, A2) * y2 + word(section, A1) * y1 + word(section, B2) * x2 + word(section, B1) * x1 + word(section, B0) * x;
    y2 = y1;
    y1 = sat32(rndWide(acc, 30));
    x2 = x1;
    x1 = x;
    store<i32>(to, <i32>sat32(rndWide(gain * y1, shift)));
  }
  store<i32>(state, <i32>y2, Y2);
  store<i32>(state, <i32>y1, Y1);
  store<i32>(state, <i32>x2, X2);
  store<i32>(state, <i32>x1, X1);
}

// @ts-ignore: decorator
@inline
function is16(gain: i32): bool {
  return <u32>(gain + 0x8000) < 0x10000;
}

/** Filters `count` frames from `from` to `to`, which may be the same, by `first` and then `second`. */
export function pair(first: usize, second: usize, state: usize, from: usize, to: usize, count: i32): void {
  const shift1 = load<i32>(first, SHIFT);
  const shift2 = load<i32>(second, SHIFT);
  const gain1 = load<i32>(first, GAIN);
  const gain2 = load<i32>(second, GAIN);
  if (gain1 === UNITY && gain2 === UNITY && (shift1 | shift2) === 0) {
    plainPair(first, second, state, from, to, count);
    return;
  }
  const shift = max(shift1, shift2) + 14;
  const up1 = shift - 14 - shift1;
  const up2 = shift - 14 - shift2;
  if (shift >= 1 && shift <= 32 && max(up1, up2) < 16 && is16(gain1) && is16(gain2)) {
    const gain = v128.shuffle<i64>(i32x4.splat(gain1 << up1), i32x4.splat(gain2 << up2), 0, 2);
    scaledPair(first, second, state, from, to, count, gain, shift);
    return;
  }
  for (let channel: usize = 0; channel < 8; channel += 4) {
    single(first, state + channel, from + channel, to + channel, count);
    single(second, state + 8 + channel, to + channel, to + channel, count);
  }
}
