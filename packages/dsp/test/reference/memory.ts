import type { KernelMemory } from "../../src/wasm-family.js";
import type { Width } from "./exact.js";

/** First address that tests use: what kernels keep for tables ends here. */
export const FREE = 0x20000;

/** A kernel memory of 1 MiB. */
export function testMemory(): KernelMemory {
  const wasm = new WebAssembly.Memory({ initial: 16, maximum: 16 });
  const { buffer } = wasm;
  return {
    wasm,
    u8: new Uint8Array(buffer),
    i16: new Int16Array(buffer),
    i32: new Int32Array(buffer),
  };
}

export const sampleBytes = (width: Width): number => (width === 16 ? 2 : 4);

/** Writes samples as a stream of that width has them. */
export function put(
  memory: KernelMemory,
  address: number,
  samples: readonly bigint[],
  width: Width,
): void {
  if (width === 16) memory.i16.set(samples.map(Number), address >> 1);
  else memory.i32.set(samples.map(Number), address >> 2);
}

export function get(memory: KernelMemory, address: number, count: number, width: Width): bigint[] {
  const view = width === 16 ? memory.i16 : memory.i32;
  const first = address / sampleBytes(width);
  return Array.from(view.subarray(first, first + count), BigInt);
}

/** Cuts `frames` frames into blocks of the given sizes, over and over. */
export function blocks(
  frames: number,
  sizes: readonly number[],
): { first: number; count: number }[] {
  const out: { first: number; count: number }[] = [];
  for (let first = 0, i = 0; first < frames; i++) {
    const count = Math.min(sizes[i % sizes.length] as number, frames - first);
    out.push({ first, count });
    first += count;
  }
  return out;
}
