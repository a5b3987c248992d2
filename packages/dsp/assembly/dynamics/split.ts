// Splits runs of 32-bit samples into bands with Linkwitz-Riley filters, as SOF's crossover.
//
// A splitter is 6 sections of 7 words (LP0, HP0, LP1, HP1, LP2, HP2) and, for each filter and each of 8
// channels, the state of its two passes.

import { pair, PAIR_STATE_BYTES, SECTION_BYTES } from "./biquad";
import { sat32 } from "./fixed";

/** Most samples of one run; callers go in steps. */
export const RUN: i32 = 64;
/** Bytes between the bands of a run. */
export const BAND_BYTES: usize = 256;

const STATES: usize = 6 * SECTION_BYTES;
const LOW = memory.data(256, 16);
const HIGH = memory.data(256, 16);

// @ts-ignore: decorator
@inline
function filter(splitter: usize, index: usize, channel: usize, from: usize, to: usize, count: i32): void {
  const section = splitter + index * SECTION_BYTES;
  pair(section, section, splitter + STATES + (index * 8 + channel) * PAIR_STATE_BYTES, from, to, count);
}

/** Filters the run at `from` into `bands` runs at `to`, which are BAND_BYTES apart. `from` is not changed. */
export function split(splitter: usize, channel: usize, bands: i32, from: usize, to: usize, count: i32): void {
  if (bands === 2) {
    filter(splitter, 0, channel, from, to, count);
    filter(splitter, 1, channel, from, to + BAND_BYTES, count);
    return;
  }
  if (bands === 3) {
    filter(splitter, 0, channel, from, LOW, count);
    filter(splitter, 1, channel, from, HIGH, count);
    // The low band goes through both halves of the upper split, so that its phase matches the others'.
    filter(splitter, 2, channel, LOW, to, count);
    filter(splitter, 3, channel, LOW, LOW, count);
    for (let i: usize = 0; i < <usize>count << 2; i += 4) {
      store<i32>(to + i, <i32>sat32(<i64>load<i32>(to + i) + <i64>load<i32>(LOW + i)));
    }
    filter(splitter, 4, channel, HIGH, to + BAND_BYTES, count);
    filter(splitter, 5, channel, HIGH, to + 2 * BAND_BYTES, count);
    return;
  }
  filter(splitter, 2, channel, from, LOW, count);
  filter(splitter, 3, channel, from, HIGH, count);
  filter(splitter, 0, channel, LOW, to, count);
  filter(splitter, 1, channel, LOW, to + BAND_BYTES, count);
  filter(splitter, 4, channel, HIGH, to + 2 * BAND_BYTES, count);
  filter(splitter, 5, channel, HIGH, to + 3 * BAND_BYTES, count);
}
