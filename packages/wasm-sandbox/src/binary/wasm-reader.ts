import { InputError } from "@sof-ts/kit";
import { valueTypes } from "./opcodes.js";

/**
 * Reads the parts of a WebAssembly binary (core specification, chapter 5). The bytes come from outside:
 * every read is bounds-checked, and an error names source and offset.
 */
export class WasmReader {
  readonly bytes: Uint8Array;
  readonly source: string;
  at: number;
  /** Offset past the last byte that may be read. */
  end: number;

  constructor(bytes: Uint8Array, source: string, start = 0, end = bytes.length) {
    this.bytes = bytes;
    this.source = source;
    this.at = start;
    this.end = end;
  }

  get done(): boolean {
    return this.at >= this.end;
  }

  u8(): number {
    if (this.at >= this.end) throw this.error("truncated");
    return this.bytes[this.at++] as number;
  }

  /** An unsigned LEB128 number of at most 32 bits. */
  u32(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.u8();
      value += (byte & 0x7f) * 2 ** shift;
      if ((byte & 0x80) === 0) {
        if (value > 0xffff_ffff) throw this.error("number of more than 32 bits");
        return value;
      }
    }
    throw this.error("number of more than 5 bytes");
  }

  /** Passes over a LEB128 number of at most `bytes` bytes. */
  skipLeb(bytes: number): void {
    for (let i = 0; i < bytes; i++) if ((this.u8() & 0x80) === 0) return;
    throw this.error(`number of more than ${bytes} bytes`);
  }

  skip(count: number): void {
    if (count > this.end - this.at) throw this.error(`truncated: ${count} bytes needed`);
    this.at += count;
  }

  /** A vector's length, which is at most the bytes that are left: each element takes one or more. */
  count(what: string): number {
    const start = this.at;
    const count = this.u32();
    if (count > this.end - this.at) throw this.error(`${count} ${what} do not fit`, start);
    return count;
  }

  /** A value type, which is one that an isolated module may use. */
  valueType(): number {
    const start = this.at;
    const type = this.u8();
    if (!valueTypes.has(type)) {
      throw this.error(`value type 0x${type.toString(16)} is not supported`, start);
    }
    return type;
  }

  name(): string {
    const length = this.count("bytes of a name");
    const text = utf8.decode(this.bytes.subarray(this.at, this.at + length));
    this.at += length;
    return text;
  }

  /** A reader over the next `size` bytes; this one goes on behind them. */
  sub(size: number): WasmReader {
    const start = this.at;
    this.skip(size);
    return new WasmReader(this.bytes, this.source, start, this.at);
  }

  /** @returns the error for something wrong at `offset`, to be thrown by the caller */
  error(reason: string, offset = this.at, remedy?: string): InputError {
    return new InputError(reason, { source: this.source, offset, remedy });
  }
}

const utf8 = new TextDecoder();
