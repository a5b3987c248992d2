// The compressor: a ring of delayed frames whose gain is set in spans of 32 frames, as SOF's drc.
//
// Fields of the state that the caller keeps, in 32-bit words: the 22 parameter words of the blob, then these.

import { mulr, rnd, sat16, sat32 } from "./fixed";
import { asin_30_30, decibels_26_21, exp_27_20, inverse, linear_24_20, ln_26_26, power_26_30_20 } from "./math";
import { sine_30_15 } from "./sine";

export const PARAMS_ENABLED: usize = 0;
export const CHANNELS: usize = 22 * 4;
export const READ: usize = 23 * 4;
export const WRITE: usize = 24 * 4;
export const DETECTOR: usize = 25 * 4;
export const GAIN: usize = 26 * 4;
export const RATE: usize = 27 * 4;
export const DESIRED: usize = 28 * 4;
export const MAX_ATTACK: usize = 29 * 4;
export const STARTED: usize = 30 * 4;
export const RING: usize = 31 * 4;

export const FRAMES: i32 = 512;
export const SPAN: i32 = 32;

const ONE_20: i64 = 1 << 20;
const ONE_30: i64 = 1 << 30;
const NEAR_ONE: i64 = 852903424; // -2 dB, Q30
const INT32_MIN: i32 = i32.MIN_VALUE;

// @ts-ignore: decorator
@inline
function param(s: usize, index: i32): i64 {
  return <i64>load<i32>(s + <usize>(index << 2));
}

/** Largest magnitude of one frame. The most negative value has none, as in 32-bit C. */
// @ts-ignore: decorator
@inline
function peak(frame: usize, channels: i32, narrow: bool): i32 {
  let level: i32 = 0;
  for (let ch: i32 = 0; ch < channels; ch++) {
    const v = narrow ? <i32>load<i16>(frame + (<usize>ch << 1)) << 16 : load<i32>(frame + (<usize>ch << 2));
    const magnitude = v < 0 ? -v : v;
    level = magnitude > level ? magnitude : level;
  }
  return level;
}

// Intermediate values of the 32 frames of a span.
const LEVELS = memory.data(32 * 8, 8);
const GAINS = memory.data(32 * 8, 8);
const STEPS = memory.data(32 * 8, 8);
const END: usize = 32 * 8;

/**
 * Static curve: gain Q30 for each level Q31. One loop per function of the formula, because the chain of one
 * frame is longer than what a processor looks ahead, and short loops overlap their turns.
 */
function curve(s: usize): void {
  const linear = sat32(param(s, 5) << 1);
  const knee = sat32(param(s, 10) << 7);
  const flat = linear < knee ? linear : knee;
  const softness = -param(s, 7);
  const slope = param(s, 6) - ONE_30;
  for (let i: usize = 0; i < END; i += 8) {
    const level = load<i64>(LEVELS + i);
    if (level < flat) continue;
    const power = level < knee ? mulr(level, softness, 24) : mulr(ln_26_26(rnd(level, 5)), slope, 29);
    store<i64>(GAINS + i, power);
  }
  const ratio = param(s, 11);
  for (let i: usize = 0; i < END; i += 8) {
    const level = load<i64>(LEVELS + i);
    if (level < flat) {
      store<i64>(GAINS + i, ONE_30);
      continue;
    }
    const e = exp_27_20(load<i64>(GAINS + i));
    if (level < knee) {
      const k = param(s, 8) + mulr(param(s, 9), e, 20);
      store<i64>(GAINS + i, mulr(k, inverse(level, 31, 20), 14));
    } else {
      store<i64>(GAINS + i, mulr(ratio, e, 20));
    }
  }
}

/** How far the detector may rise in one frame, Q20, where the gain is below -2 dB. */
function releaseSteps(s: usize): void {
  const rate = param(s, 14);
  for (let i: usize = 0; i < END; i += 8) {
    const gain = load<i64>(GAINS + i);
    if (gain <= NEAR_ONE) store<i64>(STEPS + i, mulr(decibels_26_21(rnd(gain, 4)), rate, 27));
  }
  for (let i: usize = 0; i < END; i += 8) {
    if (load<i64>(GAINS + i) <= NEAR_ONE) {
      store<i64>(STEPS + i, linear_24_20(load<i64>(STEPS + i)) - ONE_20);
    }
  }
}

/** Lets the gain detector follow the 32 frames that were just written. */
function detect(s: usize, narrow: bool): void {
  const channels = load<i32>(s, CHANNELS);
  const frameBytes = <usize>channels << (narrow ? 1 : 2);
  const write = load<i32>(s, WRITE);
  let frame = load<usize>(s, RING) + <usize>((write === 0 ? FRAMES : write) - SPAN) * frameBytes;
  for (let i: usize = 0; i < END; i += 8) {
    store<i64>(LEVELS + i, <i64>peak(frame, channels, narrow));
    frame += frameBytes;
  }
  curve(s);
  releaseSteps(s);
  const releaseNearOne = param(s, 15);
  let detector = <i64>load<i32>(s, DETECTOR);
  for (let i: usize = 0; i < END; i += 8) {
    const gain = load<i64>(GAINS + i);
    const diff = gain - detector;
    if (diff > 0) {
      detector += gain > NEAR_ONE ? mulr(diff, releaseNearOne, 30) : mulr(diff, load<i64>(STEPS + i), 20);
    } else {
      detector = gain;
    }
    detector = detector < ONE_30 ? detector : ONE_30;
  }
  store<i32>(s, <i32>detector, DETECTOR);
}

