// One channel of an interleaved block to and from a contiguous run of left-aligned 32-bit samples.
// Widths are 16, 24 and 32; 24 is right-aligned in 32.

import { to16, to24 } from "./fixed";

/** Gathers `count` samples from `from`, which is the first frame's sample of the channel. */
export function gather(width: i32, from: usize, channels: usize, to: usize, count: i32): void {
  const end = to + (<usize>count << 2);
  if (width === 16) {
    for (; to < end; to += 4, from += channels << 1) store<i32>(to, <i32>load<i16>(from) << 16);
    return;
  }
  const shift = width === 24 ? 8 : 0;
  for (; to < end; to += 4, from += channels << 2) store<i32>(to, load<i32>(from) << shift);
}

/** Rounds, saturates and scatters `count` samples to `to`, the first frame's sample of the channel. */
export function scatter(width: i32, from: usize, to: usize, channels: usize, count: i32): void {
  const end = from + (<usize>count << 2);
  if (width === 32) {
    for (; from < end; from += 4, to += channels << 2) store<i32>(to, load<i32>(from));
  } else if (width === 24) {
    for (; from < end; from += 4, to += channels << 2) store<i32>(to, to24(load<i32>(from)));
  } else {
    for (; from < end; from += 4, to += channels << 1) store<i16>(to, to16(load<i32>(from)));
  }
}
