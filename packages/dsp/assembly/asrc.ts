// Asynchronous rate converter: a filter whose taps are polynomials of the time between two samples (Farrow), as
// SOF's asrc.
//
// Words: 0 channels, 1 width, 2 taps, 3 polynomials, 4 address of the coefficients, 5 address of the
// histories, 6 samples that a history holds, 7 index of the newest sample in it, 8 time of the next output
// relative to the newest sample (push), 9 step of that time, 10 time of the next input relative to the last
// output (pull), 11 step of that, 12 address of the response, 13 time that the response is for, 14 frames
// taken and 15 given by the last call, 16..17 what the response adds for the offset of the lower halves.
// Times are Q5.27. Coefficients are one array of taps for each power, the highest first, the tap of the oldest
// sample first. A history is, for each channel, all upper halves and all lower halves of the samples, the lower
// ones less 32768. Taps come in sixteens; the response is groups of 8: for 24 and 32-bit samples upper and lower halves of its
// upper 24 bits, for 16-bit samples three parts of all its bits.

import { sat16, sat32 } from "./dynamics/fixed";

const CHANNELS: usize = 0;
const WIDTH: usize = 4;
const TAPS: usize = 8;
const POLYNOMIALS: usize = 12;
const COEFFICIENTS: usize = 16;
const HISTORIES: usize = 20;
const CAPACITY: usize = 24;
const NEWEST: usize = 28;
const TIME: usize = 32;
const STEP: usize = 36;
const PULL_TIME: usize = 40;
const PULL_STEP: usize = 44;
const RESPONSE: usize = 48;
const RESPONSE_TIME: usize = 52;
const TAKEN: usize = 56;
const GIVEN: usize = 60;
const CORRECTION: usize = 64;

const ONE: i32 = 1 << 27;

/** One step of Horner's rule for four taps: a product of Q2.30 and Q1.31, rounded, plus a coefficient. */
// @ts-ignore: decorator
@inline
function step(a: v128, t: v128, half: v128, c: usize): v128 {
  const low = i64x2.shr_u(i64x2.add(i64x2.extmul_low_i32x4_s(a, t), half), 31);
  const high = i64x2.shr_u(i64x2.add(i64x2.extmul_high_i32x4_s(a, t), half), 31);
  return i32x4.add(v128.load(c), v128.shuffle<i32>(low, high, 0, 2, 4, 6));
}

// @ts-ignore: decorator
@inline
function total(v: v128): i32 {
  return (
    i32x4.extract_lane(v, 0) + i32x4.extract_lane(v, 1) + i32x4.extract_lane(v, 2) + i32x4.extract_lane(v, 3)
  );
}

/** Splits eight taps into the parts that 16-bit products take. @returns what the wide parts sum to */
// @ts-ignore: decorator
@inline
function split(a: v128, b: v128, to: usize, narrow: bool): v128 {
  if (narrow) {
    const round = i32x4.splat(1 << 19);
    const a2 = i32x4.shr_s(i32x4.add(a, round), 20);
    const b2 = i32x4.shr_s(i32x4.add(b, round), 20);
    const ar = i32x4.sub(a, i32x4.shl(a2, 20));
    const br = i32x4.sub(b, i32x4.shl(b2, 20));
    const a1 = i32x4.shr_s(i32x4.add(ar, i32x4.splat(1 << 9)), 10);
    const b1 = i32x4.shr_s(i32x4.add(br, i32x4.splat(1 << 9)), 10);
    const a0 = i32x4.sub(ar, i32x4.shl(a1, 10));
    const b0 = i32x4.sub(br, i32x4.shl(b1, 10));
    v128.store(to, i16x8.narrow_i32x4_s(a2, b2));
    v128.store(to, i16x8.narrow_i32x4_s(a1, b1), 16);
    v128.store(to, i16x8.narrow_i32x4_s(a0, b0), 32);
    return a2;
  }
  const ah = i32x4.shr_s(a, 8);
  const bh = i32x4.shr_s(b, 8);
  const a1 = i32x4.shr_s(i32x4.add(ah, i32x4.splat(128)), 8);
  const b1 = i32x4.shr_s(i32x4.add(bh, i32x4.splat(128)), 8);
  const a0 = i32x4.sub(ah, i32x4.shl(a1, 8));
  const b0 = i32x4.sub(bh, i32x4.shl(b1, 8));
  v128.store(to, i16x8.narrow_i32x4_s(a1, b1));
  v128.store(to, i16x8.narrow_i32x4_s(a0, b0), 16);
  return i32x4.add(ah, bh);
}

