import { assert, type ByteReader, InputError } from "@sof-ts/kit";
import type { Field } from "./fields.js";

/** The layout table of a structure: field name to field. */
export type Layout = Readonly<Record<string, Field<unknown>>>;

type OptionalKey<L extends Layout> = {
  [K in keyof L]: L[K] extends { readonly optional: true } ? K : never;
}[keyof L];

type ValueOf<F> = F extends Field<infer T> ? T : never;

/** The value that a layout table describes; reserved fields are optional properties. */
export type StructValue<L extends Layout> = {
  readonly [K in Exclude<keyof L, OptionalKey<L>>]: ValueOf<L[K]>;
} & { readonly [K in OptionalKey<L>]?: ValueOf<L[K]> } extends infer Both
  ? { readonly [K in keyof Both]: Both[K] }
  : never;

/**
 * Reads and writes one wire structure of fixed size. All functions are plain, keep no state and may be
 * called in any context.
 */
export interface Codec<T> {
  /** The structure's name in the protocol, used as the source in errors. */
  readonly name: string;
  /** Bytes that it takes. */
  readonly size: number;
  /** Byte offset of each field. */
  readonly offsets: { readonly [K in keyof T]-?: number };
  /**
   * Reads the structure at `offset` of `bytes`. Nothing in the result refers to `bytes`.
   *
   * @throws InputError when fewer than `size` bytes are left
   */
  decode(bytes: Uint8Array, offset?: number): T;
  /** Reads the structure at the reader's offset and moves past it; errors name the reader's source. */
  read(reader: ByteReader): T;
  /** @returns `size` new bytes; a value that does not fit its field is a mistake of ours (assertion) */
  encode(value: T): Uint8Array;
  /** Writes `size` bytes at `offset` of `out`, which must have room for them. */
  encodeInto(value: T, out: Uint8Array, offset: number): void;
}

/**
 * Describes a wire structure by a table. The table is checked at once, so a wrong one stops the program
 * when the module loads: fields must lie inside, must not overlap, and must claim every bit of the `size`
 * bytes (what has no meaning yet is claimed by `reserved` and so survives a round trip).
 *
 * @param name the structure's name in the protocol ("audio_format")
 * @param size its bytes on the wire
 */
export function struct<const L extends Layout>(
  name: string,
  size: number,
  layout: L,
): Codec<StructValue<L>> {
  const keys = Object.keys(layout);
  const fields = Object.values(layout);
  checkLayout(name, size, keys, fields);

  const decodeAt = (bytes: Uint8Array, offset: number): StructValue<L> => {
    const value: Record<string, unknown> = {};
    for (let i = 0; i < fields.length; i++) {
      const field = fields[i] as Field<unknown>;
      const fieldValue = field.read(bytes, offset);
      if (fieldValue !== undefined) value[keys[i] as string] = fieldValue;
    }
    return value as StructValue<L>;
  };

  const encodeInto = (value: StructValue<L>, out: Uint8Array, offset: number): void => {
    if (!(offset >= 0 && offset + size <= out.length)) assert(false, `${name}: no room`);
    const properties = value as Readonly<Record<string, unknown>>;
    out.fill(0, offset, offset + size);
    for (let i = 0; i < fields.length; i++) {
      const field = fields[i] as Field<unknown>;
      const fieldValue = properties[keys[i] as string];
      if (fieldValue === undefined ? !field.optional : !field.accepts(fieldValue)) {
        assert(false, `${name}.${keys[i]}: ${String(fieldValue)} is not ${field.accepted}`);
      }
      field.write(fieldValue, out, offset);
    }
  };

  return {
    name,
    size,
    offsets: Object.fromEntries(
      keys.map((key, i) => [key, (fields[i] as Field<unknown>).offset]),
    ) as Codec<StructValue<L>>["offsets"],
    decode(bytes, offset = 0) {
      if (offset < 0 || offset + size > bytes.length) {
        const left = Math.max(0, bytes.length - offset);
        throw new InputError(`truncated: needs ${size} bytes, ${left} left`, {
          source: name,
          offset,
        });
      }
      return decodeAt(bytes, offset);
    },
    read(reader) {
      const start = reader.offset;
      reader.take(size, name);
      return decodeAt(reader.bytes, start);
    },
    encode(value) {
      const out = new Uint8Array(size);
      encodeInto(value, out, 0);
      return out;
    },
    encodeInto,
  };
}

function checkLayout(
  name: string,
  size: number,
  keys: readonly string[],
  fields: readonly Field<unknown>[],
): void {
  const owners = Array.from<string | undefined>({ length: size * 8 });
  fields.forEach((field, i) => {
    const key = keys[i] as string;
    const end = field.firstBit + field.bitCount;
    assert(field.bitCount > 0, `${name}.${key}: claims nothing, or crosses a 32-bit word`);
    assert(field.firstBit >= 0 && end <= owners.length, `${name}.${key}: outside of ${size} bytes`);
    for (let bit = field.firstBit; bit < end; bit++) {
      const owner = owners[bit];
      assert(owner === undefined, `${name}: ${key} overlaps ${owner} at byte ${bit >> 3}`);
      owners[bit] = key;
    }
  });
  const hole = owners.indexOf(undefined);
  assert(hole < 0, `${name}: no field claims bit ${hole & 7} of byte ${hole >> 3}`);
}
