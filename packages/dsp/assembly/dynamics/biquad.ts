// Two biquads in series over a contiguous run of 32-bit samples.
//
// A section is 7 words: a2, a1, b2, b1, b0 (Q2.30), output shift, output gain (Q2.14), as in SOF's blobs. It
// runs transposed: the sums that direct form I makes from four delayed samples are carried as two 64-bit
// accumulators, which is the same number modulo 2^64, because nothing is rounded before the output. Full-scale
// signals can overflow 64 bits; the C code's accumulator then wraps, and so does this one.

import { rndWide, sat32 } from "./fixed";

export const SECTION_BYTES: usize = 7 * 4;
/** Two accumulators for each of two sections. */
export const PAIR_STATE_BYTES: usize = 32;

const A2: usize = 0;
const A1: usize = 4;
const B2: usize = 8;
const B1: usize = 12;
const B0: usize = 16;
const SHIFT: usize = 20;
const GAIN: usize = 24;

// @ts-ignore: decorator
@inline
function word(section: usize, offset: usize): i64 {
  return <i64>load<i32>(section + offset);
}

// @ts-ignore: decorator
@inline
function plain(section: usize): bool {
  return load<i32>(section, SHIFT) === 0 && load<i32>(section, GAIN) === 0x4000;
}

/** Both sections are the one at `section` and leave the level alone: a Linkwitz-Riley filter. */
function twice(section: usize, state: usize, from: usize, to: usize, count: i32): void {
  const a2 = word(section, A2);
  const a1 = word(section, A1);
  const b2 = word(section, B2);
  const b1 = word(section, B1);
  const b0 = word(section, B0);
  let u1 = load<i64>(state);
  let u2 = load<i64>(state, 8);
  let v1 = load<i64>(state, 16);
  let v2 = load<i64>(state, 24);
  const end = from + (<usize>count << 2);
  for (; from < end; from += 4, to += 4) {
    const x = <i64>load<i32>(from);
    const y = sat32(rndWide(u1 + b0 * x, 30));
    u1 = u2 + b1 * x + a1 * y;
    u2 = b2 * x + a2 * y;
    const z = sat32(rndWide(v1 + b0 * y, 30));
    v1 = v2 + b1 * y + a1 * z;
    v2 = b2 * y + a2 * z;
    store<i32>(to, <i32>z);
  }
  store<i64>(state, u1);
  store<i64>(state, u2, 8);
  store<i64>(state, v1, 16);
  store<i64>(state, v2, 24);
}

/** One section, with its output stage. */
function single(section: usize, state: usize, from: usize, to: usize, count: i32): void {
  const a2 = word(section, A2);
  const a1 = word(section, A1);
  const b2 = word(section, B2);
  const b1 = word(section, B1);
  const b0 = word(section, B0);
  const gain = word(section, GAIN);
  const shift = 14 + word(section, SHIFT);
  let u1 = load<i64>(state);
  let u2 = load<i64>(state, 8);
  const end = from + (<usize>count << 2);
  for (; from < end; from += 4, to += 4) {
    const x = <i64>load<i32>(from);
    const y = sat32(rndWide(u1 + b0 * x, 30));
    u1 = u2 + b1 * x + a1 * y;
    u2 = b2 * x + a2 * y;
    store<i32>(to, <i32>sat32(rndWide(gain * y, shift)));
  }
  store<i64>(state, u1);
  store<i64>(state, u2, 8);
}

/** Filters `count` samples from `from` to `to`, which may be the same, by `first` and then `second`. */
export function pair(first: usize, second: usize, state: usize, from: usize, to: usize, count: i32): void {
  if (first === second && plain(first)) {
    twice(first, state, from, to, count);
    return;
  }
  single(first, state, from, to, count);
  single(second, state + 16, to, to, count);
}
