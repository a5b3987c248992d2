// Direct form I biquads on interleaved 32-bit frames, in place or from one block to another.
//
// acc = a2*y2 + a1*y1 + b2*x2 + b1*x1 + b0*in (64 bit); t = sat32(rnd(acc, 30)); out = sat32(rnd(gain*t, 14+shift))
//
// Two channels by two sections make four lanes: the second section runs two frames behind the first. Products
// are kept in 64 bits, the results of both lane pairs are saturated together.

import { stage } from "./lib/biquad-stage";
import { rnd64, sat32 } from "./lib/fixed";

// Coefficients of a stage: 6 vectors, lanes [A ch0, A ch1, B ch0, B ch1].
const A2 = 0;
const A1 = 16;
const B2 = 32;
const B1 = 48;
const B0 = 64;
const GAIN = 80;
const SHIFT = 96; // one word, the shift of all lanes

// @ts-ignore: decorator
@inline
function storedStage(src: usize, dst: usize, frames: i32, step: i32, coefs: usize, state: usize, pair: bool, plain: bool): void {
  const a2 = v128.load(coefs, A2);
  const a1 = v128.load(coefs, A1);
  const b2 = v128.load(coefs, B2);
  const b1 = v128.load(coefs, B1);
  const b0 = v128.load(coefs, B0);
  const gain = v128.load(coefs, GAIN);
  stage(src, dst, frames, step, state, a2, a1, b2, b1, b0, gain, load<i32>(coefs, SHIFT), pair, plain);
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
  storedStage(src, dst, frames, step, coefs, state, true, false);
}
function plainPairStage(src: usize, dst: usize, frames: i32, step: i32, coefs: usize, state: usize): void {
  storedStage(src, dst, frames, step, coefs, state, true, true);
}
function singleStage(src: usize, dst: usize, frames: i32, step: i32, coefs: usize, state: usize): void {
  storedStage(src, dst, frames, step, coefs, state, false, false);
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
