/** Reads a name that is padded with zero bytes; stops at the first one. Bytes are Latin-1. */
export function readName(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) {
    if (byte === 0) break;
    text += String.fromCharCode(byte);
  }
  return text;
}

/** A name as `size` bytes, padded with zeros, cut where it is longer. */
export function nameBytes(text: string, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size && i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** Whether two ranges hold the same bytes. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

/** Whether a range is empty or holds zeros only. */
export function allZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

/** `value` rounded up to a multiple of `unit`. */
export function roundUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}

/** `value` rounded down to a multiple of `unit`. */
export function roundDown(value: number, unit: number): number {
  return Math.floor(value / unit) * unit;
}
