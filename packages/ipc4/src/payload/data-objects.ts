import { assert, type ByteReader } from "@sof-ts/kit";
import { bits, flag, u32 } from "../fields.js";
import { type Codec, struct } from "../struct.js";
import { concat } from "./lists.js";

/**
 * An object of the array that CREATE_PIPELINE and INIT_INSTANCE may carry (SOF's `struct
 * ipc4_module_init_ext_object`).
 */
export interface DataObject {
  readonly id: number;
  /** A multiple of four bytes. */
  readonly data: Uint8Array;
}

const objectHeader = struct("data_object", 4, {
  last: flag(0, 0),
  id: bits(0, 1, 15),
  words: bits(0, 16, 16),
});

/** Memory that a pipeline or a thread asks for. */
export interface MemoryRequest {
  /** Memory domain. */
  readonly domainId: number;
  readonly stackBytes: number;
  readonly heapBytes: number;
}

/** Reads and writes the 12 bytes of a {@link MemoryRequest}: object 1 of either message. */
export const memoryRequest: Codec<MemoryRequest> = struct("memory_request", 12, {
  domainId: u32(0),
  stackBytes: u32(4),
  heapBytes: u32(8),
});

/** Reads objects up to the one that is marked as the last. */
export function readDataObjects(reader: ByteReader): DataObject[] {
  const objects: DataObject[] = [];
  for (;;) {
    const start = reader.offset;
    const { last, id, words } = objectHeader.read(reader);
    if (words * 4 > reader.remaining) {
      throw reader.error(
        `truncated: object ${id} needs ${words * 4} bytes, ${reader.remaining} left`,
        start,
      );
    }
    objects.push({ id, data: new Uint8Array(reader.take(words * 4)) });
    if (last) return objects;
  }
}

/** @returns the objects, the last one marked; nothing when there are none */
export function encodeDataObjects(objects: readonly DataObject[]): Uint8Array {
  return concat(
    ...objects.flatMap(({ id, data }, i) => {
      assert(data.length % 4 === 0, `object ${id}: ${data.length} bytes, not a multiple of 4`);
      const last = i === objects.length - 1;
      return [objectHeader.encode({ last, id, words: data.length / 4 }), data];
    }),
  );
}
