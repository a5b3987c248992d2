// Dynamic range compressor over one contiguous block. See dynamics/drc-core.ts for the state.

import { CHANNELS, FRAMES, READ, RING, SPAN, start, update, WRITE } from "./dynamics/drc-core";
import { to24 } from "./dynamics/fixed";

/** Copies `bytes`, a multiple of 2: blocks are too short for a call out of the module to pay. */
// @ts-ignore: decorator
@inline
function copy(to: usize, from: usize, bytes: usize): void {
  const end = from + bytes;
  for (const last = end - 15; from < last; from += 16, to += 16) v128.store(to, v128.load(from));
  for (; from < end; from += 2, to += 2) store<u16>(to, load<u16>(from));
}

/** Stores `count` frames in the ring and takes the oldest ones; `count` stays inside a span of 32. */
// @ts-ignore: decorator
@inline
function exchange(s: usize, source: usize, sink: usize, count: i32, frameBytes: usize): void {
  const ring = load<usize>(s, RING);
  const write = load<i32>(s, WRITE);
  const read = load<i32>(s, READ);
  const bytes = <usize>count * frameBytes;
  copy(ring + <usize>write * frameBytes, source, bytes);
  copy(sink, ring + <usize>read * frameBytes, bytes);
  store<i32>(s, (write + count) & (FRAMES - 1), WRITE);
  store<i32>(s, (read + count) & (FRAMES - 1), READ);
}

/** As `exchange`, with 24-bit samples outside and left-aligned ones in the ring. */
// @ts-ignore: decorator
@inline
function exchange24(s: usize, source: usize, sink: usize, count: i32, channels: i32): void {
  const ring = load<usize>(s, RING);
  const write = load<i32>(s, WRITE);
  const read = load<i32>(s, READ);
  const into = ring + (<usize>(write * channels) << 2);
  const from = ring + (<usize>(read * channels) << 2);
  const end = <usize>(count * channels) << 2;
  for (let at: usize = 0; at < end; at += 4) {
    store<i32>(into + at, load<i32>(source + at) << 8);
    store<i32>(sink + at, to24(load<i32>(from + at)));
  }
  store<i32>(s, (write + count) & (FRAMES - 1), WRITE);
  store<i32>(s, (read + count) & (FRAMES - 1), READ);
}

// @ts-ignore: decorator
@inline
function process(s: usize, source: usize, sink: usize, frames: i32, narrow: bool): void {
  const frameBytes = <usize>load<i32>(s, CHANNELS) << (narrow ? 1 : 2);
  start(s, narrow);
  while (frames > 0) {
    const count = min(frames, SPAN - (load<i32>(s, WRITE) & (SPAN - 1)));
    exchange(s, source, sink, count, frameBytes);
    source += <usize>count * frameBytes;
    sink += <usize>count * frameBytes;
    frames -= count;
    if ((load<i32>(s, WRITE) & (SPAN - 1)) === 0) update(s, narrow);
  }
}

export function process16(s: usize, source: usize, sink: usize, frames: i32): void {
  process(s, source, sink, frames, true);
}

export function process32(s: usize, source: usize, sink: usize, frames: i32): void {
  process(s, source, sink, frames, false);
}

export function process24(s: usize, source: usize, sink: usize, frames: i32): void {
  const channels = load<i32>(s, CHANNELS);
  start(s, false);
  while (frames > 0) {
    const count = min(frames, SPAN - (load<i32>(s, WRITE) & (SPAN - 1)));
    exchange24(s, source, sink, count, channels);
    source += <usize>(count * channels) << 2;
    sink += <usize>(count * channels) << 2;
    frames -= count;
    if ((load<i32>(s, WRITE) & (SPAN - 1)) === 0) update(s, false);
  }
}

/** The delay alone. `sampleShift` is 1 for 16-bit samples, 2 for 32-bit containers. */
export function delay(s: usize, source: usize, sink: usize, frames: i32, sampleShift: i32): void {
  const frameBytes = <usize>load<i32>(s, CHANNELS) << sampleShift;
  while (frames > 0) {
    const count = min(frames, SPAN - (load<i32>(s, WRITE) & (SPAN - 1)));
    exchange(s, source, sink, count, frameBytes);
    source += <usize>count * frameBytes;
    sink += <usize>count * frameBytes;
    frames -= count;
  }
}
