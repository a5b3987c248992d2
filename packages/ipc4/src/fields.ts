import { formatUuid, parseUuid } from "@sof-ts/kit";

/**
 * One entry of a layout table: where a value sits in a structure and how it is read and written there.
 * Made by {@link u8}, {@link bits}, {@link nested} and the other makers of this file; plain functions, no
 * I/O, usable in any context.
 */
export interface Field<T> {
  /** First byte of the field, from the start of the structure. */
  readonly offset: number;
  /** First bit that the field claims, from the start of the structure. */
  readonly firstBit: number;
  /** Number of consecutive bits that the field claims. */
  readonly bitCount: number;
  /** Whether the value may leave the field out; it is then written as zeros. */
  readonly optional: boolean;
  /** What the field takes, for the message of a failed assertion ("an integer in 0..255"). */
  readonly accepted: string;
  /** Whether `value` can be written without losing anything. */
  accepts(value: T): boolean;
  /** Reads the field of the structure that starts at `base`; `bytes` holds all of it. */
  read(bytes: Uint8Array, base: number): T;
  /** Writes the field into a structure at `base` whose bytes are zero. */
  write(value: T, out: Uint8Array, base: number): void;
}

/** A field that a value may leave out: reserved bits and bytes, which read as absent when they are zero. */
export interface OptionalField<T> extends Field<T | undefined> {
  readonly optional: true;
}

/** A kind of scalar, as {@link array} takes it: gives the field at an offset. */
export type FieldKind<T> = (offset: number) => Field<T>;

/** What {@link nested} and {@link array} need of a structure; every `Codec` has it. */
export interface NestedCodec<T> {
  readonly name: string;
  readonly size: number;
  decode(bytes: Uint8Array, offset?: number): T;
  encodeInto(value: T, out: Uint8Array, offset: number): void;
}

/** Reads `count` (1..4) little-endian bytes as an unsigned integer. */
function readUnsigned(bytes: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let i = count - 1; i >= 0; i--) value = value * 256 + (bytes[at + i] as number);
  return value;
}

/** Adds the little-endian bytes of `value` to `count` bytes of which the bits are still zero. */
function mergeUnsigned(value: number, out: Uint8Array, at: number, count: number): void {
  let rest = value;
  for (let i = 0; i < count; i++) {
    out[at + i] = (out[at + i] as number) | (rest & 0xff);
    rest = Math.floor(rest / 256);
  }
}

function integer(offset: number, size: number, low: number, high: number): Field<number> {
  const span = 256 ** size;
  return {
    offset,
    firstBit: offset * 8,
    bitCount: size * 8,
    optional: false,
    accepted: `an integer in ${low}..${high}`,
    accepts: (value) => Number.isInteger(value) && value >= low && value <= high,
    read(bytes, base) {
      const value = readUnsigned(bytes, base + offset, size);
      return value > high ? value - span : value;
    },
    write(value, out, base) {
      mergeUnsigned(value < 0 ? value + span : value, out, base + offset, size);
    },
  };
}

/** An unsigned byte. */
export const u8 = (offset: number): Field<number> => integer(offset, 1, 0, 0xff);
/** An unsigned little-endian 16-bit integer. */
export const u16 = (offset: number): Field<number> => integer(offset, 2, 0, 0xffff);
/** An unsigned little-endian 32-bit integer. */
export const u32 = (offset: number): Field<number> => integer(offset, 4, 0, 0xffff_ffff);
/** A signed little-endian 16-bit integer. */
export const i16 = (offset: number): Field<number> => integer(offset, 2, -0x8000, 0x7fff);
/** A signed little-endian 32-bit integer. */
export const i32 = (offset: number): Field<number> => integer(offset, 4, -0x8000_0000, 0x7fff_ffff);

/** An unsigned little-endian 64-bit integer, a bigint in the value. */
export function u64(offset: number): Field<bigint> {
  return {
    offset,
    firstBit: offset * 8,
    bitCount: 64,
    optional: false,
    accepted: "a bigint in 0..2^64-1",
    accepts: (value) => typeof value === "bigint" && value >= 0n && value < 1n << 64n,
    read(bytes, base) {
      const low = readUnsigned(bytes, base + offset, 4);
      const high = readUnsigned(bytes, base + offset + 4, 4);
      return (BigInt(high) << 32n) | BigInt(low);
    },
    write(value, out, base) {
      mergeUnsigned(Number(value & 0xffff_ffffn), out, base + offset, 4);
      mergeUnsigned(Number(value >> 32n), out, base + offset + 4, 4);
    },
  };
}

/**
 * Bits `lo`..`lo + width - 1` of the little-endian word (up to 32 bits) that starts at `offset`. Only the
 * bytes that hold these bits are touched.
 */
export function bits(offset: number, lo: number, width: number): Field<number> {
  const firstByte = offset + (lo >> 3);
  const shift = lo & 7;
  const byteCount = (shift + width + 7) >> 3;
  const scale = 2 ** shift;
  const limit = 2 ** width;
  return {
    offset: firstByte,
    firstBit: offset * 8 + lo,
    bitCount: lo + width <= 32 ? width : Number.NaN,
    optional: false,
    accepted: `an integer of ${width} bits`,
    accepts: (value) => Number.isInteger(value) && value >= 0 && value < limit,
    read: (bytes, base) =>
      Math.floor(readUnsigned(bytes, base + firstByte, byteCount) / scale) % limit,
    write(value, out, base) {
      mergeUnsigned(value * scale, out, base + firstByte, byteCount);
    },
  };
}

