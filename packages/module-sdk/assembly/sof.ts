// What an audio module and the firmware say to each other: interface version 1.0, for AssemblyScript.
// A module copies this file. It exports sof_module_abi and sof_module_alloc; the module exports the rest:
//
//   export { sof_module_abi, sof_module_alloc } from "./sof";
//   export function sof_module_init(at: usize): i32 { return begin(at); }
//   export function sof_module_prepare(sources: i32, sinks: i32): i32
//   export function sof_module_process(sources: i32, sinks: i32): i32
//   export function sof_module_reset(): i32
//   export function sof_module_free(): void
//
// and, where it has them, sof_module_set_config and the other optional operations:
//
//   export function sof_module_pins(): i32 { return pins(2, 1); } // without it one source and one sink
//   export function sof_module_latency(): i32 { return 48; } // frames; without it none
//
// Nothing in here allocates but sof_module_alloc, which the firmware calls at init and prepare.

// Results of operations: 0, or one of these.
export const EPERM: i32 = -1;
export const EBUSY: i32 = -16;
export const ENOMEM: i32 = -12;
export const EINVAL: i32 = -22;

// Sample formats: Stream.frameFmt is the container, Stream.validFmt the valid bits in it.
export const S16_LE: i32 = 0;
// 24 valid bits, right-aligned in 32.
export const S24_4LE: i32 = 1;
export const S32_LE: i32 = 2;
export const FLOAT: i32 = 3;

// Positions of a configuration fragment.
export const MIDDLE: i32 = 0;
export const FIRST: i32 = 1;
export const LAST: i32 = 2;
export const SINGLE: i32 = 3;

// Parameter ids that ALSA's switches and enums of a topology arrive with.
export const SWITCH_PARAM: i32 = 200;
export const ENUM_PARAM: i32 = 201;

// Bytes of the base configuration that every init payload begins with.
export const BASE_CONFIG_BYTES: i32 = 40;

// What the firmware tells a module at init.
@unmanaged
export class Context {
  size: i32;
  abi: i32;
  moduleId: i32;
  instanceId: i32;
  pipelineId: i32;
  core: i32;
  // Scheduling period in microseconds.
  periodUs: i32;
  maxSources: i32;
  maxSinks: i32;
  sources: usize;
  sinks: usize;
  // The init payload during init, later configuration fragments.
  fragment: usize;
  fragmentBytes: i32;
  payloadBytes: i32;
  // Bytes that this module's memory can grow to.
  memoryBytes: i32;
  // Which module of its library file this instance is, where one file holds several.
  moduleIndex: i32;
}

// One stream in one period: samples of all channels in turn, in one block without a wrap.
@unmanaged
export class Stream {
  // Address of the samples.
  data: usize;
  // A source: bytes that are there. A sink: bytes that there is room for.
  bytes: i32;
  // What this module says: bytes consumed or produced, whole frames.
  done: i32;
  frameBytes: i32;
  // Frames per second.
  rate: i32;
  channels: i32;
  frameFmt: i32;
  validFmt: i32;
  // Nibble i is the role of channel i.
  channelMap: i32;
  // 1 while the component at the other end runs.
  active: i32;
  // Queue id of the connection at this module.
  queue: i32;
  reserved0: i32;
}

let context: Context = changetype<Context>(0);

export function sof_module_abi(): i32 {
  return 0x10000;
}

export function sof_module_alloc(bytes: i32, align: i32): usize {
  // Blocks of the runtime's heap are aligned to 16 bytes.
  return align > 16 ? 0 : heap.alloc(bytes);
}

// To be called first in sof_module_init. Refuses a payload without a whole base configuration.
export function begin(at: usize): i32 {
  context = changetype<Context>(at);
  return context.payloadBytes < BASE_CONFIG_BYTES ? EINVAL : 0;
}

// What sof_module_pins returns: the most sources and sinks that can be connected, at most 8 of each. Those
// that are connected come to sof_module_process as source(0), source(1) ... and sink(0), sink(1) ... in the order
// in which they were; sourceOf and sinkOf find them by their queue.
export function pins(sources: i32, sinks: i32): i32 {
  return (sources << 16) | sinks;
}

export function moduleContext(): Context {
  return context;
}

// What follows the base configuration in the init payload; valid during sof_module_init.
export function initData(): usize {
  return context.fragment + BASE_CONFIG_BYTES;
}

export function initDataBytes(): i32 {
  return context.payloadBytes - BASE_CONFIG_BYTES;
}

export function source(index: i32 = 0): Stream {
  return changetype<Stream>(context.sources + ((index * 48) as usize));
}

export function sink(index: i32 = 0): Stream {
  return changetype<Stream>(context.sinks + ((index * 48) as usize));
}

