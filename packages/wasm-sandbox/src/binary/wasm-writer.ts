/** Builds a WebAssembly binary, or a part of one; grows as needed. */
export class WasmWriter {
  private buffer: Uint8Array;
  length = 0;

  constructor(capacity = 256) {
    this.buffer = new Uint8Array(capacity);
  }

  u8(...values: number[]): this {
    for (const value of values) {
      const at = this.reserve(1);
      this.buffer[at] = value;
    }
    return this;
  }

  /** An unsigned LEB128 number of at most 32 bits. */
  u32(value: number): this {
    let rest = value >>> 0;
    while (rest > 0x7f) {
      this.u8((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    return this.u8(rest);
  }

  /** A signed LEB128 number of at most 32 bits. */
  s32(value: number): this {
    let rest = value | 0;
    for (;;) {
      const byte = rest & 0x7f;
      rest >>= 7;
      const sign = (byte & 0x40) !== 0;
      if ((rest === 0 && !sign) || (rest === -1 && sign)) return this.u8(byte);
      this.u8(byte | 0x80);
    }
  }

  bytes(value: Uint8Array): this {
    const at = this.reserve(value.length);
    this.buffer.set(value, at);
    return this;
  }

  name(text: string): this {
    const encoded = new TextEncoder().encode(text);
    return this.u32(encoded.length).bytes(encoded);
  }

  /** A section, or any other part that starts with its size in bytes. */
  sized(part: WasmWriter): this {
    return this.u32(part.length).bytes(part.view());
  }

  /** What was written, as a view that lasts until the next write. */
  view(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }

  /** @returns a copy of what was written */
  finish(): Uint8Array<ArrayBuffer> {
    return this.buffer.slice(0, this.length) as Uint8Array<ArrayBuffer>;
  }

  /** May move the buffer: take it only afterwards. */
  private reserve(count: number): number {
    const start = this.length;
    this.length += count;
    if (this.length > this.buffer.length) {
      const larger = new Uint8Array(Math.max(this.length, this.buffer.length * 2));
      larger.set(this.buffer);
      this.buffer = larger;
    }
    return start;
  }
}
