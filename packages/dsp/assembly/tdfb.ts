// Filter-and-sum beamformer over one contiguous block, as SOF's tdfb.
//
// Samples of 32 bits go through 16-bit dot products: x = 65536 * hi + lo, where hi is signed and lo, less
// 32768, is too; the correction 32768 * sum(h) is added at the end. A dot product of two taps and eight
// neighbouring samples makes four outputs two frames apart, so that the outputs need no sum across lanes.
// Sums stay inside 32 bits because the caller cuts the taps into segments whose magnitudes sum to less than
// 65536.
//
// State words: 0 source channels, 1 sink channels, 2 width, 3 filters, 4 frames of history that are kept (a
// multiple of 8, at most 264), 5 unused, 6 address of the histories, 7 address of the filters.
// The history of a channel is two halves of HALF bytes, hi then lo, with the block from frame 272 on.
// A filter is 8 words: source channel, mask of sink channels, right shift, segments, correction (two words),
// address of the segments, unused. A segment is 4 words: first tap, pairs of taps, address of the pairs, unused.
// A pair is the later tap and the earlier one, 16 bits each.

import { pair, PAIR_STATE_BYTES, SECTION_BYTES } from "./dynamics/biquad";
import { gather } from "./dynamics/channel";
import { sat32 } from "./dynamics/fixed";

const CHUNK: i32 = 64;
const HALF: usize = 704;
/** Offset of the first sample of a block in a history. */
const BLOCK: usize = 544;

const HIGH = memory.data(288, 16);
const LOW = memory.data(288, 16);
const SUMS = memory.data(512, 16);
const OUT = memory.data(256, 16);
// A run of two microphones.
const HEARD = memory.data(512, 16);
// Sums of 8 sink channels.
const MIX = memory.data(2048, 16);

// @ts-ignore: decorator
@inline
function history(s: usize, channel: usize): usize {
  return load<usize>(s, 24) + channel * (2 * HALF);
}

/** Appends one channel of a block to its history. */
function append(s: usize, channel: usize, source: usize, count: i32): void {
  const channels = load<usize>(s);
  const width = load<i32>(s, 8);
  let at = history(s, channel) + BLOCK;
  const end = at + (<usize>count << 1);
  if (width === 16) {
    for (; at < end; at += 2, source += channels << 1) store<i16>(at, load<i16>(source));
    return;
  }
  const shift = width === 24 ? 8 : 0;
  for (; at < end; at += 2, source += channels << 2) {
    const x = load<i32>(source) << shift;
    store<i16>(at, x >> 16);
    store<i16>(at, x ^ 0x8000, HALF);
  }
}

/** Moves the newest samples to the front. */
function slide(s: usize, channel: usize, count: i32, narrow: bool): void {
  const end = history(s, channel) + BLOCK;
  let to = end - (load<usize>(s, 16) << 1);
  let from = to + (<usize>count << 1);
  for (; to < end; to += 16, from += 16) {
    v128.store(to, v128.load(from));
    if (!narrow) v128.store(to, v128.load(from, HALF), HALF);
  }
}

/** Filters 16 samples of one half of the history at `at` (that of the first sample) by one segment. */
// @ts-ignore: decorator
@inline
function dot(segment: usize, at: usize, to: usize): void {
  let pair = load<usize>(segment, 8);
  const end = pair + (load<usize>(segment, 4) << 2);
  let x = at - (load<usize>(segment) << 1);
  let even = i32x4.splat(0);
  let odd = i32x4.splat(0);
  let even2 = i32x4.splat(0);
  let odd2 = i32x4.splat(0);
  for (; pair < end; pair += 4, x -= 4) {
    const taps = v128.load32_splat(pair);
    even = i32x4.add(even, i32x4.dot_i16x8_s(v128.load(x - 2), taps));
    odd = i32x4.add(odd, i32x4.dot_i16x8_s(v128.load(x), taps));
    even2 = i32x4.add(even2, i32x4.dot_i16x8_s(v128.load(x - 2, 16), taps));
    odd2 = i32x4.add(odd2, i32x4.dot_i16x8_s(v128.load(x, 16), taps));
  }
  v128.store(to, v128.shuffle<i32>(even, odd, 0, 4, 1, 5));
  v128.store(to, v128.shuffle<i32>(even, odd, 2, 6, 3, 7), 16);
  v128.store(to, v128.shuffle<i32>(even2, odd2, 0, 4, 1, 5), 32);
  v128.store(to, v128.shuffle<i32>(even2, odd2, 2, 6, 3, 7), 48);
}

