export {
  decodeSamples,
  encodeSamples,
  type IntegerFormat,
  integerFormats,
  noise,
  quantize,
} from "@sof-ts/module-conformance";

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** CRC-32 as zlib computes it, in hexadecimal. */
export function crc(bytes: Uint8Array): string {
  let value = 0xffffffff;
  for (const byte of bytes) value = (value >>> 8) ^ (crcTable[(value ^ byte) & 255] as number);
  return ((value ^ 0xffffffff) >>> 0).toString(16).padStart(8, "0");
}
