// Halves a stream, and ends itself when it meets the sample 13.
let context: usize = 0;

export function sof_module_abi(): i32 {
  return 0x10000;
}

export function sof_module_alloc(bytes: i32, _align: i32): usize {
  return heap.alloc(bytes);
}

export function sof_module_init(at: usize): i32 {
  context = at;
  return 0;
}

export function sof_module_prepare(_sources: i32, _sinks: i32): i32 {
  return 0;
}

export function sof_module_process(_sources: i32, _sinks: i32): i32 {
  const source = load<usize>(context, 36);
  const sink = load<usize>(context, 40);
  const bytes = min(load<i32>(source, 4), load<i32>(sink, 4));
  for (let i = 0; i < bytes; i += 4) {
    const sample = load<i32>(load<usize>(source) + i);
    if (sample == 13) unreachable();
    store<i32>(load<usize>(sink) + i, sample >> 1);
  }
  store<i32>(source, bytes, 8);
  store<i32>(sink, bytes, 8);
  return 0;
}

export function sof_module_reset(): i32 {
  return 0;
}

export function sof_module_free(): void {}
