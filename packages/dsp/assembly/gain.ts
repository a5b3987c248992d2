// Gains: Q1.31 volumes of 0..2^31-1 per channel (products never leave their width), Q9.23 for all channels,
// and the peak meter.

import { extend24, mulShift, rnd64, sat32, sx24 } from "./lib/fixed";

// The caller keeps the volumes repeated so that lane i of vector v is the volume of sample 4*v+i; `period`
// bytes on, the pattern starts again.

const S16 = 0;
const S24 = 1;
const S32 = 2;

// @ts-ignore: decorator
@inline
function scale(kind: i32, x: v128, volume: v128): v128 {
  return mulShift(kind == S24 ? sx24(x) : x, volume, 31, true);
}

// One vector of volumes serves all: 1, 2 or 4 channels.
// @ts-ignore: decorator
@inline
function uniform(kind: i32, src: usize, dst: usize, samples: i32, volumes: usize): void {
  const volume = v128.load(volumes);
  const wide = dst + (((samples & ~3) as usize) << 2);
  while (dst < wide) {
    v128.store(dst, scale(kind, v128.load(src), volume));
    src += 16;
    dst += 16;
  }
  rest(kind, src, dst, samples & 3, volumes);
}

// @ts-ignore: decorator
@inline
function patterned(kind: i32, src: usize, dst: usize, samples: i32, volumes: usize, period: i32): void {
  const end = volumes + period;
  let volume = volumes;
  for (; samples >= 4; samples -= 4) {
    v128.store(dst, scale(kind, v128.load(src), v128.load(volume)));
    src += 16;
    dst += 16;
    volume += 16;
    if (volume == end) volume = volumes;
  }
  rest(kind, src, dst, samples, volume);
}

// @ts-ignore: decorator
@inline
function rest(kind: i32, src: usize, dst: usize, samples: i32, volume: usize): void {
  for (; samples > 0; samples--) {
    v128.store32_lane(dst, scale(kind, v128.load32_zero(src), v128.load32_zero(volume)), 0);
    src += 4;
    dst += 4;
    volume += 4;
  }
}

export function gainS24(src: usize, dst: usize, samples: i32, volumes: usize, period: i32): void {
  if (period == 16) uniform(S24, src, dst, samples, volumes);
  else patterned(S24, src, dst, samples, volumes, period);
}

export function gainS32(src: usize, dst: usize, samples: i32, volumes: usize, period: i32): void {
  if (period == 16) uniform(S32, src, dst, samples, volumes);
  else patterned(S32, src, dst, samples, volumes, period);
}

export function gainS16(src: usize, dst: usize, samples: i32, volumes: usize, period: i32): void {
  const end = volumes + period;
  let volume = volumes;
  for (; samples >= 4; samples -= 4) {
    const y = scale(S16, v128.load16x4_s(src), v128.load(volume));
    v128.store64_lane(dst, i16x8.narrow_i32x4_s(y, y), 0);
    src += 8;
    dst += 8;
    volume += 16;
    if (volume == end) volume = volumes;
  }
  for (; samples > 0; samples--) {
    const y = scale(S16, i32x4.splat(<i32>load<i16>(src)), v128.load32_zero(volume));
    v128.store16_lane(dst, y, 0);
    src += 2;
    dst += 2;
    volume += 4;
  }
}

