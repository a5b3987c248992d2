// A gain with every operation of the interface: what the tests and benches of well-behaved modules run.
// Gain is in 1/256, set by param 0 or by configuration 1 (a table of one gain for each channel).

import { Context, logLine, Stream, streamAt } from "./sof";
export { sof_module_abi, sof_module_alloc } from "./sof";

let context: Context = changetype<Context>(0);
let gain: i32 = 256;
let bypass: i32 = 0;
let channels: i32 = 0;
let table: StaticArray<i32> = new StaticArray<i32>(0);
let incoming: StaticArray<u8> = new StaticArray<u8>(0);
let bound: i32 = 0;
let triggers: i32 = 0;

export function sof_module_init(at: usize): i32 {
  context = changetype<Context>(at);
  if (context.payloadBytes >= 4) gain = load<i32>(context.fragment);
  if (gain < 0) return -22;
  logLine(`module ${context.moduleId} instance ${context.instanceId} on core ${context.core}`);
  return 0;
}

export function sof_module_prepare(sources: i32, sinks: i32): i32 {
  if (sources != 1 || sinks != 1) return -22;
  const source = streamAt(context.sources, 0);
  if (source.frameFmt != 2) return -22;
  channels = source.channels;
  return 0;
}

export function sof_module_process(_sources: i32, _sinks: i32): i32 {
  const source = streamAt(context.sources, 0);
  const sink = streamAt(context.sinks, 0);
  let bytes = min(source.bytes, sink.bytes);
  bytes -= bytes % source.frameBytes;
  if (bypass) memory.copy(sink.data, source.data, bytes);
  else if (table.length > 0) perChannel(source, sink, bytes);
  else {
    for (let i = 0; i < bytes; i += 4) {
      store<i32>(sink.data + i, scaled(load<i32>(source.data + i), gain));
    }
  }
  source.done = bytes;
  sink.done = bytes;
  return 0;
}

function perChannel(source: Stream, sink: Stream, bytes: i32): void {
  for (let i = 0, channel = 0; i < bytes; i += 4) {
    store<i32>(sink.data + i, scaled(load<i32>(source.data + i), table[channel % table.length]));
    if (++channel == channels) channel = 0;
  }
}

function scaled(sample: i32, by: i32): i32 {
  const product = ((sample as i64) * by) >> 8;
  return clamp(product) as i32;
}

function clamp(value: i64): i64 {
  return min<i64>(max<i64>(value, i32.MIN_VALUE), i32.MAX_VALUE);
}

export function sof_module_reset(): i32 {
  channels = 0;
  return 0;
}

export function sof_module_free(): void {
  logLine("freed");
}

export function sof_module_set_config(id: i32, position: i32, sizeOrOffset: i32, bytes: i32): i32 {
  if (id != 1) return -22;
  if (position == 1 || position == 3) {
    if (sizeOrOffset < 0 || sizeOrOffset > 1024) return -22;
    incoming = new StaticArray<u8>(sizeOrOffset);
  }
  const offset = position == 1 || position == 3 ? 0 : sizeOrOffset;
  if (offset < 0 || offset + bytes > incoming.length) return -22;
  memory.copy(changetype<usize>(incoming) + offset, context.fragment, bytes);
  if (position != 2 && position != 3) return 0;
  table = new StaticArray<i32>(incoming.length >> 2);
  memory.copy(changetype<usize>(table), changetype<usize>(incoming), incoming.length & ~3);
  return 0;
}

export function sof_module_get_config(id: i32, capacity: i32): i32 {
  if (id != 1) return -22;
  const bytes = min(table.length << 2, capacity);
  memory.copy(context.fragment, changetype<usize>(table), bytes);
  return bytes;
}

export function sof_module_set_param(id: i32, value: i32): i32 {
  if (id != 0 || value < 0) return -22;
  gain = value;
  return 0;
}

export function sof_module_get_param(id: i32): i32 {
  if (id == 0) return gain;
  if (id == 1) return bound;
  if (id == 2) return triggers;
  return -2;
}

export function sof_module_bind(side: i32, queue: i32): i32 {
  bound |= 1 << (side * 8 + queue);
  return 0;
}

export function sof_module_unbind(side: i32, queue: i32): i32 {
  bound &= ~(1 << (side * 8 + queue));
  return 0;
}

export function sof_module_trigger(command: i32): i32 {
  triggers = triggers * 8 + command;
  return 0;
}

export function sof_module_set_mode(mode: i32): i32 {
  bypass = mode;
  return 0;
}

export function sof_module_get_mode(): i32 {
  return bypass;
}
