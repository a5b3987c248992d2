// Two neighbouring channels of an interleaved block to and from a contiguous run of left-aligned 32-bit samples,
// 8 bytes a frame. Where a block has one channel left, the second of the run is silent and goes nowhere.
// Widths are 16, 24 and 32; 24 is right-aligned in 32.

import { to16, to24 } from "./fixed";

// @ts-ignore: decorator
@inline
function read(width: i32, from: usize): i32 {
  if (width === 16) return <i32>load<i16>(from) << 16;
  return load<i32>(from) << (width === 24 ? 8 : 0);
}

// @ts-ignore: decorator
@inline
function write(width: i32, to: usize, value: i32): void {
  if (width === 16) store<i16>(to, to16(value));
  else store<i32>(to, width === 24 ? to24(value) : value);
}

// @ts-ignore: decorator
@inline
function gatherOf(width: i32, from: usize, channels: usize, two: bool, to: usize, count: i32): void {
  const sample: usize = width === 16 ? 2 : 4;
  const step = channels * sample;
  const end = to + (<usize>count << 3);
  for (; to < end; to += 8, from += step) {
    store<i32>(to, read(width, from));
    store<i32>(to, two ? read(width, from + sample) : 0, 4);
  }
}

// @ts-ignore: decorator
@inline
function scatterOf(width: i32, from: usize, to: usize, channels: usize, two: bool, count: i32): void {
  const sample: usize = width === 16 ? 2 : 4;
  const step = channels * sample;
  const end = from + (<usize>count << 3);
  for (; from < end; from += 8, to += step) {
    write(width, to, load<i32>(from));
    if (two) write(width, to + sample, load<i32>(from, 4));
  }
}

/** Gathers `count` frames from `from`, which is the first frame's sample of the first channel. */
export function gather(width: i32, from: usize, channels: usize, two: bool, to: usize, count: i32): void {
  if (width === 16) gatherOf(16, from, channels, two, to, count);
  else if (width === 24) gatherOf(24, from, channels, two, to, count);
  else if (two && channels === 2) memory.copy(to, from, <usize>count << 3);
  else gatherOf(32, from, channels, two, to, count);
}

/** Rounds, saturates and scatters `count` frames to `to`, the first frame's sample of the first channel. */
export function scatter(width: i32, from: usize, to: usize, channels: usize, two: bool, count: i32): void {
  if (width === 16) scatterOf(16, from, to, channels, two, count);
  else if (width === 24) scatterOf(24, from, to, channels, two, count);
  else if (two && channels === 2) memory.copy(to, from, <usize>count << 3);
  else scatterOf(32, from, to, channels, two, count);
}