// The source of `count` that is connected to this queue; the null pointer when none is.
export function sourceOf(queue: i32, count: i32): Stream {
  return streamOf(context.sources, queue, count);
}

export function sinkOf(queue: i32, count: i32): Stream {
  return streamOf(context.sinks, queue, count);
}

function streamOf(first: usize, queue: i32, count: i32): Stream {
  for (let i = 0; i < count; i++) {
    const stream = changetype<Stream>(first + ((i * 48) as usize));
    if (stream.queue == queue) return stream;
  }
  return changetype<Stream>(0);
}

// Frames that can go from `from` to `to` now.
export function framesBetween(from: Stream, to: Stream): i32 {
  return min(from.bytes / from.frameBytes, to.bytes / to.frameBytes);
}

// Says that `frames` frames went from `from` to `to`.
export function moved(from: Stream, to: Stream, frames: i32): void {
  from.done = frames * from.frameBytes;
  to.done = frames * to.frameBytes;
}

// A sample of 16, 24 or 32 bits as one of full scale at 32 bits, so that one algorithm serves all formats.
export function loadSample(at: usize, validFmt: i32): i32 {
  if (validFmt == S16_LE) return load<i16>(at) << 16;
  return validFmt == S24_4LE ? load<i32>(at) << 8 : load<i32>(at);
}

// The other way: cuts off the bits that the format does not have.
export function storeSample(at: usize, validFmt: i32, sample: i32): void {
  if (validFmt == S16_LE) store<i16>(at, (sample >> 16) as i16);
  else store<i32>(at, validFmt == S24_4LE ? sample >> 8 : sample);
}

// Bytes that loadSample and storeSample move, 0 for a format that they do not know.
export function sampleBytes(stream: Stream): i32 {
  if (stream.frameFmt == S16_LE) return stream.validFmt == S16_LE ? 2 : 0;
  const valid = stream.validFmt == S24_4LE || stream.validFmt == S32_LE;
  return stream.frameFmt == S32_LE && valid ? 4 : 0;
}

// The nearest sample that there is.
export function saturate(value: i64): i32 {
  return min<i64>(max<i64>(value, i32.MIN_VALUE), i32.MAX_VALUE) as i32;
}

// Configurations up to this size are put together by takeFragment.
export const MAX_CONFIG_BYTES: i32 = 1024;
const assembled: usize = memory.data(1024, 16);
let expected: i32 = 0;
let received: i32 = 0;

// Puts together a configuration that arrives in fragments: give it what sof_module_set_config got.
// Returns 1 when it is complete and can be read at configData(), 0 when more is to come, -EINVAL for a
// fragment that does not belong there.
export function takeFragment(position: i32, sizeOrOffset: i32, bytes: i32): i32 {
  if (position == FIRST || position == SINGLE) {
    expected = 0;
    if (sizeOrOffset <= 0 || sizeOrOffset > MAX_CONFIG_BYTES) return EINVAL;
    expected = sizeOrOffset;
    received = 0;
  } else if (expected == 0 || sizeOrOffset != received) {
    expected = 0;
    return EINVAL;
  }
  if (bytes < 0 || bytes > expected - received) {
    expected = 0;
    return EINVAL;
  }
  memory.copy(assembled + received, context.fragment, bytes);
  received += bytes;
  if (position == FIRST || position == MIDDLE) return 0;
  const complete = received == expected;
  expected = 0;
  return complete ? 1 : EINVAL;
}

// The configuration that takeFragment has put together, and its length.
export function configData(): usize {
  return assembled;
}

export function configBytes(): i32 {
  return received;
}

// The value of a switch or enum, of which a topology's controls send it all channels: that of the first.
// To be called for a single fragment of SWITCH_PARAM or ENUM_PARAM. -EINVAL for what is no such control.
export function controlValue(bytes: i32): i32 {
  const at = context.fragment;
  if (bytes < 20) return EINVAL;
  const count = load<u16>(at, 2) as i32;
  if (load<u16>(at) != 0 || count < 1 || bytes < 20 + 8 * count) return EINVAL;
  const value = load<i32>(at, 24);
  return value < 0 ? EINVAL : value;
}

// The compiler names an import after the file that declares it: "sof.log", "sof.notify".
declare function log(address: usize, bytes: i32): void;

// Tells the host something: an event id of the module's own, and at most 1024 bytes. From sof_module_process
// eight at once, later one more in 64 periods; from trigger, set_config, set_param and set_mode one. The rest
// returns EBUSY, any other operation EPERM, too much data EINVAL.
export declare function notify(event: i32, address: usize, bytes: i32): i32;

// Writes a line to the firmware's log.
export function logLine(text: string): void {
  const utf8 = String.UTF8.encode(text);
  log(changetype<usize>(utf8), utf8.byteLength);
}