/** Makes the response for a time, unless it is there already. Sixteen taps go at once, to hide latency. */
// @ts-ignore: decorator
@inline
function prepareResponse(s: usize, time: i32): void {
  if (load<i32>(s, RESPONSE_TIME) === time) return;
  store<i32>(s, time, RESPONSE_TIME);
  const stride = load<usize>(s, TAPS) << 2;
  const steps = load<i32>(s, POLYNOMIALS) - 1;
  const narrow = load<i32>(s, WIDTH) === 16;
  // Times before the next sample are below 1; a pulled one may be 1, which saturates.
  const t = i32x4.splat(time >= 1 << 27 ? 0x7fffffff : time << 4);
  const half = i64x2.splat(1 << 30);
  let at = load<usize>(s, COEFFICIENTS);
  let to = load<usize>(s, RESPONSE);
  let sum = i32x4.splat(0);
  for (const end = at + stride; at < end; at += 64) {
    let a = v128.load(at);
    let b = v128.load(at, 16);
    let c = v128.load(at, 32);
    let d = v128.load(at, 48);
    let power = at;
    for (let k = 0; k < steps; k++) {
      power += stride;
      a = step(a, t, half, power);
      b = step(b, t, half, power + 16);
      c = step(c, t, half, power + 32);
      d = step(d, t, half, power + 48);
    }
    if (narrow) {
      split(a, b, to, true);
      split(c, d, to + 48, true);
      to += 96;
    } else {
      sum = i32x4.add(sum, split(a, b, to, false));
      sum = i32x4.add(sum, split(c, d, to + 32, false));
      to += 64;
    }
  }
  if (!narrow) store<i64>(s, <i64>total(sum) << 15, CORRECTION);
}

// @ts-ignore: decorator
@inline
function filterNarrow(x: usize, h: usize, taps: usize): i32 {
  let s2 = i32x4.splat(0);
  let s1 = s2;
  let s0 = s2;
  for (const end = x + (taps << 1); x < end; x += 16, h += 48) {
    const v = v128.load(x);
    s2 = i32x4.add(s2, i32x4.dot_i16x8_s(v, v128.load(h)));
    s1 = i32x4.add(s1, i32x4.dot_i16x8_s(v, v128.load(h, 16)));
    s0 = i32x4.add(s0, i32x4.dot_i16x8_s(v, v128.load(h, 32)));
  }
  const sum = (<i64>total(s2) << 20) + (<i64>total(s1) << 10) + <i64>total(s0);
  const v = <i32>sat32(sum >> 14);
  return sat16(((v >> 15) + 1) >> 1);
}

/** Sums of the lanes of four vectors. */
// @ts-ignore: decorator
@inline
function across(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = i32x4.add(v128.shuffle<i32>(a, b, 0, 4, 1, 5), v128.shuffle<i32>(a, b, 2, 6, 3, 7));
  const cd = i32x4.add(v128.shuffle<i32>(c, d, 0, 4, 1, 5), v128.shuffle<i32>(c, d, 2, 6, 3, 7));
  return i32x4.add(v128.shuffle<i32>(ab, cd, 0, 1, 4, 5), v128.shuffle<i32>(ab, cd, 2, 3, 6, 7));
}

// @ts-ignore: decorator
@inline
function filterWide(x: usize, low: usize, h: usize, taps: usize, correction: i64): i32 {
  let hh = i32x4.splat(0);
  let hl = hh;
  let lh = hh;
  let ll = hh;
  for (const end = x + (taps << 1); x < end; x += 16, h += 32) {
    const xh = v128.load(x);
    const xl = v128.load(x + low);
    const ch = v128.load(h);
    const cl = v128.load(h, 16);
    hh = i32x4.add(hh, i32x4.dot_i16x8_s(xh, ch));
    hl = i32x4.add(hl, i32x4.dot_i16x8_s(xh, cl));
    lh = i32x4.add(lh, i32x4.dot_i16x8_s(xl, ch));
    ll = i32x4.add(ll, i32x4.dot_i16x8_s(xl, cl));
  }
  const sums = across(hh, hl, lh, ll);
  const high = (<i64>i32x4.extract_lane(sums, 0) << 16) + <i64>i32x4.extract_lane(sums, 2);
  const rest = (<i64>i32x4.extract_lane(sums, 1) << 16) + <i64>i32x4.extract_lane(sums, 3);
  return <i32>sat32(((high << 8) + rest + correction) >> 22);
}

/** Writes one frame for a time between the newest two samples. */
// @ts-ignore: decorator
@inline
function output(s: usize, time: i32, to: usize): void {
  prepareResponse(s, time);
  const channels = load<usize>(s, CHANNELS);
  const width = load<i32>(s, WIDTH);
  const taps = load<usize>(s, TAPS);
  const low = load<usize>(s, CAPACITY) << 1;
  const h = load<usize>(s, RESPONSE);
  let x = load<usize>(s, HISTORIES) + ((load<usize>(s, NEWEST) + 1 - taps) << 1);
  if (width === 16) {
    for (let ch: usize = 0; ch < channels; ch++, x += low << 1) {
      store<i16>(to + (ch << 1), filterNarrow(x, h, taps));
    }
    return;
  }
  const correction = load<i64>(s, CORRECTION);
  const shift = width === 24 ? 8 : 0;
  for (let ch: usize = 0; ch < channels; ch++, x += low << 1) {
    store<i32>(to + (ch << 2), filterWide(x, low, h, taps, correction) >> shift);
  }
}

