// Direct form I biquads on interleaved 32-bit frames, in place or from one block to another.
//
// acc = a2*y2 + a1*y1 + b2*x2 + b1*x1 + b0*in (64 bit); t = sat32(rnd(acc, 30)); out = sat32(rnd(gain*t, 14+shift))
//
// Two channels by two sections make four lanes: the second section runs two frames behind the first. Products
// are kept in 64 bits, the results of both lane pairs are saturated together.

import { rnd64, sat32 } from "./lib/fixed";

// Coefficients of a stage: 6 vectors, lanes [A ch0, A ch1, B ch0, B ch1].
const A2 = 0;
const A1 = 16;
const B2 = 32;
const B1 = 48;
const B0 = 64;
const GAIN = 80;
const SHIFT = 96; // one word, the shift of all lanes
// State of a stage: y2, y1, x2, x1.
const Y2 = 0;
const Y1 = 16;
const X2 = 32;
const X1 = 48;

// Saturates two pairs of 64-bit sums, taken down by 30 bits with rounding, to four 32-bit lanes. `half` is in
// the rounded sums already; the plain ones give the sign, should rounding overflow.
// @ts-ignore: decorator
@inline
function round30(low: v128, high: v128, roundedLow: v128, roundedHigh: v128): v128 {
  const sign = i32x4.shr_s(v128.shuffle<i32>(low, high, 1, 3, 5, 7), 31);
  const top = v128.shuffle<i32>(roundedLow, roundedHigh, 1, 3, 5, 7);
  const bottom = v128.shuffle<i32>(roundedLow, roundedHigh, 0, 2, 4, 6);
  const value = v128.or(i32x4.shl(top, 2), i32x4.shr_u(bottom, 30));
  // In range when bits 61..63 of the rounded sum are one and the same.
  const fits = i32x4.eq(i32x4.shr_s(top, 29), i32x4.shr_s(top, 31));
  return v128.bitselect(value, v128.xor(sign, i32x4.splat(0x7fffffff)), fits);
}

// The gain stage: all lanes share one shift of 1..32, to which the caller has scaled their gains. Bits above
// the result are looked at in the upper words, so logical shifts do.
// @ts-ignore: decorator
@inline
function gainStage(t: v128, gain: v128, shift: i32, half: v128): v128 {
  const low = i64x2.add(i64x2.extmul_low_i32x4_s(t, gain), half);
  const high = i64x2.add(i64x2.extmul_high_i32x4_s(t, gain), half);
  const top = v128.shuffle<i32>(low, high, 1, 3, 5, 7);
  const value = v128.shuffle<i32>(i64x2.shr_u(low, shift), i64x2.shr_u(high, shift), 0, 2, 4, 6);
  const sign = i32x4.shr_s(top, 31);
  const fits = i32x4.eq(i32x4.shr_s(top, shift - 1), sign);
  return v128.bitselect(value, v128.xor(sign, i32x4.splat(0x7fffffff)), fits);
}

// Frames of two channels: 8 bytes, or 4 when the pair is a last channel alone.
// @ts-ignore: decorator
@inline
function loadPair(address: usize, pair: bool): v128 {
  return pair ? v128.load64_zero(address) : v128.load32_zero(address);
}
// @ts-ignore: decorator
@inline
function storePair(address: usize, value: v128, pair: bool): void {
  if (pair) v128.store64_lane(address, value, 1);
  else v128.store32_lane(address, value, 2);
}

// @ts-ignore: decorator
@inline
function stage(src: usize, dst: usize, frames: i32, step: i32, coefs: usize, state: usize, pair: bool, plain: bool): void {
  const a2 = v128.load(coefs, A2);
  const a1 = v128.load(coefs, A1);
  const b2 = v128.load(coefs, B2);
  const b1 = v128.load(coefs, B1);
  const b0 = v128.load(coefs, B0);
  const gain = v128.load(coefs, GAIN);
  const shift = load<i32>(coefs, SHIFT);
  const half = i64x2.splat((<i64>1) << <i64>(shift - 1));
  let y2 = v128.load(state, Y2);
  let y1 = v128.load(state, Y1);
  let x2 = v128.load(state, X2);
  let x1 = v128.load(state, X1);
  const round = i64x2.splat(1 << 29);
  // Section B takes what section A gave two steps before, so that one step need not wait for the last one's
  // gain stage. Its lanes stand still in the first two steps, section A's in the last two.
  let out = i32x4.splat(0);
  let before = out;
  const steps = frames + 2;
  for (let i = 0; i < steps; i++) {
    const input = i < frames ? loadPair(src, pair) : i32x4.splat(0);
    const x = v128.shuffle<i64>(input, before, 0, 2);
    let low = i64x2.extmul_low_i32x4_s(a2, y2);
    let high = i64x2.extmul_high_i32x4_s(a2, y2);
    low = i64x2.add(low, i64x2.extmul_low_i32x4_s(b2, x2));
    high = i64x2.add(high, i64x2.extmul_high_i32x4_s(b2, x2));
    low = i64x2.add(low, i64x2.extmul_low_i32x4_s(b1, x1));
    high = i64x2.add(high, i64x2.extmul_high_i32x4_s(b1, x1));
    low = i64x2.add(low, i64x2.extmul_low_i32x4_s(b0, x));
    high = i64x2.add(high, i64x2.extmul_high_i32x4_s(b0, x));
    const newestLow = i64x2.extmul_low_i32x4_s(a1, y1);
    const newestHigh = i64x2.extmul_high_i32x4_s(a1, y1);
    const t = round30(
      i64x2.add(low, newestLow),
      i64x2.add(high, newestHigh),
      i64x2.add(i64x2.add(low, round), newestLow),
      i64x2.add(i64x2.add(high, round), newestHigh),
    );
    before = out;
    out = plain ? t : gainStage(t, gain, shift, half);
    if (i >= 2 && i < frames) {
      y2 = y1;
      y1 = t;
      x2 = x1;
      x1 = x;
    } else {
      const liveA = i32x4.splat(i < frames ? -1 : 0);
      const liveB = i32x4.splat(i >= 2 ? -1 : 0);
      const live = v128.shuffle<i64>(liveA, liveB, 0, 2);
      y2 = v128.bitselect(y1, y2, live);
      y1 = v128.bitselect(t, y1, live);
      x2 = v128.bitselect(x1, x2, live);
      x1 = v128.bitselect(x, x1, live);
    }
    if (i >= 2) {
      storePair(dst, out, pair);
      dst += step;
    }
    src += step;
  }
  v128.store(state, y2, Y2);
  v128.store(state, y1, Y1);
  v128.store(state, x2, X2);
  v128.store(state, x1, X1);
}