/** Chooses the rate at which the gain approaches what the detector asks for. */
export function envelope(s: usize): void {
  const desired = asin_30_30(<i64>load<i32>(s, DETECTOR));
  const gain = <i64>load<i32>(s, GAIN);
  const bad = gain === 0 || desired === 0;
  let diff = decibels_26_21(rnd(gain, 4)) - decibels_26_21(rnd(desired, 4));
  let rate: i64;
  if (desired > gain) {
    store<i32>(s, INT32_MIN, MAX_ATTACK);
    if (bad) diff = -(1 << 21);
    diff = diff < -(12 << 21) ? -(12 << 21) : diff > 0 ? 0 : diff;
    const x = rnd(diff + (12 << 21), 2);
    const x2 = mulr(x, x, 21);
    const x3 = mulr(x2, x, 21);
    const x4 = mulr(x2, x2, 21);
    const frames =
      mulr(param(s, 21), x4, 21) +
      mulr(param(s, 20), x3, 21) +
      mulr(param(s, 19), x2, 21) +
      mulr(param(s, 18), x, 21) +
      param(s, 17);
    rate = linear_24_20(mulr(inverse(frames, 12, 30), param(s, 16), 6));
  } else {
    if (bad) diff = 1 << 21;
    const attack = <i32>sat32(diff << 3);
    const most = max(attack, load<i32>(s, MAX_ATTACK));
    store<i32>(s, most, MAX_ATTACK);
    rate = ONE_20 - power_26_30_20(inverse(<i64>max(most, 1 << 23), 22, 26), param(s, 13));
  }
  store<i32>(s, <i32>sat32(rate << 10), RATE);
  store<i32>(s, <i32>desired, DESIRED);
}

// Factors of the 32 frames of a span, Q24.
const TOTALS = memory.data(32 * 8, 8);

/** Scales one sample in place. */
// @ts-ignore: decorator
@inline
function scale(at: usize, total: i64, narrow: bool): void {
  if (narrow) store<i16>(at, sat16(<i32>rnd(<i64>load<i16>(at) * total, 24)));
  else store<i32>(at, <i32>sat32(rnd(<i64>load<i32>(at) * total, 24)));
}

/** Scales the 32 frames at `at` by their factors. */
// @ts-ignore: decorator
@inline
function scaleSpan(at: usize, channels: i32, narrow: bool): void {
  const step: usize = narrow ? 2 : 4;
  if (channels === 2) {
    for (let i: usize = 0; i < END; i += 8, at += 2 * step) {
      const total = load<i64>(TOTALS + i);
      scale(at, total, narrow);
      scale(at + step, total, narrow);
    }
    return;
  }
  for (let i: usize = 0; i < END; i += 8) {
    const total = load<i64>(TOTALS + i);
    for (let ch: i32 = 0; ch < channels; ch++, at += step) scale(at, total, narrow);
  }
}

/** Moves the gain over the 32 frames that are read next. */
export function applyGain(s: usize, narrow: bool): void {
  const master = param(s, 12);
  const rate = <i64>load<i32>(s, RATE);
  const release = rate >= ONE_30;
  const base = release ? 0 : <i64>load<i32>(s, DESIRED);
  const limit = release ? ONE_30 : i64.MAX_VALUE;
  const r = release ? rate : ONE_30 - rate;
  const r2 = mulr(r, r, 30);
  const r4 = mulr(r2, r2, 30);
  let x0 = mulr(<i64>load<i32>(s, GAIN) - base, r, 30);
  let x1 = mulr(x0, r, 30);
  let x2 = mulr(x1, r, 30);
  let x3 = mulr(x2, r, 30);
  for (let i: usize = 0; ; i += 32) {
    store<i64>(TOTALS + i, rnd(master * sine_30_15(x0 + base), 15));
    store<i64>(TOTALS + i, rnd(master * sine_30_15(x1 + base), 15), 8);
    store<i64>(TOTALS + i, rnd(master * sine_30_15(x2 + base), 15), 16);
    store<i64>(TOTALS + i, rnd(master * sine_30_15(x3 + base), 15), 24);
    if (i === END - 32) break;
    x0 = min(mulr(x0, r4, 30), limit);
    x1 = min(mulr(x1, r4, 30), limit);
    x2 = min(mulr(x2, r4, 30), limit);
    x3 = min(mulr(x3, r4, 30), limit);
  }
  store<i32>(s, <i32>(x3 + base), GAIN);
  const channels = load<i32>(s, CHANNELS);
  const frameBytes = <usize>channels << (narrow ? 1 : 2);
  scaleSpan(load<usize>(s, RING) + <usize>load<i32>(s, READ) * frameBytes, channels, narrow);
}

/** The step before the first frame. */
// @ts-ignore: decorator
@inline
export function start(s: usize, narrow: bool): void {
  if (load<i32>(s, STARTED) !== 0) return;
  store<i32>(s, 1, STARTED);
  envelope(s);
  applyGain(s, narrow);
}

/** The step after each span of 32 frames. */
export function update(s: usize, narrow: bool): void {
  detect(s, narrow);
  envelope(s);
  applyGain(s, narrow);
}
