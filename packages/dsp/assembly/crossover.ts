// Crossover over one contiguous block: one interleaved source, one interleaved sink per band.

import { gather, scatter } from "./dynamics/channel";
import { BAND_BYTES, RUN, split } from "./dynamics/split";

const INPUT = memory.data(512, 16);
const BANDS = memory.data(2048, 16);

/**
 * Splits `frames` frames. `sinks` is the address of one word per band: where its frames go, or 0 for a band
 * that nobody takes.
 */
export function crossover(
  splitter: usize,
  bands: i32,
  width: i32,
  channels: i32,
  source: usize,
  sinks: usize,
  frames: i32,
): void {
  const sample: usize = width === 16 ? 2 : 4;
  const frameBytes = <usize>channels * sample;
  for (let done: usize = 0; done < <usize>frames; done += <usize>RUN) {
    const count = min<i32>(RUN, frames - <i32>done);
    for (let ch: usize = 0; ch < <usize>channels; ch += 2) {
      const at = done * frameBytes + ch * sample;
      const two = ch + 1 < <usize>channels;
      gather(width, source + at, channels, two, INPUT, count);
      split(splitter, ch >> 1, bands, INPUT, BANDS, count);
      for (let band: usize = 0; band < <usize>bands; band++) {
        const sink = load<usize>(sinks + (band << 2));
        if (sink !== 0) scatter(width, BANDS + band * BAND_BYTES, sink + at, channels, two, count);
      }
    }
  }
}