/** Runs one segment over the block into HIGH and LOW. */
// @ts-ignore: decorator
@inline
function runSegment(segment: usize, at: usize, count: i32, narrow: bool): void {
  for (let done: usize = 0; done < <usize>count; done += 16) {
    dot(segment, at + (done << 1), HIGH + (done << 2));
    if (!narrow) dot(segment, at + HALF + (done << 1), LOW + (done << 2));
  }
}

// @ts-ignore: decorator
@inline
function total(i: usize, narrow: bool): i64 {
  const high = <i64>load<i32>(HIGH + i) << 16;
  return narrow ? high : high + <i64>load<i32>(LOW + i);
}

/** Filters the block of one filter and adds it to the sums of its sink channels. */
// @ts-ignore: decorator
@inline
function runFilter(s: usize, filter: usize, count: i32, narrow: bool): void {
  const at = history(s, load<usize>(filter)) + BLOCK;
  const shift = <i64>load<i32>(filter, 8);
  const correction = narrow ? 0 : load<i64>(filter, 16);
  const end = <usize>count << 2;
  let segment = load<usize>(filter, 24);
  let left = load<i32>(filter, 12);
  runSegment(segment, at, count, narrow);
  if (left === 1) {
    for (let i: usize = 0; i < end; i += 4) {
      store<i32>(OUT + i, <i32>sat32((total(i, narrow) + correction) >> shift) >> 4);
    }
  } else {
    for (let i: usize = 0; i < end; i += 4) store<i64>(SUMS + (i << 1), total(i, narrow) + correction);
    while (--left > 0) {
      segment += 16;
      runSegment(segment, at, count, narrow);
      for (let i: usize = 0; i < end; i += 4) {
        store<i64>(SUMS + (i << 1), load<i64>(SUMS + (i << 1)) + total(i, narrow));
      }
    }
    for (let i: usize = 0; i < end; i += 4) {
      store<i32>(OUT + i, <i32>sat32(load<i64>(SUMS + (i << 1)) >> shift) >> 4);
    }
  }
  let mix = MIX;
  for (let mask = load<u32>(filter, 4); mask !== 0; mask >>= 1, mix += 256) {
    if ((mask & 1) === 0) continue;
    for (let i: usize = 0; i < end; i += 16) {
      v128.store(mix + i, i32x4.add(v128.load(mix + i), v128.load(OUT + i)));
    }
  }
}

