import { assert, type ByteReader, type ByteWriter } from "@sof-ts/kit";
import { NAME_BYTES } from "../abi.js";
import { DAMAGED, need } from "./checks.js";
import { text } from "./codec.js";
import { tupleTypes, type TupleType, type VendorArray } from "./records.js";

const HEAD_BYTES = 12;
const string = text(NAME_BYTES);

/** Bytes of one element, its token included. */
function elementBytes(type: TupleType): number {
  return type === "uuid" ? 20 : type === "string" ? 4 + NAME_BYTES : 8;
}

/**
 * Reads the vendor arrays that fill `reader` to its end.
 *
 * @throws InputError for an array of a kind that the ABI does not have, or whose size and count disagree
 */
export function readVendorArrays(reader: ByteReader, what: string): VendorArray[] {
  const arrays: VendorArray[] = [];
  while (reader.remaining > 0) {
    const start = reader.offset;
    need(reader, HEAD_BYTES, `vendor array of ${what}`);
    const size = reader.u32();
    const typeNumber = reader.u32();
    const count = reader.u32();
    const type = tupleTypes[typeNumber];
    if (type === undefined) {
      throw reader.error(
        `vendor array of ${what} has type ${typeNumber}, expected 0..5`,
        start + 4,
        DAMAGED,
      );
    }
    const expected = HEAD_BYTES + count * elementBytes(type);
    if (size !== expected) {
      throw reader.error(
        `vendor array of ${what} has size ${size}, expected ${expected} for ${count} ${type} elements`,
        start,
        DAMAGED,
      );
    }
    need(reader, size - HEAD_BYTES, `vendor array of ${what}`);
    arrays.push(readElements(reader, type, count));
  }
  return arrays;
}

function readElements(reader: ByteReader, type: TupleType, count: number): VendorArray {
  const elements = { length: count };
  if (type === "uuid") {
    return {
      type,
      elements: Array.from(elements, () => ({
        token: reader.u32(),
        value: reader.take(16).slice(),
      })),
    };
  }
  if (type === "string") {
    return {
      type,
      elements: Array.from(elements, () => ({ token: reader.u32(), value: string.read(reader) })),
    };
  }
  return {
    type,
    elements: Array.from(elements, () => ({ token: reader.u32(), value: reader.u32() })),
  };
}

/** @returns bytes of one vendor array on disk */
export function vendorArrayBytes(array: VendorArray): number {
  return HEAD_BYTES + array.elements.length * elementBytes(array.type);
}

/** Writes vendor arrays one after the other. */
export function writeVendorArrays(writer: ByteWriter, arrays: readonly VendorArray[]): void {
  for (const array of arrays) {
    writer.u32(vendorArrayBytes(array));
    writer.u32(tupleTypes.indexOf(array.type));
    writer.u32(array.elements.length);
    switch (array.type) {
      case "uuid":
        for (const { token, value } of array.elements) {
          assert(value.length === 16, "a UUID has 16 bytes");
          writer.u32(token).bytes(value);
        }
        break;
      case "string":
        for (const { token, value } of array.elements) string.write(writer.u32(token), value);
        break;
      default:
        for (const { token, value } of array.elements) writer.u32(token).u32(value);
    }
  }
}
