// Multiband compressor over one contiguous block: emphasis, band split, one compressor per band, sum,
// de-emphasis.
//
// State: word 0 bands, 1 whether emphasis is on, 2 channels, 3 unused, 4..17 emphasis sections, 18..31
// de-emphasis sections; from byte 128 the filter states of 8 channels, emphasis then de-emphasis; from byte
// 640 the splitter; from byte 2344 one compressor per band, BAND_STATE bytes each.

import { pair, PAIR_STATE_BYTES, SECTION_BYTES } from "./dynamics/biquad";
import { gather, scatter } from "./dynamics/channel";
import { FRAMES, PARAMS_ENABLED, READ, RING, SPAN, start, update, WRITE } from "./dynamics/drc-core";
import { sat32, to16 } from "./dynamics/fixed";
import { BAND_BYTES, split } from "./dynamics/split";

const EMPHASIS: usize = 16;
const DEEMPHASIS: usize = 72;
const EMPHASIS_STATE: usize = 128;
const DEEMPHASIS_STATE: usize = 384;
const SPLITTER: usize = 640;
const COMPRESSORS: usize = 2344;
const BAND_STATE: usize = 128;

const INPUT = memory.data(256, 16);
const BANDS = memory.data(1024, 16);

/** Passes one channel of one band through the ring of its compressor. */
// @ts-ignore: decorator
@inline
function exchange(drc: usize, channel: usize, channels: usize, run: usize, count: i32, narrow: bool): void {
  const ring = load<usize>(drc, RING);
  const step = narrow ? channels << 1 : channels << 2;
  const first = ring + (narrow ? channel << 1 : channel << 2);
  let into = first + <usize>load<i32>(drc, WRITE) * step;
  let from = first + <usize>load<i32>(drc, READ) * step;
  const end = run + (<usize>count << 2);
  for (; run < end; run += 4, into += step, from += step) {
    if (narrow) {
      store<i16>(into, to16(load<i32>(run)));
      store<i32>(run, <i32>load<i16>(from) << 16);
    } else {
      store<i32>(into, load<i32>(run));
      store<i32>(run, load<i32>(from));
    }
  }
}

// @ts-ignore: decorator
@inline
function sum(bands: i32, count: i32): void {
  for (let i: usize = 0; i < <usize>count << 2; i += 4) {
    let total: i64 = 0;
    for (let band: usize = 0; band < <usize>bands; band++) {
      total = sat32(total + <i64>load<i32>(BANDS + band * BAND_BYTES + i));
    }
    store<i32>(INPUT + i, <i32>total);
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
    for (let ch: usize = 0; ch < channels; ch++) {
      gather(width, source + ch * sample, channels, INPUT, count);
      if (shaped) {
        const state = s + EMPHASIS_STATE + ch * PAIR_STATE_BYTES;
        pair(s + EMPHASIS, s + EMPHASIS + SECTION_BYTES, state, INPUT, INPUT, count);
      }
      split(s + SPLITTER, ch, bands, INPUT, BANDS, count);
      for (let band: usize = 0; band < <usize>bands; band++) {
        exchange(compressors + band * BAND_STATE, ch, channels, BANDS + band * BAND_BYTES, count, narrow);
      }
      sum(bands, count);
      if (shaped) {
        const state = s + DEEMPHASIS_STATE + ch * PAIR_STATE_BYTES;
        pair(s + DEEMPHASIS, s + DEEMPHASIS + SECTION_BYTES, state, INPUT, INPUT, count);
      }
      scatter(width, INPUT, sink + ch * sample, channels, count);
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
