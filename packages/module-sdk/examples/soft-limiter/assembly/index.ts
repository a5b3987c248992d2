// A soft limiter: holds the level below full scale without hard edges, for streams of 16, 24 and 32 bits
// with up to 8 channels.
//
// An envelope follows the loudest channel, so that the stereo image does not move. Above the threshold the
// level is bent: it comes nearer to full scale the louder the input is, and does not pass it. What is faster
// than the attack is cut at full scale.
//
// Configuration 0, all of it or nothing:
//   word 0  threshold, 1 .. 2^31-1 of full scale at 32 bits
//   word 1  attack in microseconds, 0 .. 1,000,000
//   word 2  release in microseconds, 0 .. 10,000,000
// Switch 0 turns the limiter off and on.

import {
  begin,
  configBytes,
  configData,
  controlValue,
  EINVAL,
  framesBetween,
  moduleContext,
  moved,
  sampleBytes,
  saturate,
  SINGLE,
  sink,
  source,
  SWITCH_PARAM,
  takeFragment,
} from "./sof";
export { sof_module_abi, sof_module_alloc } from "./sof";

const FULL_SCALE: f64 = 2147483648;
const GAIN_BITS = 30;
const UNITY: i64 = 1 << GAIN_BITS;

let threshold: i32 = 0x40000000;
let attackUs: i32 = 1000;
let releaseUs: i32 = 80000;
let on: bool = true;

let ready: bool = false;
let rate: i32 = 0;
// Parts of the distance that the envelope goes in each frame, 1/2^31.
let attack: i64 = 0;
let release: i64 = 0;
let envelope: i32 = 0;
let gain: i64 = UNITY;

export function sof_module_init(at: usize): i32 {
  return begin(at);
}

export function sof_module_prepare(sources: i32, sinks: i32): i32 {
  if (sources != 1 || sinks != 1) return EINVAL;
  const from = source();
  const to = sink();
  const same = from.validFmt == to.validFmt && from.frameBytes == to.frameBytes;
  if (sampleBytes(from) == 0 || !same || from.channels < 1 || from.channels > 8) return EINVAL;
  rate = from.rate;
  setTimes();
  envelope = 0;
  gain = UNITY;
  ready = true;
  return 0;
}

export function sof_module_process(_sources: i32, _sinks: i32): i32 {
  if (!ready) return 0;
  const from = source();
  const to = sink();
  const frames = framesBetween(from, to);
  if (!on) memory.copy(to.data, from.data, frames * from.frameBytes);
  else if (from.validFmt == 0) limit<i16>(from.data, to.data, frames, from.channels, 16);
  else limit<i32>(from.data, to.data, frames, from.channels, from.validFmt == 1 ? 8 : 0);
  moved(from, to, frames);
  return 0;
}

// One loop for each container, so that formats are not asked for sample by sample.
function limit<T>(from: usize, to: usize, frames: i32, channels: i32, shift: i32): void {
  const stride: usize = channels * sizeof<T>();
  for (const end = from + frames * stride; from < end;) {
    let peak = 0;
    const next = from + stride;
    for (let at = from; at < next; at += sizeof<T>()) {
      const sample = (load<T>(at) as i32) << shift;
      // One less than the magnitude of a negative sample: nothing overflows.
      peak = max(peak, sample ^ (sample >> 31));
    }
    follow(peak);
    for (; from < next; from += sizeof<T>(), to += sizeof<T>()) {
      const sample = (load<T>(from) as i32) << shift;
      store<T>(to, (saturate((sample * gain) >> GAIN_BITS) >> shift) as T);
    }
  }
}

function follow(peak: i32): void {
  const distance = (peak as i64) - envelope;
  const step = ((distance > 0 ? attack : release) * distance) >> 31;
  if (step == 0) return;
  const before = envelope;
  envelope += step as i32;
  if (envelope > threshold) gain = bend(envelope);
  else if (before > threshold) gain = UNITY;
}

// The gain that brings a level above the threshold t to t + x * h / (x + h), where x is what it is above t
// and h what t is below full scale.
function bend(level: i32): i64 {
  const above = (level - threshold) as f64;
  const headroom = FULL_SCALE - threshold;
  const wanted = threshold + (above * headroom) / (above + headroom);
  return ((wanted / level) * (UNITY as f64)) as i64;
}

function setTimes(): void {
  attack = partOf(attackUs);
  release = partOf(releaseUs);
}

function partOf(us: i32): i64 {
  // One frame of a first-order follower; the whole distance for a time of 0.
  const frames = ((us as f64) * rate) / 1e6;
  return (FULL_SCALE / (1 + frames)) as i64;
}

export function sof_module_reset(): i32 {
  ready = false;
  return 0;
}

export function sof_module_free(): void {}

export function sof_module_set_config(id: i32, position: i32, sizeOrOffset: i32, bytes: i32): i32 {
  if (id == SWITCH_PARAM) {
    if (position != SINGLE || sizeOrOffset != bytes) return EINVAL;
    const value = controlValue(bytes);
    if (value < 0 || value > 1) return EINVAL;
    on = value == 1;
    return 0;
  }
  if (id != 0) return EINVAL;
  const result = takeFragment(position, sizeOrOffset, bytes);
  return result == 1 ? configure(configData(), configBytes()) : result;
}

function configure(at: usize, bytes: i32): i32 {
  if (bytes != 12) return EINVAL;
  const newThreshold = load<i32>(at);
  const newAttack = load<i32>(at, 4);
  const newRelease = load<i32>(at, 8);
  if (newThreshold < 1) return EINVAL;
  if (newAttack < 0 || newAttack > 1000000) return EINVAL;
  if (newRelease < 0 || newRelease > 10000000) return EINVAL;
  threshold = newThreshold;
  attackUs = newAttack;
  releaseUs = newRelease;
  if (ready) {
    setTimes();
    gain = envelope > threshold ? bend(envelope) : UNITY;
  }
  return 0;
}

export function sof_module_get_config(id: i32, capacity: i32): i32 {
  if (id != 0 || capacity < 12) return EINVAL;
  const at = moduleContext().fragment;
  store<i32>(at, threshold);
  store<i32>(at, attackUs, 4);
  store<i32>(at, releaseUs, 8);
  return 12;
}
