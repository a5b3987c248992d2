// A soft limiter for 32-bit streams of up to 8 channels, as an isolated module (interface version 1.0).
//
// One envelope follows the loudest channel: up by a quarter of the distance each frame, down by 1/1024.
// Above the threshold the level rises by a quarter of what comes in; at full scale it is cut.
// Param 0 is the threshold, 1 .. 2^31-1, half of full scale at first.

const S32_LE = 2;
const ONE_BITS = 30;
const ATTACK_SHIFT = 2;
const RELEASE_SHIFT = 10;
const SLOPE_SHIFT = 2;

let context: usize = 0;
let threshold: i32 = 0x40000000;
let channels: i32 = 0;
let envelope: i32 = 0;
// Q1.30; holds while the envelope does.
let gain: i64 = 1 << ONE_BITS;

export function sof_module_abi(): i32 {
  return 0x10000;
}

export function sof_module_alloc(bytes: i32, align: i32): usize {
  return align > 16 ? 0 : heap.alloc(bytes);
}

export function sof_module_init(at: usize): i32 {
  context = at;
  return 0;
}

export function sof_module_prepare(sources: i32, sinks: i32): i32 {
  if (sources != 1 || sinks != 1) return -22;
  const source = load<usize>(context, 36);
  channels = load<i32>(source, 20);
  if (load<i32>(source, 24) != S32_LE || channels < 1 || channels > 8) return -22;
  return sof_module_reset();
}

export function sof_module_process(_sources: i32, _sinks: i32): i32 {
  const source = load<usize>(context, 36);
  const sink = load<usize>(context, 40);
  const stride = channels << 2;
  let bytes = min(load<i32>(source, 4), load<i32>(sink, 4));
  bytes -= bytes % stride;
  let from = load<usize>(source);
  let to = load<usize>(sink);
  const end = from + bytes;
  while (from < end) {
    follow(peakOf(from, stride));
    for (const next = from + stride; from < next; from += 4, to += 4) {
      store<i32>(to, clamp((load<i32>(from) * gain) >> ONE_BITS));
    }
  }
  store<i32>(source, bytes, 8);
  store<i32>(sink, bytes, 8);
  return 0;
}

function peakOf(frame: usize, stride: i32): i32 {
  let peak = 0;
  for (let i = 0; i < stride; i += 4) {
    const sample = load<i32>(frame + i);
    // One less than the magnitude of a negative sample: nothing overflows.
    peak = max(peak, sample ^ (sample >> 31));
  }
  return peak;
}

function follow(peak: i32): void {
  const before = envelope;
  if (peak > before) envelope = before + ((peak - before) >> ATTACK_SHIFT);
  else envelope = before - ((before - peak) >> RELEASE_SHIFT);
  if (envelope == before) return;
  if (envelope <= threshold) gain = 1 << ONE_BITS;
  else {
    const level = (threshold as i64) + ((envelope - threshold) >> SLOPE_SHIFT);
    gain = (level << ONE_BITS) / envelope;
  }
}

function clamp(value: i64): i32 {
  return min<i64>(max<i64>(value, i32.MIN_VALUE), i32.MAX_VALUE) as i32;
}

export function sof_module_reset(): i32 {
  envelope = 0;
  gain = 1 << ONE_BITS;
  return 0;
}

export function sof_module_free(): void {}

export function sof_module_set_param(id: i32, value: i32): i32 {
  if (id != 0 || value <= 0) return -22;
  threshold = value;
  return 0;
}

export function sof_module_get_param(id: i32): i32 {
  return id == 0 ? threshold : -22;
}
