// Splits runs of frames of two channels into bands with Linkwitz-Riley filters, as SOF's crossover.
//
// A splitter is 6 sections of 7 words (LP0, HP0, LP1, HP1, LP2, HP2), 8 bytes unused, and for each filter and each
// of 4 pairs of channels the state of its two passes.

import { addSat32 } from "../lib/fixed";
import { pair, PAIR_STATE_BYTES, SECTION_BYTES } from "./biquad";

/** Most frames of one run; callers go in steps. */
export const RUN: i32 = 64;
/** Bytes between the bands of a run. */
export const BAND_BYTES: usize = 512;

const STATES: usize = 6 * SECTION_BYTES + 8;
const LOW = memory.data(512, 16);
const HIGH = memory.data(512, 16);

// @ts-ignore: decorator
@inline
function filter(splitter: usize, index: usize, channels: usize, from: usize, to: usize, count: i32): void {
  const section = splitter + index * SECTION_BYTES;
  pair(section, section, splitter + STATES + (index * 4 + channels) * PAIR_STATE_BYTES, from, to, count);
}

/**
 * Filters the run at `from` into `bands` runs at `to`, which are BAND_BYTES apart. `from` is not changed.
 * `channels` is the number of the pair.
 */
export function split(splitter: usize, channels: usize, bands: i32, from: usize, to: usize, count: i32): void {
  if (bands === 2) {
    filter(splitter, 0, channels, from, to, count);
    filter(splitter, 1, channels, from, to + BAND_BYTES, count);
    return;
  }
  if (bands === 3) {
    filter(splitter, 0, channels, from, LOW, count);
    filter(splitter, 1, channels, from, HIGH, count);
    // The low band goes through both halves of the upper split, so that its phase matches the others'.
    filter(splitter, 2, channels, LOW, to, count);
    filter(splitter, 3, channels, LOW, LOW, count);
    for (let i: usize = 0; i < <usize>count << 3; i += 16) {
      v128.store(to + i, addSat32(v128.load(to + i), v128.load(LOW + i)));
    }
    filter(splitter, 4, channels, HIGH, to + BAND_BYTES, count);
    filter(splitter, 5, channels, HIGH, to + 2 * BAND_BYTES, count);
    return;
  }
  filter(splitter, 2, channels, from, LOW, count);
  filter(splitter, 3, channels, from, HIGH, count);
  filter(splitter, 0, channels, LOW, to, count);
  filter(splitter, 1, channels, LOW, to + BAND_BYTES, count);
  filter(splitter, 4, channels, HIGH, to + 2 * BAND_BYTES, count);
  filter(splitter, 5, channels, HIGH, to + 3 * BAND_BYTES, count);
}
