// One stage of a synchronous polyphase rate converter, as SOF's src.
//
// Samples of 32 bits and coefficients of 24 bits are split in two halves each, so that 16-bit dot products do
// the work: x = 65536 * xh + xl + 32768, c = 2^split * ch + cl. The caller chooses the split, and cuts the taps
// into segments, so that the magnitudes of either half of the coefficients of a segment sum to less than
// 65536: then every sum fits 32 bits. What the offset of xl leaves over, and the rounding, is one constant for
// each sub-filter.
//
// Stage words: 0 channels, 1 width, 2 interpolation L, 3 decimation M, 4 input step idm, 5 output step odm,
// 6 groups of 8 taps in a segment, 7 segments, 8 split, 9 output shift (23 + shift), 10 address of the
// coefficients, 11 address of the constants (one i64 for each sub-filter), 12 address of the histories,
// 13 samples that a history holds, 14 address of the output ring, 15 length of the ring in frames, 16 frames
// of the ring that have been given out (mod length), 17 samples that have come into the history, 18 samples
// of them that are used up, 19 samples to keep behind those.
// A group is 8 upper halves and 8 lower halves of coefficients, for the oldest sample first. A history is,
// for each channel, all upper halves and all lower halves. The ring has frames of left-aligned 32-bit samples.

import { sat16, sat32 } from "./dynamics/fixed";

const CHANNELS: usize = 0;
const WIDTH: usize = 4;
const L: usize = 8;
const M: usize = 12;
const IDM: usize = 16;
const ODM: usize = 20;
const GROUPS: usize = 24;
const SEGMENTS: usize = 28;
const SPLIT: usize = 32;
const SHIFT: usize = 36;
const COEFFICIENTS: usize = 40;
const CONSTANTS: usize = 44;
const HISTORY: usize = 48;
const CAPACITY: usize = 52;
const RING: usize = 56;
const LENGTH: usize = 60;
const GIVEN: usize = 64;
const CAME: usize = 68;
const USED: usize = 72;
const KEPT: usize = 76;

// @ts-ignore: decorator
@inline
function history(s: usize, channel: usize): usize {
  return load<usize>(s, HISTORY) + channel * (load<usize>(s, CAPACITY) << 2);
}

/** Makes room for `frames` more samples by moving the newest ones to the front. */
function slide(s: usize, frames: i32): void {
  const capacity = load<i32>(s, CAPACITY);
  const came = load<i32>(s, CAME);
  if (came + frames <= capacity) return;
  const first = load<i32>(s, USED) - load<i32>(s, KEPT);
  const bytes = <usize>(came - first) << 1;
  const channels = load<usize>(s, CHANNELS);
  for (let ch: usize = 0; ch < channels; ch++) {
    const high = history(s, ch);
    const low = high + (<usize>capacity << 1);
    memory.copy(high, high + (<usize>first << 1), bytes);
    memory.copy(low, low + (<usize>first << 1), bytes);
  }
  store<i32>(s, came - first, CAME);
  store<i32>(s, load<i32>(s, KEPT), USED);
}

/** Appends frames of a stream to the histories. Room: capacity less what is kept and unused. */
export function append(s: usize, source: usize, frames: i32): void {
  slide(s, frames);
  const channels = load<usize>(s, CHANNELS);
  const width = load<i32>(s, WIDTH);
  const lowOffset = load<usize>(s, CAPACITY) << 1;
  const came = load<usize>(s, CAME);
  for (let ch: usize = 0; ch < channels; ch++) {
    let to = history(s, ch) + (came << 1);
    const end = to + (<usize>frames << 1);
    if (width === 16) {
      let from = source + (ch << 1);
      for (; to < end; to += 2, from += channels << 1) store<i16>(to, load<i16>(from));
    } else {
      const shift = width === 24 ? 8 : 0;
      let from = source + (ch << 2);
      for (; to < end; to += 2, from += channels << 2) {
        const x = load<i32>(from) << shift;
        store<i16>(to, x >> 16);
        store<i16>(to + lowOffset, x ^ 0x8000);
      }
    }
  }
  store<i32>(s, load<i32>(s, CAME) + frames, CAME);
}

