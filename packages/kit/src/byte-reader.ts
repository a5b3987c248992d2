import { InputError } from "./input-error.js";

/**
 * Reads little-endian values from bytes that came from outside. Every read is bounds-checked and a short
 * read names the source and the offset.
 */
export class ByteReader {
  readonly bytes: Uint8Array;
  readonly source: string;
  /** Offset of `bytes[0]` in `source`; added to the offsets in errors. */
  readonly base: number;
  offset: number;
  private readonly view: DataView;

  constructor(bytes: Uint8Array, source: string, base = 0) {
    this.bytes = bytes;
    this.source = source;
    this.base = base;
    this.offset = 0;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get remaining(): number {
    return this.bytes.length - this.offset;
  }

  /** Offset of the next byte in `source`. */
  get position(): number {
    return this.base + this.offset;
  }

  u8(what = "u8"): number {
    return this.view.getUint8(this.advance(1, what));
  }

  u16(what = "u16"): number {
    return this.view.getUint16(this.advance(2, what), true);
  }

  u32(what = "u32"): number {
    return this.view.getUint32(this.advance(4, what), true);
  }

  i16(what = "s16"): number {
    return this.view.getInt16(this.advance(2, what), true);
  }

  i32(what = "s32"): number {
    return this.view.getInt32(this.advance(4, what), true);
  }

  u64(what = "u64"): bigint {
    return this.view.getBigUint64(this.advance(8, what), true);
  }

  /** @returns a view of the next `count` bytes, not a copy */
  take(count: number, what = `${count} bytes`): Uint8Array {
    const start = this.advance(count, what);
    return this.bytes.subarray(start, start + count);
  }

  /** @returns a reader over the next `count` bytes, whose offsets stay those of `source` */
  sub(count: number, what = `${count} bytes`): ByteReader {
    const base = this.position;
    return new ByteReader(this.take(count, what), this.source, base);
  }

  /** @returns the error for something wrong at `offset` (of this reader), to be thrown by the caller */
  error(reason: string, offset = this.offset, remedy?: string): InputError {
    return new InputError(reason, { source: this.source, offset: this.base + offset, remedy });
  }

  private advance(count: number, what: string): number {
    const start = this.offset;
    if (count < 0 || count > this.remaining) {
      throw this.error(`truncated: ${what} needs ${count} bytes, ${this.remaining} left`);
    }
    this.offset = start + count;
    return start;
  }
}
