// Clips a stream by a library's functions. Parameter 0 is the level in steps of 6 dB; 99 calls what never ends.
import { clip_block, limit_of, spin } from "./curves-import";
import { Context, streamAt } from "./sof";

export { sof_module_abi, sof_module_alloc } from "./sof";

let context: usize = 0;
let limit: i32 = 0;
let hang = false;

export function sof_module_init(at: usize): i32 {
  context = at;
  limit = limit_of(2);
  return 0;
}

export function sof_module_prepare(_sources: i32, _sinks: i32): i32 {
  return 0;
}

export function sof_module_process(_sources: i32, _sinks: i32): i32 {
  if (hang) spin();
  const source = streamAt(changetype<Context>(context).sources, 0);
  const sink = streamAt(changetype<Context>(context).sinks, 0);
  const bytes = min(source.bytes, sink.bytes);
  memory.copy(sink.data, source.data, bytes);
  clip_block(sink.data, bytes >> 2, limit);
  source.done = bytes;
  sink.done = bytes;
  return 0;
}

export function sof_module_set_param(id: i32, value: i32): i32 {
  if (id != 0) return -22;
  hang = value == 99;
  limit = limit_of(value & 31);
  return 0;
}

export function sof_module_reset(): i32 {
  return 0;
}

export function sof_module_free(): void {}