/** Appends frames of left-aligned 32-bit samples to the histories. */
export function appendWide(s: usize, source: usize, frames: i32): void {
  slide(s, frames);
  const channels = load<usize>(s, CHANNELS);
  const lowOffset = load<usize>(s, CAPACITY) << 1;
  const came = load<usize>(s, CAME);
  for (let ch: usize = 0; ch < channels; ch++) {
    let to = history(s, ch) + (came << 1);
    const end = to + (<usize>frames << 1);
    let from = source + (ch << 2);
    for (; to < end; to += 2, from += channels << 2) {
      const x = load<i32>(from);
      store<i16>(to, x >> 16);
      store<i16>(to + lowOffset, x ^ 0x8000);
    }
  }
  store<i32>(s, load<i32>(s, CAME) + frames, CAME);
}

/** Sums of the lanes of four vectors. */
// @ts-ignore: decorator
@inline
function across(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = i32x4.add(v128.shuffle<i32>(a, b, 0, 4, 1, 5), v128.shuffle<i32>(a, b, 2, 6, 3, 7));
  const cd = i32x4.add(v128.shuffle<i32>(c, d, 0, 4, 1, 5), v128.shuffle<i32>(c, d, 2, 6, 3, 7));
  return i32x4.add(v128.shuffle<i32>(ab, cd, 0, 1, 4, 5), v128.shuffle<i32>(ab, cd, 2, 3, 6, 7));
}

/** From the sums of ch*xh, cl*xh, ch*xl, cl*xl. */
// @ts-ignore: decorator
@inline
function combine(sums: v128, split: i64): i64 {
  const high = (<i64>i32x4.extract_lane(sums, 0) << 16) + <i64>i32x4.extract_lane(sums, 2);
  const low = (<i64>i32x4.extract_lane(sums, 1) << 16) + <i64>i32x4.extract_lane(sums, 3);
  return (high << split) + low;
}

/** Quantizes to the width and keeps the value left-aligned. */
// @ts-ignore: decorator
@inline
function quantize(total: i64, shift: i64, width: i32): i32 {
  const v = <i32>sat32(total >> shift);
  if (width === 32) return v;
  if (width === 24) return v & 0xffffff00;
  return sat16(((v >> 15) + 1) >> 1) << 16;
}

/** Two channels with 32 significant bits in. */
// @ts-ignore: decorator
@inline
function widePair(s: usize, x: usize, apart: usize, low: usize, c: usize, constant: i64, out: usize): void {
  const groups = load<i32>(s, GROUPS);
  const split = <i64>load<i32>(s, SPLIT);
  let a: i64 = constant;
  let b: i64 = constant;
  for (let left = load<i32>(s, SEGMENTS); left > 0; left--) {
    let ahh = i32x4.splat(0);
    let ahl = ahh;
    let alh = ahh;
    let all = ahh;
    let bhh = ahh;
    let bhl = ahh;
    let blh = ahh;
    let bll = ahh;
    for (const end = c + (<usize>groups << 5); c < end; c += 32, x += 16) {
      const ch = v128.load(c);
      const cl = v128.load(c, 16);
      const ah = v128.load(x);
      const al = v128.load(x + low);
      ahh = i32x4.add(ahh, i32x4.dot_i16x8_s(ah, ch));
      ahl = i32x4.add(ahl, i32x4.dot_i16x8_s(ah, cl));
      alh = i32x4.add(alh, i32x4.dot_i16x8_s(al, ch));
      all = i32x4.add(all, i32x4.dot_i16x8_s(al, cl));
      const bh = v128.load(x + apart);
      const bl = v128.load(x + apart + low);
      bhh = i32x4.add(bhh, i32x4.dot_i16x8_s(bh, ch));
      bhl = i32x4.add(bhl, i32x4.dot_i16x8_s(bh, cl));
      blh = i32x4.add(blh, i32x4.dot_i16x8_s(bl, ch));
      bll = i32x4.add(bll, i32x4.dot_i16x8_s(bl, cl));
    }
    a += combine(across(ahh, ahl, alh, all), split);
    b += combine(across(bhh, bhl, blh, bll), split);
  }
  const shift = <i64>load<i32>(s, SHIFT);
  const width = load<i32>(s, WIDTH);
  store<i32>(out, quantize(a, shift, width));
  store<i32>(out, quantize(b, shift, width), 4);
}

