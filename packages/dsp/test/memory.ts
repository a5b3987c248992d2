import fc from "fast-check";
import type { KernelMemory } from "../src/index.js";

/** First address that no kernel table uses. */
export const DATA = 0x20000;

/** A memory for kernels, 64 KiB past the tables. */
export function kernelMemory(): KernelMemory {
  const wasm = new WebAssembly.Memory({ initial: 3, maximum: 3 });
  const { buffer } = wasm;
  return {
    wasm,
    u8: new Uint8Array(buffer),
    i16: new Int16Array(buffer),
    i32: new Int32Array(buffer),
  };
}

/** Puts samples of 2 or 4 bytes at any address. */
export function put(
  memory: KernelMemory,
  address: number,
  samples: readonly number[],
  bytes: number,
): void {
  const view = new DataView(memory.wasm.buffer);
  samples.forEach((sample, i) => {
    if (bytes === 2) view.setInt16(address + i * 2, sample, true);
    else view.setInt32(address + i * 4, sample, true);
  });
}

export function get(memory: KernelMemory, address: number, count: number, bytes: number): number[] {
  const view = new DataView(memory.wasm.buffer);
  return Array.from({ length: count }, (_, i) =>
    bytes === 2 ? view.getInt16(address + i * 2, true) : view.getInt32(address + i * 4, true),
  );
}

const edges = [0, 1, -1, 0x7fff, -0x8000, 0x8000, 0x7fffff, -0x800000, 0x7fffffff, -0x80000000];

/** 32-bit words, with the values at which arithmetic breaks. */
export const word = fc.oneof(fc.constantFrom(...edges), fc.integer());

/** 16-bit samples. */
export const half = fc.oneof(
  fc.constantFrom(0, 1, -1, 0x7fff, -0x8000),
  fc.integer({ min: -0x8000, max: 0x7fff }),
);

/** Bits 0..23, sign-extended. */
export const sx24 = (value: number) => (value << 8) >> 8;
