// Multiband compressor over one contiguous block: emphasis, band split, one compressor per band, sum,
// de-emphasis.
//
// State: word 0 bands, 1 whether emphasis is on, 2 channels, 3 unused, 4..17 emphasis sections, 18..31
// de-emphasis sections; from byte 128 the filter states of 4 pairs of channels, emphasis then de-emphasis; from byte
// 640 the splitter; from byte 2352 one compressor per band, BAND_STATE bytes each.

import { pair, PAIR_STATE_BYTES, SECTION_BYTES } from "./dynamics/biquad";
import { gather, scatter } from "./dynamics/channel";
import { FRAMES, PARAMS_ENABLED, READ, RING, SPAN, start, update, WRITE } from "./dynamics/drc-core";
import { to16 } from "./dynamics/fixed";
import { BAND_BYTES, split } from "./dynamics/split";
import { addSat32 } from "./lib/fixed";

const EMPHASIS: usize = 16;
const DEEMPHASIS: usize = 72;
const EMPHASIS_STATE: usize = 128;
const DEEMPHASIS_STATE: usize = 384;
const SPLITTER: usize = 640;
const COMPRESSORS: usize = 2352;
const BAND_STATE: usize = 128;

const INPUT = memory.data(512, 16);
const BANDS = memory.data(2048, 16);

/** Passes two channels of one band through the ring of its compressor, or one that is left. */
// @ts-ignore: decorator
@inline
function exchange(drc: usize, channel: usize, channels: usize, two: bool, run: usize, count: i32, narrow: bool): void {
  const ring = load<usize>(drc, RING);
  const step = narrow ? channels << 1 : channels << 2;
  const first = ring + (narrow ? channel << 1 : channel << 2);
  let into = first + <usize>load<i32>(drc, WRITE) * step;
  let from = first + <usize>load<i32>(drc, READ) * step;
  const end = run + (<usize>count << 3);
  for (; run < end; run += 8, into += step, from += step) {
    if (narrow) {
      store<i16>(into, to16(load<i32>(run)));
      store<i32>(run, <i32>load<i16>(from) << 16);
      if (two) {
        store<i16>(into, to16(load<i32>(run, 4)), 2);
        store<i32>(run, <i32>load<i16>(from, 2) << 16, 4);
      }
    } else if (two) {
      store<i64>(into, load<i64>(run));
      store<i64>(run, load<i64>(from));
    } else {
      store<i32>(into, load<i32>(run));
      store<i32>(run, load<i32>(from));
    }
  }
}

// @ts-ignore: decorator
@inline
function sum(bands: i32, count: i32): void {
  for (let i: usize = 0; i < <usize>count << 3; i += 16) {
    let total = v128.load(BANDS + i);
    for (let band: usize = 1; band < <usize>bands; band++) {
      total = addSat32(total, v128.load(BANDS + band * BAND_BYTES + i));
    }
    v128.store(INPUT + i, total);
  }
}

// @ts-ignore: decorator
@inline
function process(s: usize, width: i32, source: usize, sink: usize, frames: i32, narrow: bool): void {
  const bands = load<i32>(s);
  const shaped = load<i32>(s, 4) !== 0;
  const channels = <usize>load<i32>(s, 8);
  const sample: usize = narrow ? 2 : 4;
  const compressors = s + COMPRESSORS;
  for (let band: usize = 0; band < <usize>bands; band++) {
    const drc = compressors + band * BAND_STATE;
    if (load<i32>(drc, PARAMS_ENABLED) !== 0) start(drc, narrow);
  }
  while (frames > 0) {
    // All compressors count in step, whatever their delays are.
    const count = min(frames, SPAN - (load<i32>(compressors, WRITE) & (SPAN - 1)));
    for (let ch: usize = 0; ch < channels; ch += 2) {
      const two = ch + 1 < channels;
      const states = s + (ch >> 1) * PAIR_STATE_BYTES;
      gather(width, source + ch * sample, channels, two, INPUT, count);
      if (shaped) {
        pair(s + EMPHASIS, s + EMPHASIS + SECTION_BYTES, states + EMPHASIS_STATE, INPUT, INPUT, count);
      }
      split(s + SPLITTER, ch >> 1, bands, INPUT, BANDS, count);
      for (let band: usize = 0; band < <usize>bands; band++) {
        exchange(compressors + band * BAND_STATE, ch, channels, two, BANDS + band * BAND_BYTES, count, narrow);
      }
      sum(bands, count);
      if (shaped) {
        pair(s + DEEMPHASIS, s + DEEMPHASIS + SECTION_BYTES, states + DEEMPHASIS_STATE, INPUT, INPUT, count);
      }
      scatter(width, INPUT, sink + ch * sample, channels, two, count);
    }
    for (let band: usize = 0; band < <usize>bands; band++) {
      const drc = compressors + band * BAND_STATE;
      const write = (load<i32>(drc, WRITE) + count) & (FRAMES - 1);
      store<i32>(drc, write, WRITE);
      store<i32>(drc, (load<i32>(drc, READ) + count) & (FRAMES - 1), READ);
      if ((write & (SPAN - 1)) === 0 && load<i32>(drc, PARAMS_ENABLED) !== 0) update(drc, narrow);
    }
    source += <usize>count * channels * sample;
    sink += <usize>count * channels * sample;
    frames -= count;
  }
}

export function process16(s: usize, source: usize, sink: usize, frames: i32): void {
  process(s, 16, source, sink, frames, true);
}

export function process24(s: usize, source: usize, sink: usize, frames: i32): void {
  process(s, 24, source, sink, frames, false);
}

export function process32(s: usize, source: usize, sink: usize, frames: i32): void {
  process(s, 32, source, sink, frames, false);
}
