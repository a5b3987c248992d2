// @NAME@: a gain, to be changed into something better.
//
// Configuration 0: one word, the gain in 1/65536, 0 .. 65536.
// Switch 0 turns the effect off and on.

import {
  begin,
  configBytes,
  configData,
  controlValue,
  EINVAL,
  framesBetween,
  loadSample,
  moved,
  sampleBytes,
  SINGLE,
  sink,
  source,
  storeSample,
  SWITCH_PARAM,
  takeFragment,
} from "./sof";
export { sof_module_abi, sof_module_alloc } from "./sof";

let gain: i32 = 32768;
let on: bool = true;
// Whether there is a format: process may be called before prepare and after reset.
let ready: bool = false;

// An instance is made.
export function sof_module_init(at: usize): i32 {
  return begin(at);
}

// A stream begins: its format is known from here on.
export function sof_module_prepare(sources: i32, sinks: i32): i32 {
  if (sources != 1 || sinks != 1) return EINVAL;
  const from = source();
  const to = sink();
  const same = from.validFmt == to.validFmt && from.frameBytes == to.frameBytes;
  if (sampleBytes(from) == 0 || !same) return EINVAL;
  ready = true;
  return 0;
}

// One period: takes frames from the source and puts them into the sink.
export function sof_module_process(_sources: i32, _sinks: i32): i32 {
  if (!ready) return 0;
  const from = source();
  const to = sink();
  const frames = framesBetween(from, to);
  const samples = frames * from.channels;
  const bytes = sampleBytes(from);
  for (let i = 0; i < samples; i++) {
    const sample = loadSample(from.data + i * bytes, from.validFmt);
    storeSample(to.data + i * bytes, to.validFmt, on ? effect(sample) : sample);
  }
  moved(from, to, frames);
  return 0;
}

// A sample of any format comes and goes as a number of 32 bits.
function effect(sample: i32): i32 {
  return (((sample as i64) * gain) >> 16) as i32;
}

// The stream is over; the configuration stays.
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
  if (result != 1) return result;
  const wanted = load<i32>(configData());
  if (configBytes() != 4 || wanted < 0 || wanted > 65536) return EINVAL;
  gain = wanted;
  return 0;
}