/** One channel with 32 significant bits in. */
// @ts-ignore: decorator
@inline
function wideOne(s: usize, x: usize, low: usize, c: usize, constant: i64, out: usize): void {
  const groups = load<i32>(s, GROUPS);
  let a: i64 = constant;
  for (let left = load<i32>(s, SEGMENTS); left > 0; left--) {
    let hh = i32x4.splat(0);
    let hl = hh;
    let lh = hh;
    let ll = hh;
    for (const end = c + (<usize>groups << 5); c < end; c += 32, x += 16) {
      const ch = v128.load(c);
      const cl = v128.load(c, 16);
      const xh = v128.load(x);
      const xl = v128.load(x + low);
      hh = i32x4.add(hh, i32x4.dot_i16x8_s(xh, ch));
      hl = i32x4.add(hl, i32x4.dot_i16x8_s(xh, cl));
      lh = i32x4.add(lh, i32x4.dot_i16x8_s(xl, ch));
      ll = i32x4.add(ll, i32x4.dot_i16x8_s(xl, cl));
    }
    a += combine(across(hh, hl, lh, ll), <i64>load<i32>(s, SPLIT));
  }
  store<i32>(out, quantize(a, <i64>load<i32>(s, SHIFT), load<i32>(s, WIDTH)));
}

/** One channel with 16 significant bits in: the lower halves are nothing. */
// @ts-ignore: decorator
@inline
function narrowOne(s: usize, x: usize, c: usize, constant: i64, out: usize): void {
  const groups = load<i32>(s, GROUPS);
  let a: i64 = constant;
  for (let left = load<i32>(s, SEGMENTS); left > 0; left--) {
    let hh = i32x4.splat(0);
    let hl = hh;
    for (const end = c + (<usize>groups << 5); c < end; c += 32, x += 16) {
      const xh = v128.load(x);
      hh = i32x4.add(hh, i32x4.dot_i16x8_s(xh, v128.load(c)));
      hl = i32x4.add(hl, i32x4.dot_i16x8_s(xh, v128.load(c, 16)));
    }
    const none = i32x4.splat(0);
    a += combine(across(hh, hl, none, none), <i64>load<i32>(s, SPLIT));
  }
  store<i32>(out, quantize(a, <i64>load<i32>(s, SHIFT), 16));
}

/**
 * Converts `blocks` blocks of M frames of the histories to L frames each, left-aligned 32-bit samples, at
 * `out`.
 */
export function run(s: usize, blocks: i32, out: usize): void {
  const channels = load<usize>(s, CHANNELS);
  const width = load<i32>(s, WIDTH);
  const l = load<i32>(s, L);
  const m = load<i32>(s, M);
  const idm = load<i32>(s, IDM);
  const odm = load<i32>(s, ODM);
  const length = load<i32>(s, LENGTH);
  const ring = load<usize>(s, RING);
  const taps = (load<i32>(s, GROUPS) * load<i32>(s, SEGMENTS)) << 3;
  const apart = load<usize>(s, CAPACITY) << 2;
  const low = apart >> 1;
  const frameBytes = channels << 2;
  let used = load<i32>(s, USED);
  let given = load<i32>(s, GIVEN);
  for (; blocks > 0; blocks--) {
    let first = used - (l - 1) * idm - (taps - 1);
    let c = load<usize>(s, COEFFICIENTS);
    let constant = load<usize>(s, CONSTANTS);
    let slot = given;
    for (let k = 0; k < l; k++) {
      const x = load<usize>(s, HISTORY) + (<usize>first << 1);
      const to = ring + <usize>slot * frameBytes;
      const k0 = load<i64>(constant);
      if (width === 16) {
        for (let ch: usize = 0; ch < channels; ch++) narrowOne(s, x + ch * apart, c, k0, to + (ch << 2));
      } else {
        let ch: usize = 0;
        for (; ch + 1 < channels; ch += 2) widePair(s, x + ch * apart, apart, low, c, k0, to + (ch << 2));
        if (ch < channels) wideOne(s, x + ch * apart, low, c, k0, to + (ch << 2));
      }
      first += idm;
      slot += odm;
      if (slot >= length) slot -= length;
      c += <usize>taps << 2;
      constant += 8;
    }
    for (let k = 0; k < l; k++) {
      const from = ring + <usize>given * frameBytes;
      for (let at: usize = 0; at < frameBytes; at += 4) store<i32>(out + at, load<i32>(from + at));
      out += frameBytes;
      given = given + 1 === length ? 0 : given + 1;
    }
    used += m;
  }
  store<i32>(s, used, USED);
  store<i32>(s, given, GIVEN);
}

/** Writes `samples` left-aligned samples as samples of a stream of that width. */
export function write(width: i32, from: usize, to: usize, samples: i32): void {
  const end = from + (<usize>samples << 2);
  if (width === 16) {
    for (; from < end; from += 4, to += 2) store<i16>(to, load<i32>(from) >> 16);
  } else {
    const shift = width === 24 ? 8 : 0;
    for (; from < end; from += 4, to += 4) store<i32>(to, load<i32>(from) >> shift);
  }
}
