// A module that breaks one rule of many: the first word of its init payload says which, the fourth in which
// operation (0 init, 1 prepare, 2 process, 3 reset, 4 set param, 5 free). Those words of a base configuration are
// free for it.

import { Context, streamAt } from "./sof";
export { sof_module_abi } from "./sof";

let context: Context = changetype<Context>(0);
let deed: i32 = 0;
let when: i32 = 0;
let allocations: i32 = 0;

const table: StaticArray<i32> = [1, 2, 3];

export function sof_module_alloc(bytes: i32, _align: i32): i32 {
  // The third allocation is the first stream's, made by prepare.
  if (++allocations == 3) {
    if (deed == 20) return 0;
    if (deed == 21) return -16;
    if (deed == 22) return 24 as i32;
    if (deed == 23) return (memory.size() << 16) - 16;
  }
  return heap.alloc(bytes) as i32;
}

function endless(): void {
  let x: u32 = 1;
  while (x != 0) x = x * 3 + 2 - (x & 1);
}

function recurse(depth: i32): i32 {
  return depth < 0 ? 0 : recurse(depth + 1) + recurse(depth - 1) + 1;
}

function mutual(depth: i32): i32 {
  return depth < 0 ? 0 : recurseBack(depth + 1) + 1;
}

function recurseBack(depth: i32): i32 {
  return mutual(depth + 1) + mutual(depth + 2);
}

function misbehave(now: i32): i32 {
  if (when != now) return 0;
  switch (deed) {
    case 1:
      endless();
      return 0;
    case 2:
      return recurse(1);
    case 3:
      return mutual(1);
    case 4:
      return load<i32>(0xfffffff0);
    case 5:
      store<i32>(((memory.size() as usize) << 16) - 2, 7);
      return 0;
    case 6:
      unreachable();
    case 7:
      return 1 / (context.size - context.size);
    case 8:
      return i32.MIN_VALUE / (context.size - context.size - 1);
    case 9:
      for (;;) heap.alloc(1 << 20);
    case 10:
      throw new Error("on purpose");
    case 11:
      return table[context.size];
    case 12:
      return 1;
    case 13:
      return -5000;
    case 15:
      memory.fill(0, 0, 0x7fffffff);
      return 0;
    case 16:
      for (let i = 0; i < 1000000; i++) memory.fill(context.fragment, 0, context.fragmentBytes);
      return 0;
    // Comes back, long after anybody waits for it, and has broken no rule.
    case 18: {
      let x: u32 = 1;
      for (let i = 0; i < 3000000; i++) x = x * 1664525 + 1013904223;
      return x == 0 ? -5 : 0;
    }
    case 17: {
      let i = 0;
      while (memory.grow(0) >= 0) i++;
      return i;
    }
  }
  return 0;
}

export function sof_module_init(at: usize): i32 {
  context = changetype<Context>(at);
  deed = load<i32>(context.fragment);
  when = load<i32>(context.fragment + 12);
  return misbehave(0);
}

export function sof_module_prepare(_sources: i32, _sinks: i32): i32 {
  return misbehave(1);
}

export function sof_module_process(_sources: i32, _sinks: i32): i32 {
  const source = streamAt(context.sources, 0);
  const sink = streamAt(context.sinks, 0);
  const bytes = min(source.bytes, sink.bytes);
  memory.copy(sink.data, source.data, bytes);
  source.done = bytes;
  sink.done = bytes;
  if (deed == 30) source.done = source.bytes + source.frameBytes;
  if (deed == 31) sink.done = sink.bytes + sink.frameBytes;
  if (deed == 32) sink.done = -8;
  if (deed == 33) source.done = bytes - 1;
  // Descriptors are the host's: what a module writes over them changes nothing but what it reads itself.
  if (deed == 34) {
    source.data = 0xfffffff0;
    source.bytes = 0x7fffffff;
    source.frameBytes = 0;
    sink.data = 0;
  }
  // All claims of a period are judged before one counts.
  if (deed == 35) sink.done = 0x7fffffff;
  return misbehave(2);
}

export function sof_module_reset(): i32 {
  return misbehave(3);
}

export function sof_module_free(): void {
  misbehave(5);
}

export function sof_module_set_param(_id: i32, value: i32): i32 {
  deed = value;
  return misbehave(4);
}

export function sof_module_get_config(_id: i32, capacity: i32): i32 {
  return deed == 40 ? capacity + 1 : deed == 41 ? -100000 : 0;
}

export function sof_module_get_param(_id: i32): i32 {
  return deed == 42 ? i32.MIN_VALUE : 7;
}
