import type { ByteReader } from "@sof-ts/kit";
import type { Codec } from "./codec.js";

/** What to do about a file whose bytes contradict one another. */
export const DAMAGED = "The file is damaged or not an IPC4 topology: build it again with alsatplg";

/** Fails unless `count` more bytes are there. */
export function need(reader: ByteReader, count: number, what: string): void {
  if (count <= reader.remaining) return;
  throw reader.error(
    `${what} needs ${count} bytes, ${reader.remaining} left`,
    reader.offset,
    DAMAGED,
  );
}

/** Reads a structure of fixed size, after a check that it is all there. */
export function readFixed<T>(reader: ByteReader, codec: Codec<T>, what: string): T {
  need(reader, codec.bytes, what);
  return codec.read(reader);
}

/** Reads a size or count word that must have the one value that the ABI gives it. */
export function expectWord(reader: ByteReader, expected: number, what: string): void {
  need(reader, 4, what);
  const found = reader.u32();
  if (found === expected) return;
  throw reader.error(`${what} is ${found}, expected ${expected}`, reader.offset - 4, DAMAGED);
}

/** Reads the size word of private data and returns a reader over the data. */
export function privateReader(reader: ByteReader, what: string): ByteReader {
  need(reader, 4, `size of ${what}`);
  const bytes = reader.u32();
  need(reader, bytes, what);
  return reader.sub(bytes, what);
}
