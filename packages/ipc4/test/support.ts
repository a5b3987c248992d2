import * as fc from "fast-check";
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

/**
 * Looks for wire bytes of a structure that do not survive decode and encode.
 *
 * @returns a report with the bytes, undefined when none were found
 */
export function lostBits<T>(codec: Codec<T>, numRuns = 100): string | undefined {
  const wire = fc.uint8Array({ minLength: codec.size, maxLength: codec.size });
  const result = fc.check(
    fc.property(wire, (bytes) => sameBytes(codec.encode(codec.decode(bytes)), bytes)),
    { numRuns },
  );
  return result.failed ? fc.defaultReportMessage(result) : undefined;
}

/** Whether two byte arrays are equal. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