/** sat(rnd(x * gain, 23)) */
export function levelS16(src: usize, dst: usize, samples: i32, gain: i32): void {
  for (; samples > 0; samples--) {
    const y = <i32>rnd64(<i64>load<i16>(src) * <i64>gain, 23);
    store<i16>(dst, <i16>min(max(y, -0x8000), 0x7fff));
    src += 2;
    dst += 2;
  }
}
export function levelS24(src: usize, dst: usize, samples: i32, gain: i32): void {
  for (; samples > 0; samples--) {
    const y = <i32>rnd64(<i64>extend24(load<i32>(src)) * <i64>gain, 23);
    store<i32>(dst, min(max(y, -0x800000), 0x7fffff));
    src += 4;
    dst += 4;
  }
}
export function levelS32(src: usize, dst: usize, samples: i32, gain: i32): void {
  const factor = <i64>gain;
  for (; samples >= 2; samples -= 2) {
    const a = sat32(rnd64(<i64>load<i32>(src) * factor, 23));
    const b = sat32(rnd64(<i64>load<i32>(src, 4) * factor, 23));
    store<i32>(dst, a);
    store<i32>(dst, b, 4);
    src += 8;
    dst += 8;
  }
  if (samples > 0) store<i32>(dst, sat32(rnd64(<i64>load<i32>(src) * factor, 23)));
}

/** Raises `peaks[channel]` (u32) to the largest |x| of its channel, shifted left. */
export function peaks16(src: usize, frames: i32, channels: i32, peaks: usize, shift: i32): void {
  for (let channel = 0; channel < channels; channel++) {
    let at = src + channel * 2;
    let peak = 0;
    for (let i = frames; i > 0; i--) {
      peak = max(peak, abs<i32>(<i32>load<i16>(at)));
      at += channels * 2;
    }
    raise(peaks + channel * 4, <u32>peak << shift);
  }
}
export function peaks32(src: usize, frames: i32, channels: i32, peaks: usize, shift: i32): void {
  if (channels == 1 || channels == 2 || channels == 4) {
    let peak = i32x4.splat(0);
    let samples = frames * channels;
    for (; samples >= 4; samples -= 4) {
      peak = i32x4.max_u(peak, i32x4.abs(v128.load(src)));
      src += 16;
    }
    frames = samples / channels;
    if (channels < 4) peak = i32x4.max_u(peak, v128.shuffle<i32>(peak, peak, 2, 3, 0, 1));
    if (channels < 2) peak = i32x4.max_u(peak, v128.shuffle<i32>(peak, peak, 1, 0, 3, 2));
    raise(peaks, <u32>i32x4.extract_lane(peak, 0) << shift);
    if (channels > 1) raise(peaks + 4, <u32>i32x4.extract_lane(peak, 1) << shift);
    if (channels > 2) {
      raise(peaks + 8, <u32>i32x4.extract_lane(peak, 2) << shift);
      raise(peaks + 12, <u32>i32x4.extract_lane(peak, 3) << shift);
    }
  }
  for (let channel = 0; channel < channels; channel++) {
    let at = src + channel * 4;
    let peak: u32 = 0;
    for (let i = frames; i > 0; i--) {
      peak = max<u32>(peak, <u32>abs<i32>(load<i32>(at)));
      at += channels * 4;
    }
    raise(peaks + channel * 4, peak << shift);
  }
}

// @ts-ignore: decorator
@inline
function raise(peak: usize, value: u32): void {
  if (value > load<u32>(peak)) store<u32>(peak, value);
}

/**
 * Frames, counted backwards over a block of up to `frames` ending at `end`, until the channel sum changes
 * sign against `state` (i32, its sign carried on). Returns frames up to and including the crossing one, or 0.
 */
export function zeroCrossing(kind: i32, block: usize, frames: i32, channels: i32, state: usize): i32 {
  let prev = <i64>load<i32>(state);
  const sampleBytes = kind == S16 ? 2 : 4;
  const step = channels * sampleBytes;
  let at = block + (frames - 1) * step;
  for (let left = frames; left > 0; left--) {
    let sum: i64 = 0;
    for (let channel = 0; channel < channels; channel++) {
      const sample = at + channel * sampleBytes;
      if (kind == S16) sum += <i64>load<i16>(sample);
      else if (kind == S24) sum += <i64>extend24(load<i32>(sample));
      else sum += <i64>load<i32>(sample);
    }
    if ((sum ^ prev) < 0) {
      return left;
    }
    prev = sum;
    store<i32>(state, <i32>(prev >> 63));
    at -= step;
  }
  return 0;
}
