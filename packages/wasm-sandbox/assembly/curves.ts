// A library of functions: it works in the memory of whoever calls it, and has no data of its own.

// Keeps `count` samples at `at` within `limit`.
export function clip_block(at: usize, count: i32, limit: i32): void {
  for (let i = 0; i < count; i++) {
    const sample = load<i32>(at + ((i << 2) as usize));
    store<i32>(at + ((i << 2) as usize), max(min(sample, limit), -limit));
  }
}

// The limit, Q1.31, of a level in steps of 6 dB below full scale.
export function limit_of(steps: i32): i32 {
  return ((0x7fffffff as u32) >> steps) as i32;
}

// Never ends: who calls it pays.
export function spin(): void {
  while (true) {}
}