/** Bit `bit` of the little-endian word at `offset`, a boolean in the value. */
export function flag(offset: number, bit: number): Field<boolean> {
  const one = bits(offset, bit, 1);
  return {
    ...one,
    accepted: "a boolean",
    accepts: (value) => typeof value === "boolean",
    read: (bytes, base) => one.read(bytes, base) === 1,
    write(value, out, base) {
      one.write(value ? 1 : 0, out, base);
    },
  };
}

/** `length` raw bytes; decoding copies them. */
export function bytes(offset: number, length: number): Field<Uint8Array> {
  return {
    offset,
    firstBit: offset * 8,
    bitCount: length * 8,
    optional: false,
    accepted: `${length} bytes`,
    accepts: (value) => value instanceof Uint8Array && value.length === length,
    read: (source, base) => new Uint8Array(source.subarray(base + offset, base + offset + length)),
    write(value, out, base) {
      out.set(value, base + offset);
    },
  };
}

/**
 * A name in `length` bytes, padded with zeros at the end. Each byte is one character (Latin-1), so that a
 * name with odd bytes in it comes back as it was.
 */
export function text(offset: number, length: number): Field<string> {
  return {
    offset,
    firstBit: offset * 8,
    bitCount: length * 8,
    optional: false,
    accepted: `at most ${length} one-byte characters, the last of them not NUL`,
    accepts(value) {
      if (value.length > length || value.endsWith("\0")) return false;
      for (let i = 0; i < value.length; i++) if (value.charCodeAt(i) > 0xff) return false;
      return true;
    },
    read(source, base) {
      let end = length;
      while (end > 0 && source[base + offset + end - 1] === 0) end--;
      let value = "";
      for (let i = 0; i < end; i++) {
        value += String.fromCharCode(source[base + offset + i] as number);
      }
      return value;
    },
    write(value, out, base) {
      for (let i = 0; i < value.length; i++) out[base + offset + i] = value.charCodeAt(i);
    },
  };
}

/** A UUID as images and manifests store it (`sof_uuid`), its text in the value. */
export function uuid(offset: number): Field<string> {
  return {
    offset,
    firstBit: offset * 8,
    bitCount: 128,
    optional: false,
    accepted: "UUID text, 8-4-4-4-12",
    accepts: (value) => /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(value),
    read: (source, base) => formatUuid(source.subarray(base + offset, base + offset + 16)),
    write(value, out, base) {
      out.set(parseUuid(value), base + offset);
    },
  };
}

/** A structure inside the structure. */
export function nested<T>(offset: number, codec: NestedCodec<T>): Field<T> {
  return {
    offset,
    firstBit: offset * 8,
    bitCount: codec.size * 8,
    optional: false,
    accepted: codec.name,
    accepts: (value) => typeof value === "object" && value !== null,
    read: (source, base) => codec.decode(source, base + offset),
    write(value, out, base) {
      codec.encodeInto(value, out, base + offset);
    },
  };
}

/** `count` equal elements in a row: structures, or scalars of a kind (`array(0, 8, u32)`). */
export function array<T>(
  offset: number,
  count: number,
  element: NestedCodec<T> | FieldKind<T>,
): Field<readonly T[]> {
  const kind: FieldKind<T> =
    typeof element === "function" ? element : (at: number) => nested(at, element);
  const stride = kind(0).bitCount / 8;
  const elements = Array.from({ length: count }, (_, i) => kind(offset + i * stride));
  return {
    offset,
    firstBit: offset * 8,
    bitCount: count * stride * 8,
    optional: false,
    accepted: `${count} elements, each ${kind(0).accepted}`,
    accepts: (value) =>
      value.length === count && elements.every((field, i) => field.accepts(value[i] as T)),
    read: (source, base) => elements.map((field) => field.read(source, base)),
    write(value, out, base) {
      for (let i = 0; i < count; i++) (elements[i] as Field<T>).write(value[i] as T, out, base);
    },
  };
}

/**
 * `length` bytes without a meaning yet. They are kept: a value that was decoded has them when they are not
 * all zero, and encoding a value without them writes zeros.
 */
export function reserved(offset: number, length: number): OptionalField<Uint8Array> {
  const plain = bytes(offset, length);
  return {
    ...plain,
    optional: true,
    accepts: (value) => value === undefined || plain.accepts(value),
    read(source, base) {
      for (let i = 0; i < length; i++) {
        if (source[base + offset + i] !== 0) return plain.read(source, base);
      }
      return undefined;
    },
    write(value, out, base) {
      if (value !== undefined) plain.write(value, out, base);
    },
  };
}

/** Bits without a meaning yet, kept as {@link reserved} keeps bytes; see {@link bits} for the arguments. */
export function reservedBits(offset: number, lo: number, width: number): OptionalField<number> {
  const plain = bits(offset, lo, width);
  return {
    ...plain,
    optional: true,
    accepts: (value) => value === undefined || plain.accepts(value),
    read: (source, base) => plain.read(source, base) || undefined,
    write(value, out, base) {
      if (value !== undefined) plain.write(value, out, base);
    },
  };
}
