import { assert, type ByteReader, type ByteWriter } from "@sof-ts/kit";

/**
 * Reads and writes one value of fixed size. A structure is described once, as a value of this type, and both
 * directions and the size follow from the description.
 */
export interface Codec<T> {
  readonly bytes: number;
  /** The caller has checked that `bytes` bytes are there. */
  read(reader: ByteReader): T;
  write(writer: ByteWriter, value: T): void;
}

export const u8: Codec<number> = {
  bytes: 1,
  read: (reader) => reader.u8(),
  write: (writer, value) => void writer.u8(value),
};

export const u16: Codec<number> = {
  bytes: 2,
  read: (reader) => reader.u16(),
  write: (writer, value) => void writer.u16(value),
};

export const u32: Codec<number> = {
  bytes: 4,
  read: (reader) => reader.u32(),
  write: (writer, value) => void writer.u32(value),
};

export const u64: Codec<bigint> = {
  bytes: 8,
  read: (reader) => reader.u64(),
  write: (writer, value) => void writer.u64(value),
};

/**
 * A NUL-padded text field. The value holds one character for each byte (Latin-1) without the NULs at the end,
 * so bytes after the first NUL survive; {@link displayText} gives what a reader of the field sees.
 */
export function text(bytes: number): Codec<string> {
  return {
    bytes,
    read: (reader) => bytesToText(reader.take(bytes)),
    write(writer, value) {
      assert(value.length <= bytes, `"${value}" is longer than ${bytes} bytes`);
      for (let i = 0; i < value.length; i++) writer.u8(value.charCodeAt(i) & 0xff);
      writer.zeros(bytes - value.length);
    },
  };
}

function bytesToText(bytes: Uint8Array): string {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return String.fromCharCode(...bytes.subarray(0, end));
}

/** @returns a text field up to its first NUL, with UTF-8 sequences decoded */
export function displayText(raw: string): string {
  const end = raw.indexOf("\0");
  const visible = end < 0 ? raw : raw.slice(0, end);
  for (let i = 0; i < visible.length; i++) {
    if (visible.charCodeAt(i) >= 0x80) {
      return new TextDecoder().decode(Uint8Array.from(visible, (char) => char.charCodeAt(0)));
    }
  }
  return visible;
}

/** @returns a text fit for one line of a message: control characters become `\\xNN` */
export function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (char) => {
    return `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
}

/** @returns the text of a raw name in quotes, fit for one line of a message */
export function quotedName(raw: string): string {
  return `"${printable(displayText(raw))}"`;
}

/** @returns the raw form of a text for a field: its UTF-8 bytes, one character each */
export function rawText(visible: string): string {
  return String.fromCharCode(...new TextEncoder().encode(visible));
}

/** `count` values of one kind. */
export function list<T>(codec: Codec<T>, count: number): Codec<readonly T[]> {
  return {
    bytes: codec.bytes * count,
    read: (reader) => Array.from({ length: count }, () => codec.read(reader)),
    write(writer, values) {
      assert(values.length === count, `${values.length} elements where ${count} belong`);
      for (const value of values) codec.write(writer, value);
    },
  };
}

/** Like {@link list}, without the elements at the end that equal `filler`. */
export function trimmedList<T>(codec: Codec<T>, count: number, filler: T): Codec<readonly T[]> {
  return {
    bytes: codec.bytes * count,
    read(reader) {
      const values = Array.from({ length: count }, () => codec.read(reader));
      while (values.length > 0 && values[values.length - 1] === filler) values.pop();
      return values;
    },
    write(writer, values) {
      assert(values.length <= count, `${values.length} elements where at most ${count} fit`);
      for (let i = 0; i < count; i++) codec.write(writer, values[i] ?? filler);
    },
  };
}

/** A packed structure; its fields lie in the order of `fields`. */
export function struct<T extends object>(fields: {
  readonly [K in keyof T]-?: Codec<T[K]>;
}): Codec<T> {
  const entries = Object.entries(fields) as [keyof T, Codec<T[keyof T]>][];
  return {
    bytes: entries.reduce((sum, [, codec]) => sum + codec.bytes, 0),
    read(reader) {
      const record: Partial<T> = {};
      for (const [name, codec] of entries) record[name] = codec.read(reader);
      return record as T;
    },
    write(writer, record) {
      for (const [name, codec] of entries) codec.write(writer, record[name]);
    },
  };
}
