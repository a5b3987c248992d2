import { assert, ByteReader } from "@sof-ts/kit";
import type { Codec } from "../struct.js";

/** @returns the parts one after the other */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.length;
  }
  return out;
}

/**
 * Reads structures that fill `payload` to its end, without a count.
 *
 * @throws InputError when the last one is cut
 */
export function decodeArray<T>(codec: Codec<T>, payload: Uint8Array, source = codec.name): T[] {
  const reader = new ByteReader(payload, source);
  const values: T[] = [];
  while (reader.remaining > 0) values.push(codec.read(reader));
  return values;
}

/** Writes structures one after the other, without a count. */
export function encodeArray<T>(codec: Codec<T>, values: readonly T[]): Uint8Array {
  const out = new Uint8Array(codec.size * values.length);
  values.forEach((value, i) => codec.encodeInto(value, out, i * codec.size));
  return out;
}

/**
 * Reads a 32-bit count and so many structures; bytes after them are left alone.
 *
 * @throws InputError when bytes are missing
 */
export function decodeCounted<T>(codec: Codec<T>, payload: Uint8Array, source = codec.name): T[] {
  return readCounted(new ByteReader(payload, source), codec.name, codec.size, (reader) =>
    codec.read(reader),
  );
}

/** Writes a 32-bit count and the structures. */
export function encodeCounted<T>(codec: Codec<T>, values: readonly T[]): Uint8Array {
  const out = new Uint8Array(4 + codec.size * values.length);
  new DataView(out.buffer).setUint32(0, values.length, true);
  values.forEach((value, i) => codec.encodeInto(value, out, 4 + i * codec.size));
  return out;
}

/** Writes a 32-bit count and the words. */
export function encodeCountedWords(values: readonly number[]): Uint8Array {
  return encodeWords([values.length, ...values]);
}

/** Writes 32-bit words one after the other. */
export function encodeWords(values: readonly number[]): Uint8Array {
  const out = new Uint8Array(4 * values.length);
  const view = new DataView(out.buffer);
  values.forEach((value, i) => {
    if (value >>> 0 !== value) assert(false, `${value} is not an unsigned 32-bit word`);
    view.setUint32(4 * i, value, true);
  });
  return out;
}

/** Reads a 32-bit count and so many 32-bit words. */
export function readCountedWords(reader: ByteReader, what: string): number[] {
  return readCounted(reader, what, 4, (at) => at.u32(what));
}

/**
 * Reads a 32-bit count and so many elements of at least `minimumSize` bytes. A count that the bytes left
 * cannot hold is refused before anything is read for it.
 */
export function readCounted<T>(
  reader: ByteReader,
  what: string,
  minimumSize: number,
  read: (reader: ByteReader) => T,
): T[] {
  const countAt = reader.offset;
  const count = reader.u32(`count of ${what}`);
  if (count * minimumSize > reader.remaining) {
    throw reader.error(
      `${count} times ${what} needs ${count * minimumSize} bytes, ${reader.remaining} left`,
      countAt,
    );
  }
  const values: T[] = [];
  for (let i = 0; i < count; i++) values.push(read(reader));
  return values;
}
