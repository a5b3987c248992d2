import * as fc from "fast-check";
import { expect } from "vitest";
import type { Codec } from "../src/struct.js";

/** Bytes from spaced hexadecimal ("80 bb 00 00"). */
export const hex = (text: string): Uint8Array =>
  Uint8Array.from(text.trim().split(/\s+/), (byte) => Number.parseInt(byte, 16));

/** Bytes of little-endian 32-bit words. */
export const words = (...values: number[]): Uint8Array =>
  new Uint8Array(Uint32Array.from(values).buffer);

/** The little-endian 32-bit words of bytes. */
export const wordsOf = (bytes: Uint8Array): number[] => [
  ...new Uint32Array(Uint8Array.from(bytes).buffer),
];

/** What `run` throws, undefined when it returns. */
export function thrown(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}

/** Random wire bytes of a structure survive decode and encode. */
export function expectEveryBitKept<T>(codec: Codec<T>, numRuns = 100): void {
  const wire = fc.uint8Array({ minLength: codec.size, maxLength: codec.size });
  fc.assert(
    fc.property(wire, (bytes) => {
      expect(codec.encode(codec.decode(bytes))).toEqual(bytes);
    }),
    { numRuns },
  );
}
