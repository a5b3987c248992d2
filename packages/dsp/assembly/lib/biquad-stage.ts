// A stage of two direct form I biquads in series for two channels, as one vector of four lanes: section A of
// both channels, section B of both. Section B runs two frames behind.
//
// acc = a2*y2 + a1*y1 + b2*x2 + b1*x1 + b0*in (64 bit); t = sat32(rnd(acc, 30)); out = sat32(rnd(gain*t, shift))

/** State of a stage: y2, y1, x2, x1, a vector each. */
export const Y2 = 0;
export const Y1 = 16;
export const X2 = 32;
export const X1 = 48;

// Saturates two pairs of 64-bit sums, taken down by 30 bits with rounding, to four 32-bit lanes. `half` is in
// the rounded sums already; the plain ones give the sign, should rounding overflow.
// @ts-ignore: decorator
@inline
function round30(low: v128, high: v128, roundedLow: v128, roundedHigh: v128): v128 {
  const sign = i32x4.shr_s(v128.shuffle<i32>(low, high, 1, 3, 5, 7), 31);
  const top = v128.shuffle<i32>(roundedLow, roundedHigh, 1, 3, 5, 7);
  const bottom = v128.shuffle<i32>(roundedLow, roundedHigh, 0, 2, 4, 6);
  const value = v128.or(i32x4.shl(top, 2), i32x4.shr_u(bottom, 30));
  // In range when bits 61..63 of the rounded sum are one and the same.
  const fits = i32x4.eq(i32x4.shr_s(top, 29), i32x4.shr_s(top, 31));
  return v128.bitselect(value, v128.xor(sign, i32x4.splat(0x7fffffff)), fits);
}

// The gain stage: all lanes share one shift of 1..32, to which the caller has scaled their gains. Bits above
// the result are looked at in the upper words, so logical shifts do.
// @ts-ignore: decorator
@inline
function gainStage(t: v128, gain: v128, shift: i32, half: v128): v128 {
  const low = i64x2.add(i64x2.extmul_low_i32x4_s(t, gain), half);
  const high = i64x2.add(i64x2.extmul_high_i32x4_s(t, gain), half);
  const top = v128.shuffle<i32>(low, high, 1, 3, 5, 7);
  const value = v128.shuffle<i32>(i64x2.shr_u(low, shift), i64x2.shr_u(high, shift), 0, 2, 4, 6);
  const sign = i32x4.shr_s(top, 31);
  const fits = i32x4.eq(i32x4.shr_s(top, shift - 1), sign);
  return v128.bitselect(value, v128.xor(sign, i32x4.splat(0x7fffffff)), fits);
}

// Frames of two channels: 8 bytes, or 4 when the pair is a last channel alone.
// @ts-ignore: decorator
@inline
function loadPair(address: usize, pair: bool): v128 {
  return pair ? v128.load64_zero(address) : v128.load32_zero(address);
}
// @ts-ignore: decorator
@inline
function storePair(address: usize, value: v128, pair: bool): void {
  if (pair) v128.store64_lane(address, value, 1);
  else v128.store32_lane(address, value, 2);
}

/**
 * Filters frames of `step` bytes from `src` to `dst`, which may be the same. `pair` tells whether there are two
 * channels; `plain` that gains are 1, so that `gain` and `shift` (1..32) do not matter.
 */
// @ts-ignore: decorator
@inline
export function stage(
  src: usize, dst: usize, frames: i32, step: i32, state: usize,
  a2: v128, a1: v128, b2: v128, b1: v128, b0: v128, gain: v128, shift: i32,
  pair: bool, plain: bool,
): void {
  const half = i64x2.splat((<i64>1) << <i64>(shift - 1));
  let y2 = v128.load(state, Y2);
  let y1 = v128.load(state, Y1);
  let x2 = v128.load(state, X2);
  let x1 = v128.load(state, X1);
  const round = i64x2.splat(1 << 29);
  // Section B takes what section A gave two steps before, so that one step need not wait for the last one's
  // gain stage. Its lanes stand still in the first two steps, section A's in the last two.
  let out = i32x4.splat(0);
  let before = out;
  const steps = frames + 2;
  for (let i = 0; i < steps; i++) {
    const input = i < frames ? loadPair(src, pair) : i32x4.splat(0);
    const x = v128.shuffle<i64>(input, before, 0, 2);
    let low = i64x2.extmul_low_i32x4_s(a2, y2);
    let high = i64x2.extmul_high_i32x4_s(a2, y2);
    low = i64x2.add(low, i64x2.extmul_low_i32x4_s(b2, x2));
    high = i64x2.add(high, i64x2.extmul_high_i32x4_s(b2, x2));
    low = i64x2.add(low, i64x2.extmul_low_i32x4_s(b1, x1));
    high = i64x2.add(high, i64x2.extmul_high_i32x4_s(b1, x1));
    low = i64x2.add(low, i64x2.extmul_low_i32x4_s(b0, x));
    high = i64x2.add(high, i64x2.extmul_high_i32x4_s(b0, x));
    const newestLow = i64x2.extmul_low_i32x4_s(a1, y1);
    const newestHigh = i64x2.extmul_high_i32x4_s(a1, y1);
    const t = round30(
      i64x2.add(low, newestLow),
      i64x2.add(high, newestHigh),
      i64x2.add(i64x2.add(low, round), newestLow),
      i64x2.add(i64x2.add(high, round), newestHigh),
    );
    before = out;
    out = plain ? t : gainStage(t, gain, shift, half);
    if (i >= 2 && i < frames) {
      y2 = y1;
      y1 = t;
      x2 = x1;
      x1 = x;
    } else {
      const liveA = i32x4.splat(i < frames ? -1 : 0);
      const liveB = i32x4.splat(i >= 2 ? -1 : 0);
      const live = v128.shuffle<i64>(liveA, liveB, 0, 2);
      y2 = v128.bitselect(y1, y2, live);
      y1 = v128.bitselect(t, y1, live);
      x2 = v128.bitselect(x1, x2, live);
      x1 = v128.bitselect(x, x1, live);
    }
    if (i >= 2) {
      storePair(dst, out, pair);
      dst += step;
    }
    src += step;
  }
  v128.store(state, y2, Y2);
  v128.store(state, y1, Y1);
  v128.store(state, x2, X2);
  v128.store(state, x1, X1);
}
