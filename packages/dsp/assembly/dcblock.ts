// DC blocker on interleaved 32-bit samples: y = sat32(x - x1 + rnd(R * y1, 30)).
// A channel's state is 3 words {R, x1, y1}.

import { sat32 } from "./lib/fixed";

const R = 0;
const X1 = 4;
const Y1 = 8;
const BYTES = 12;

// |R * y1| is at most 2^62, so rounding cannot overflow.
// @ts-ignore: decorator
@inline
function next(x: i32, x1: i32, y1: i32, r: i64): i32 {
  return sat32(<i64>x - <i64>x1 + ((<i64>y1 * r + (1 << 29)) >> 30));
}

// Two channels at once: their recursions overlap in time.
function pair(src: usize, dst: usize, frames: i32, step: i32, state: usize): void {
  const r0 = <i64>load<i32>(state, R);
  const r1 = <i64>load<i32>(state, R + BYTES);
  let xa = load<i32>(state, X1);
  let ya = load<i32>(state, Y1);
  let xb = load<i32>(state, X1 + BYTES);
  let yb = load<i32>(state, Y1 + BYTES);
  for (; frames > 0; frames--) {
    const a = load<i32>(src);
    const b = load<i32>(src, 4);
    ya = next(a, xa, ya, r0);
    yb = next(b, xb, yb, r1);
    xa = a;
    xb = b;
    store<i32>(dst, ya);
    store<i32>(dst, yb, 4);
    src += step;
    dst += step;
  }
  store<i32>(state, xa, X1);
  store<i32>(state, ya, Y1);
  store<i32>(state, xb, X1 + BYTES);
  store<i32>(state, yb, Y1 + BYTES);
}

function single(src: usize, dst: usize, frames: i32, step: i32, state: usize): void {
  const r = <i64>load<i32>(state, R);
  let x1 = load<i32>(state, X1);
  let y1 = load<i32>(state, Y1);
  for (; frames > 0; frames--) {
    const x = load<i32>(src);
    y1 = next(x, x1, y1, r);
    x1 = x;
    store<i32>(dst, y1);
    src += step;
    dst += step;
  }
  store<i32>(state, x1, X1);
  store<i32>(state, y1, Y1);
}

/** Filters a block; `src` and `dst` may be the same. */
export function dcBlock(src: usize, dst: usize, frames: i32, channels: i32, state: usize): void {
  const step = channels * 4;
  let channel = 0;
  for (; channel + 1 < channels; channel += 2) {
    pair(src + channel * 4, dst + channel * 4, frames, step, state + channel * BYTES);
  }
  if (channel < channels) single(src + channel * 4, dst + channel * 4, frames, step, state + channel * BYTES);
}