// One channel with parallel banks: `sections` of 7 words {a2, a1, b2, b1, b0, shift, gain} in banks of
// `inSeries`, all fed with the input, their outputs added in 64 bits. States are 4 words each.
function banks(src: usize, dst: usize, frames: i32, step: i32, coefs: usize, state: usize, sections: i32, inSeries: i32): void {
  for (; frames > 0; frames--) {
    const input = <i64>load<i32>(src);
    let sum: i64 = 0;
    let coef = coefs;
    let delay = state;
    for (let bank = 0; bank < sections; bank += inSeries) {
      let x = input;
      for (let i = 0; i < inSeries; i++) {
        const y1 = load<i32>(delay, 4);
        const x1 = load<i32>(delay, 12);
        const acc =
          <i64>load<i32>(coef) * <i64>load<i32>(delay) +
          <i64>load<i32>(coef, 4) * <i64>y1 +
          <i64>load<i32>(coef, 8) * <i64>load<i32>(delay, 8) +
          <i64>load<i32>(coef, 12) * <i64>x1 +
          <i64>load<i32>(coef, 16) * x;
        const t = sat32(rnd64(acc, 30));
        store<i32>(delay, y1);
        store<i32>(delay, t, 4);
        store<i32>(delay, x1, 8);
        store<i32>(delay, <i32>x, 12);
        x = <i64>sat32(rnd64(<i64>load<i32>(coef, 24) * <i64>t, <i64>(14 + load<i32>(coef, 20))));
        coef += 28;
        delay += 16;
      }
      sum += x;
    }
    store<i32>(dst, sat32(sum));
    src += step;
    dst += step;
  }
}

function pairStage(src: usize, dst: usize, frames: i32, step: i32, coefs: usize, state: usize): void {
  stage(src, dst, frames, step, coefs, state, true, false);
}
function plainPairStage(src: usize, dst: usize, frames: i32, step: i32, coefs: usize, state: usize): void {
  stage(src, dst, frames, step, coefs, state, true, true);
}
function singleStage(src: usize, dst: usize, frames: i32, step: i32, coefs: usize, state: usize): void {
  stage(src, dst, frames, step, coefs, state, false, false);
}

// An operation of a program: 8 words.
const OP_KIND = 0; // 0 pair, 1 plain pair, 2 single channel, 3 banks
const OP_CHANNEL = 4; // byte offset in the frame
const OP_FIRST = 8; // 1 when it reads the source
const OP_COEFS = 12;
const OP_STATE = 16;
const OP_SECTIONS = 20;
const OP_IN_SERIES = 24;
const OP_BYTES = 32;

/** Runs `count` operations over a block of frames of `step` bytes. `src` and `dst` may be the same. */
export function biquads(src: usize, dst: usize, frames: i32, step: i32, program: usize, count: i32): void {
  if (frames <= 0) return;
  for (; count > 0; count--) {
    const to = dst + load<i32>(program, OP_CHANNEL);
    const from = load<i32>(program, OP_FIRST) ? src + load<i32>(program, OP_CHANNEL) : to;
    const coefs = load<usize>(program, OP_COEFS);
    const state = load<usize>(program, OP_STATE);
    const kind = load<i32>(program, OP_KIND);
    if (kind == 0) pairStage(from, to, frames, step, coefs, state);
    else if (kind == 1) plainPairStage(from, to, frames, step, coefs, state);
    else if (kind == 2) singleStage(from, to, frames, step, coefs, state);
    else banks(from, to, frames, step, coefs, state, load<i32>(program, OP_SECTIONS), load<i32>(program, OP_IN_SERIES));
    program += OP_BYTES;
  }
}
