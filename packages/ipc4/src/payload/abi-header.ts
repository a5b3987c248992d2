import { ByteReader } from "@sof-ts/kit";
import { reserved, u32 } from "../fields.js";
import { type Codec, struct } from "../struct.js";
import { concat } from "./lists.js";

/** "SOF4": first word of a binary control's file (SOF's `SOF_ABI_MAGIC` for IPC4). */
export const SOF_IPC4_ABI_MAGIC = 0x3446_4f53;

/** @returns an ABI version as the header holds it */
export const abiVersion = (major: number, minor: number, patch: number): number =>
  ((major << 24) | (minor << 12) | patch) >>> 0;

/** Version of the control and topology ABI. */
export const SOF_ABI_VERSION = abiVersion(3, 29, 1);

/** @returns "3.29.1" */
export const formatAbiVersion = (abi: number): string =>
  `${abi >>> 24}.${(abi >>> 12) & 0xfff}.${abi & 0xfff}`;

/**
 * Header of binary control data in topologies and in user space (SOF's `struct sof_abi_hdr`). It never
 * goes over the wire.
 */
export interface AbiHeader {
  /** {@link SOF_IPC4_ABI_MAGIC}. */
  readonly magic: number;
  /** Id of the large parameter that the data is for. */
  readonly type: number;
  /** Bytes of data. */
  readonly size: number;
  /** See {@link abiVersion}. */
  readonly abi: number;
  readonly reserved?: Uint8Array | undefined;
}

/** Reads and writes the 32 bytes of an {@link AbiHeader}. */
export const abiHeader: Codec<AbiHeader> = struct("sof_abi_hdr", 32, {
  magic: u32(0),
  type: u32(4),
  size: u32(8),
  abi: u32(12),
  reserved: reserved(16, 16),
});

/** Binary control data with its header. */
export interface AbiBlob {
  readonly header: AbiHeader;
  readonly data: Uint8Array;
}

/**
 * Reads a header and its data; bytes after them are left alone.
 *
 * @throws InputError when the magic is another one or bytes are missing
 */
export function decodeAbiBlob(blob: Uint8Array, source = "sof_abi_hdr"): AbiBlob {
  const reader = new ByteReader(blob, source);
  const header = abiHeader.read(reader);
  if (header.magic !== SOF_IPC4_ABI_MAGIC) {
    throw reader.error(
      `magic 0x${header.magic.toString(16)}, must be 0x${SOF_IPC4_ABI_MAGIC.toString(16)} ("SOF4")`,
      0,
    );
  }
  return { header, data: new Uint8Array(reader.take(header.size, "control data")) };
}

/**
 * Writes control data with its header.
 *
 * @param header what the header says besides magic and size: a decoded one is written again with all that it has
 * @returns header and data; the header states the data's size
 */
export function encodeAbiBlob(
  header: Pick<AbiHeader, "type" | "reserved"> & Partial<Pick<AbiHeader, "abi">>,
  data: Uint8Array,
): Uint8Array {
  const { type, abi = SOF_ABI_VERSION, reserved: unused } = header;
  const magic = SOF_IPC4_ABI_MAGIC;
  return concat(abiHeader.encode({ magic, type, size: data.length, abi, reserved: unused }), data);
}
