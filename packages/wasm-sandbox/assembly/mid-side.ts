// Two streams in, their half sum and half difference out, some frames later; tells the host things when asked.
//
// Parameter 0: frames of delay, from the next prepare on. 1: so many notifications in the next period, each
// with its number. 2: one now, of so many bytes. 3: one now, of bytes behind the memory's end.
// To read, 0: results of the last notifications of a period, one bit for each that was accepted; 1: minus the
// result of the last one; 2: the same of the one at init; 3: of the one at prepare.

import { Context, notify, Stream, streamOf } from "./sof";
export { sof_module_abi, sof_module_alloc } from "./sof";

const EVENT: i32 = 0x1234;
const MOST_FRAMES: i32 = 192;
const CHANNELS: i32 = 2;

let context: Context = changetype<Context>(0);
let wanted: i32 = 0;
let delay: i32 = 0;
let pending: i32 = 0;
let accepted: i32 = 0;
let last: i32 = 0;
let atInit: i32 = 0;
let atPrepare: i32 = 0;
// Frames that are on their way, of both sinks.
const line: usize = memory.data(192 * 2 * 2 * 4, 16);
const said: usize = memory.data(2048, 16);
let at: i32 = 0;

export function sof_module_pins(): i32 {
  return (2 << 16) | 2;
}

export function sof_module_init(address: usize): i32 {
  context = changetype<Context>(address);
  atInit = notify(EVENT, said, 4);
  return 0;
}

export function sof_module_prepare(sources: i32, sinks: i32): i32 {
  if (sources != 2 || sinks != 2) return -22;
  atPrepare = notify(EVENT, said, 4);
  delay = wanted;
  memory.fill(line, 0, MOST_FRAMES * CHANNELS * 2 * 4);
  at = 0;
  return 0;
}

export function sof_module_latency(): i32 {
  return delay;
}

function later(slot: i32, sample: i32): i32 {
  if (delay == 0) return sample;
  const place = line + (((at * CHANNELS * 2 + slot) << 2) as usize);
  const then = load<i32>(place);
  store<i32>(place, sample);
  return then;
}

export function sof_module_process(sources: i32, sinks: i32): i32 {
  if (pending > 0) {
    accepted = 0;
    for (let i = 0; i < pending; i++) {
      store<i32>(said, i);
      last = notify(EVENT, said, 4);
      if (last == 0) accepted |= 1 << i;
    }
    pending = 0;
  }
  if (sources != 2 || sinks != 2) return 0;
  const a: Stream = streamOf(context.sources, 0, sources);
  const b: Stream = streamOf(context.sources, 1, sources);
  const mid: Stream = streamOf(context.sinks, 0, sinks);
  const side: Stream = streamOf(context.sinks, 1, sinks);
  if (!changetype<usize>(a) || !changetype<usize>(b)) return 0;
  if (!changetype<usize>(mid) || !changetype<usize>(side)) return 0;
  let bytes = min(min(a.bytes, b.bytes), min(mid.bytes, side.bytes));
  bytes -= bytes % (CHANNELS * 4);
  for (let i: i32 = 0; i < bytes; i += CHANNELS * 4) {
    for (let channel = 0; channel < CHANNELS; channel++) {
      const offset = (i + (channel << 2)) as usize;
      const x = load<i32>(a.data + offset) >> 1;
      const y = load<i32>(b.data + offset) >> 1;
      store<i32>(mid.data + offset, later(channel * 2, x + y));
      store<i32>(side.data + offset, later(channel * 2 + 1, x - y));
    }
    if (++at >= delay) at = 0;
  }
  a.done = bytes;
  b.done = bytes;
  mid.done = bytes;
  side.done = bytes;
  return 0;
}

export function sof_module_set_param(id: i32, value: i32): i32 {
  if (id == 0 && value <= MOST_FRAMES) wanted = value;
  else if (id == 1) pending = value;
  else if (id == 2) last = notify(EVENT, said, value);
  else if (id == 3) last = notify(EVENT, memory.size() * 65536 - 3, 4);
  else return -22;
  return 0;
}

export function sof_module_get_param(id: i32): i32 {
  if (id == 0) return accepted;
  if (id == 1) return -last;
  if (id == 2) return -atInit;
  return id == 3 ? -atPrepare : -22;
}

export function sof_module_reset(): i32 {
  return 0;
}

export function sof_module_free(): void {
  notify(EVENT, said, 4);
}
