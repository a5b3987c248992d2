import { ByteReader } from "@sof-ts/kit";
import { concat, encodeWords } from "./lists.js";

/** One element of a TLV list (SOF's `struct sof_tlv`): 32-bit type, 32-bit length in bytes, value. */
export interface Tlv {
  readonly type: number;
  /** Without the padding to four bytes that follows it on the wire. */
  readonly value: Uint8Array;
}

/** Bytes of type and length. */
export const TLV_HEADER_BYTES = 8;

/**
 * Reads TLVs to the end of `payload`. Values are padded to four bytes; the padding of the last one may be
 * missing. Nothing in the result refers to `payload`.
 *
 * @throws InputError with the offset of a TLV that is cut
 */
export function decodeTlvs(payload: Uint8Array, source = "TLV list"): Tlv[] {
  const reader = new ByteReader(payload, source);
  const tlvs: Tlv[] = [];
  while (reader.remaining > 0) tlvs.push(readTlv(reader));
  return tlvs;
}

/** Reads one TLV and the padding behind it. */
function readTlv(reader: ByteReader): Tlv {
  const start = reader.offset;
  const type = reader.u32("TLV type");
  const length = reader.u32(`length of TLV ${type}`);
  if (length > reader.remaining) {
    throw reader.error(
      `truncated: value of TLV ${type} needs ${length} bytes, ${reader.remaining} left`,
      start,
    );
  }
  const value = new Uint8Array(reader.take(length));
  reader.take(Math.min(-length & 3, reader.remaining));
  return { type, value };
}

/** Writes TLVs, each value padded with zeros to four bytes. */
export function encodeTlvs(tlvs: readonly Tlv[]): Uint8Array {
  return concat(
    ...tlvs.flatMap(({ type, value }) => [
      encodeWords([type, value.length]),
      value,
      new Uint8Array(-value.length & 3),
    ]),
  );
}

/** @returns a TLV whose value is one 32-bit word */
export function wordTlv(type: number, word: number): Tlv {
  return { type, value: encodeWords([word]) };
}

/** @returns the value of a TLV that holds one 32-bit word, undefined for another length */
export function wordOfTlv(tlv: Tlv): number | undefined {
  return tlv.value.length === 4 ? new ByteReader(tlv.value, "TLV").u32() : undefined;
}
