/**
 * Bytes put at their places by number: images for tests that restate the layout in place of asking the
 * package for it.
 */
export class Raw {
  readonly bytes: Uint8Array;
  readonly view: DataView;

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
    this.view = new DataView(this.bytes.buffer);
  }

  u8(at: number, ...values: number[]): this {
    for (const [i, value] of values.entries()) this.view.setUint8(at + i, value);
    return this;
  }

  u16(at: number, ...values: number[]): this {
    for (const [i, value] of values.entries()) this.view.setUint16(at + 2 * i, value, true);
    return this;
  }

  u32(at: number, ...values: number[]): this {
    for (const [i, value] of values.entries()) this.view.setUint32(at + 4 * i, value, true);
    return this;
  }

  text(at: number, text: string): this {
    for (let i = 0; i < text.length; i++) this.view.setUint8(at + i, text.charCodeAt(i));
    return this;
  }

  put(at: number, bytes: Uint8Array | readonly number[]): this {
    this.bytes.set(bytes, at);
    return this;
  }
}

/** CRC-32 bit by bit. */
export function slowCrc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let i = 0; i < 8; i++) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ 0xedb88320;
  }
  return ~crc >>> 0;
}

/** Checksum of a partition directory of three entries, put in its place. */
export function sealDirectory(raw: Raw, payload: number): void {
  raw.u32(payload + 16, 0);
  raw.u32(payload + 16, slowCrc32(raw.bytes.subarray(payload, payload + 92)));
}