/** Writes the sums, Q5.27, as samples. */
// @ts-ignore: decorator
@inline
function finish(s: usize, sink: usize, count: i32): void {
  const channels = load<usize>(s, 4);
  const width = load<i32>(s, 8);
  const end = <usize>count << 2;
  for (let ch: usize = 0; ch < channels; ch++) {
    const mix = MIX + (ch << 8);
    let to = sink + (ch << (width === 16 ? 1 : 2));
    if (width === 16) {
      for (let i: usize = 0; i < end; i += 4, to += channels << 1) {
        const v = ((load<i32>(mix + i) >> 11) + 1) >> 1;
        store<i16>(to, v > 0x7fff ? 0x7fff : v < -0x8000 ? -0x8000 : v);
      }
    } else if (width === 24) {
      for (let i: usize = 0; i < end; i += 4, to += channels << 2) {
        const v = ((load<i32>(mix + i) >> 3) + 1) >> 1;
        store<i32>(to, v > 0x7fffff ? 0x7fffff : v < -0x800000 ? -0x800000 : v);
      }
    } else {
      for (let i: usize = 0; i < end; i += 4, to += channels << 2) {
        store<i32>(to, <i32>sat32(<i64>load<i32>(mix + i) << 4));
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function process(s: usize, source: usize, sink: usize, frames: i32, narrow: bool): void {
  const inputs = load<usize>(s);
  const outputs = load<usize>(s, 4);
  const filters = load<i32>(s, 12);
  const sample: usize = narrow ? 1 : 2;
  while (frames > 0) {
    const count = min(frames, CHUNK);
    for (let ch: usize = 0; ch < inputs; ch++) append(s, ch, source + (ch << sample), count);
    for (let i: usize = 0; i < outputs << 8; i += 16) v128.store(MIX + i, i32x4.splat(0));
    let filter = load<usize>(s, 28);
    for (let i = 0; i < filters; i++, filter += 32) runFilter(s, filter, count, narrow);
    finish(s, sink, count);
    for (let ch: usize = 0; ch < inputs; ch++) slide(s, ch, count, narrow);
    source += (<usize>count * inputs) << sample;
    sink += (<usize>count * outputs) << sample;
    frames -= count;
  }
}

/** Beams `frames` frames from `source` to `sink`; with as many channels on both sides they may be the same. */
export function process16(s: usize, source: usize, sink: usize, frames: i32): void {
  process(s, source, sink, frames, true);
}

/** As `process16` for 24 and 32-bit samples. */
export function process32(s: usize, source: usize, sink: usize, frames: i32): void {
  process(s, source, sink, frames, false);
}

// Direction finding. A listener's words: 0 channels, 1 width, 2 frames of its rings, 3 write index, 4..17 two
// emphasis sections, 18..19 unused; from byte 80 the filter states of 4 pairs of channels; from byte 336 one ring of
// 16-bit samples per channel.

const LISTENER_STATES: usize = 80;
const LISTENER_RINGS: usize = 336;

// @ts-ignore: decorator
@inline
function listenerRing(t: usize, channel: usize): usize {
  return t + LISTENER_RINGS + channel * (load<usize>(t, 8) << 1);
}

/**
 * Appends samples that are 8 bytes apart to a ring, as 16 bits with 13 fewer fraction bits.
 *
 * @returns the sum of their squares
 */
function remember(ring: usize, size: i32, at: i32, from: usize, frames: i32): i64 {
  let energy: i64 = 0;
  for (let i = 0; i < frames; i++) {
    const v = ((load<i32>(from + (<usize>i << 3)) >> 12) + 1) >> 1;
    const sample = v > 0x7fff ? 0x7fff : v < -0x8000 ? -0x8000 : v;
    store<i16>(ring + (<usize>at << 1), sample);
    energy += <i64>sample * <i64>sample;
    at = at + 1 === size ? 0 : at + 1;
  }
  return energy;
}

/**
 * Emphasizes speech in `frames` frames, at most 64, and appends it to the rings.
 *
 * @returns the mean square of channel 0
 */
export function listen(t: usize, source: usize, frames: i32): f64 {
  const channels = load<usize>(t);
  const width = load<i32>(t, 4);
  const size = load<i32>(t, 8);
  const write = load<i32>(t, 12);
  let energy: i64 = 0;
  for (let ch: usize = 0; ch < channels; ch += 2) {
    const two = ch + 1 < channels;
    gather(width, source + (ch << (width === 16 ? 1 : 2)), channels, two, HEARD, frames);
    const state = t + LISTENER_STATES + (ch >> 1) * PAIR_STATE_BYTES;
    pair(t + 16, t + 16 + SECTION_BYTES, state, HEARD, HEARD, frames);
    const sum = remember(listenerRing(t, ch), size, write, HEARD, frames);
    if (ch === 0) energy = sum;
    if (two) remember(listenerRing(t, ch + 1), size, write, HEARD + 4, frames);
  }
  store<i32>(t, (write + frames) % size, 12);
  return <f64>energy / <f64>frames;
}

/**
 * Finds by how many frames `channel` is behind channel 0, by the largest cross-correlation over the newest
 * `frames` frames that have `most` neighbours on both sides. The rings hold at least frames + 2 * most frames.
 *
 * @returns -most..most
 */
export function lag(t: usize, channel: usize, frames: i32, most: i32): i32 {
  const size = load<i32>(t, 8);
  const first = listenerRing(t, 0);
  const other = listenerRing(t, channel);
  const start = (load<i32>(t, 12) - frames - most + 2 * size) % size;
  let best: i32 = -most;
  let top: i64 = i64.MIN_VALUE;
  for (let shift = -most; shift <= most; shift++) {
    let a = start;
    let b = (start + shift + size) % size;
    let sum: i64 = 0;
    for (let i = 0; i < frames; i++) {
      sum += <i64>load<i16>(first + (<usize>a << 1)) * <i64>load<i16>(other + (<usize>b << 1));
      a = a + 1 === size ? 0 : a + 1;
      b = b + 1 === size ? 0 : b + 1;
    }
    const r = sat32((sum + 256) >> 9);
    if (r > top) {
      top = r;
      best = shift;
    }
  }
  return best;
}