/** Takes one frame into the histories. */
// @ts-ignore: decorator
@inline
function take(s: usize, from: usize): void {
  const channels = load<usize>(s, CHANNELS);
  const width = load<i32>(s, WIDTH);
  const capacity = load<usize>(s, CAPACITY);
  const low = capacity << 1;
  const histories = load<usize>(s, HISTORIES);
  let newest = load<usize>(s, NEWEST) + 1;
  if (newest === capacity) {
    const kept = load<usize>(s, TAPS) - 1;
    for (let ch: usize = 0; ch < channels; ch++) {
      const high = histories + ch * (low << 1);
      memory.copy(high, high + ((capacity - kept) << 1), kept << 1);
      memory.copy(high + low, high + low + ((capacity - kept) << 1), kept << 1);
    }
    newest = kept;
  }
  store<usize>(s, newest, NEWEST);
  let to = histories + (newest << 1);
  if (width === 16) {
    for (let ch: usize = 0; ch < channels; ch++, to += low << 1) store<i16>(to, load<i16>(from + (ch << 1)));
    return;
  }
  const shift = width === 24 ? 8 : 0;
  for (let ch: usize = 0; ch < channels; ch++, to += low << 1) {
    const x = load<i32>(from + (ch << 2)) << shift;
    store<i16>(to, x >> 16);
    store<i16>(to + low, x ^ 0x8000);
  }
}

// @ts-ignore: decorator
@inline
function frameBytes(s: usize): usize {
  return load<usize>(s, CHANNELS) << (load<i32>(s, WIDTH) === 16 ? 1 : 2);
}

/**
 * Takes frames and gives an output whenever one is due before the next frame, until `frames` are taken or `room`
 * outputs are given. Outputs that are due after the last frame wait for the next call.
 */
export function push(s: usize, source: usize, frames: i32, sink: usize, room: i32): void {
  const bytes = frameBytes(s);
  const advance = load<i32>(s, STEP);
  let time = load<i32>(s, TIME);
  let taken = 0;
  let given = 0;
  while (taken < frames) {
    if (time < ONE) {
      if (given === room) break;
      output(s, time, sink);
      sink += bytes;
      given++;
      time += advance;
    } else {
      take(s, source);
      source += bytes;
      taken++;
      time -= ONE;
    }
  }
  store<i32>(s, time, TIME);
  store<i32>(s, taken, TAKEN);
  store<i32>(s, given, GIVEN);
}

/** Gives `room` outputs and takes the frames that they need, or as many as `frames` allow. */
export function pull(s: usize, source: usize, frames: i32, sink: usize, room: i32): void {
  const bytes = frameBytes(s);
  const advance = load<i32>(s, STEP);
  // Up to 24 frames out for one in: more than 31 bits.
  const pullStep = <i64>load<u32>(s, PULL_STEP);
  let time = load<i32>(s, TIME);
  let next = <i64>load<u32>(s, PULL_TIME);
  let taken = 0;
  let given = 0;
  while (given < room) {
    if (next < ONE) {
      if (taken === frames) break;
      take(s, source);
      source += bytes;
      taken++;
      time = <i32>((((<i64>ONE) - next) * <i64>advance) >> 27);
      next += pullStep;
    } else {
      output(s, time, sink);
      sink += bytes;
      given++;
      time += advance;
      next -= ONE;
    }
  }
  store<i32>(s, time, TIME);
  store<u32>(s, <u32>next, PULL_TIME);
  store<i32>(s, taken, TAKEN);
  store<i32>(s, given, GIVEN);
}

/** The response at a time, one 32-bit word for each tap, that of the newest sample first; for tests. */
export function responseAt(s: usize, time: i32, to: usize): void {
  const taps = load<usize>(s, TAPS);
  const stride = taps << 2;
  const t = i32x4.splat(time >= 1 << 27 ? 0x7fffffff : time << 4);
  const half = i64x2.splat(1 << 30);
  const c = load<usize>(s, COEFFICIENTS);
  for (let i: usize = 0; i < stride; i += 16) {
    let a = v128.load(c + i);
    for (let k = load<i32>(s, POLYNOMIALS) - 1, power = c + i; k > 0; k--) {
      power += stride;
      a = step(a, t, half, power);
    }
    const last = to + stride - i;
    store<i32>(last - 4, i32x4.extract_lane(a, 0));
    store<i32>(last - 8, i32x4.extract_lane(a, 1));
    store<i32>(last - 12, i32x4.extract_lane(a, 2));
    store<i32>(last - 16, i32x4.extract_lane(a, 3));
  }
}
