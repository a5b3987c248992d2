import { crc32 } from "node:zlib";
import type { Width } from "./exact.js";

/** Deterministic noise: an LCG started at 1, cut to `width` bits by arithmetic shifts. */
export function noise(count: number, width: Width): bigint[] {
  let state = 1;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return BigInt(state >> (32 - width));
  });
}

/** CRC-32 of samples as 16-bit (width 16) or 32-bit little-endian words. */
export function crcOf(samples: ArrayLike<bigint | number>, width: Width): string {
  const bytes = width === 16 ? 2 : 4;
  const buffer = Buffer.alloc(samples.length * bytes);
  for (let i = 0; i < samples.length; i++) {
    const value = Number(samples[i]);
    if (bytes === 2) buffer.writeInt16LE(value, i * 2);
    else buffer.writeInt32LE(value, i * 4);
  }
  return crc32(buffer).toString(16).padStart(8, "0");
}
