/** Builds topology bytes by hand, with the ABI's sizes and offsets written out. Independent of the writer. */

export function le32(...values: number[]): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => view.setUint32(4 * i, value, true));
  return bytes;
}

export function join(...parts: Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

export function zeros(count: number): Uint8Array {
  return new Uint8Array(count);
}

/** A 44-byte name field. */
export function name44(text: string): Uint8Array {
  const bytes = new Uint8Array(44);
  bytes.set(new TextEncoder().encode(text));
  return bytes;
}

export interface RawBlock {
  type: number;
  index?: number;
  count?: number;
  abi?: number;
  payload: Uint8Array;
}

/** A block with its 36-byte header. */
export function block({ type, index = 0, count = 1, abi = 5, payload }: RawBlock): Uint8Array {
  return join(le32(0x41536f43, abi, 0, type, 36, 0, payload.length, index, count), payload);
}

/** A manifest of 112 bytes with private data. */
export function manifest(totals: number[], priv: Uint8Array): Uint8Array {
  return join(le32(112, ...totals), zeros(80), le32(priv.length), priv);
}

/** A widget of 132 bytes with private data and controls. */
export function widget(
  id: number,
  name: string,
  stream: string,
  priv: Uint8Array,
  ...controls: Uint8Array[]
): Uint8Array {
  return join(
    le32(132, id),
    name44(name),
    name44(stream),
    le32(0xffffffff, 0, 0, 0, 0, 0, 0, controls.length, priv.length),
    priv,
    ...controls,
  );
}

/** A vendor array of word tokens: type 4. */
export function wordArray(...pairs: [number, number][]): Uint8Array {
  return join(le32(12 + 8 * pairs.length, 4, pairs.length), le32(...pairs.flat()));
}
