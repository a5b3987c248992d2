// Automatic level: a block's peak, and a gain that moves along a line over a block of delayed samples.

import { extend24, sx24 } from "./lib/fixed";

/** Largest |sx24(x)| of a block. */
export function peak24(src: usize, samples: i32): i32 {
  let peak = i32x4.splat(0);
  for (; samples >= 4; samples -= 4) {
    peak = i32x4.max_s(peak, i32x4.abs(sx24(v128.load(src))));
    src += 16;
  }
  peak = i32x4.max_s(peak, v128.shuffle<i32>(peak, peak, 2, 3, 0, 1));
  peak = i32x4.max_s(peak, v128.shuffle<i32>(peak, peak, 1, 0, 3, 2));
  let largest = i32x4.extract_lane(peak, 0);
  for (; samples > 0; samples--) {
    largest = max(largest, abs<i32>(extend24(load<i32>(src))));
    src += 4;
  }
  return largest;
}

/**
 * y = sat24(rnd(sx24(x) * g, shift)) with g moving by `step` a frame. The gain is an i32 and stays one.
 * Returns the gain after the last frame.
 */
export function rampGain24(src: usize, dst: usize, frames: i32, channels: i32, gain: i32, step: i32, shift: i32): i32 {
  const half = (<i64>1) << <i64>(shift - 1);
  for (; frames > 0; frames--) {
    for (let c = 0; c < channels; c++) {
      const x = <i64>extend24(load<i32>(src));
      const y = <i32>((x * <i64>gain + half) >> <i64>shift);
      store<i32>(dst, min(max(y, -0x800000), 0x7fffff));
      src += 4;
      dst += 4;
    }
    gain += step;
  }
  return gain;
}
