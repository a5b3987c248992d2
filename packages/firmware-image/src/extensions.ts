import { type ByteReader, ByteWriter } from "@sof-ts/kit";
import { nameBytes } from "./bytes.js";
import { hex, ImageError } from "./image-error.js";
import { Offset, Size } from "./layout.js";

/** Extension types behind the CSS header. */
export const ExtensionType = {
  /** Signed package of cAVS 2.5. */
  SIGNED_PACKAGE_CAVS: 0x0f,
  /** Signed package of ACE. */
  SIGNED_PACKAGE_ACE: 0x23,
  PARTITION_INFO: 0x16,
  METADATA: 0x11,
} as const;

/** An extension: where it lies in the payload, with its own header of type and length. */
export interface Extension {
  readonly type: number;
  readonly offset: number;
  readonly length: number;
}

/** Metadata of the code (extension 0x11, rimage's `sof_man_adsp_meta_file_ext`). */
export interface Metadata {
  readonly imrType: number;
  readonly version: number;
  /** SHA-384 of the payload from {@link Metadata.baseOffset} on. */
  readonly digest: Uint8Array;
  readonly baseOffset: number;
  /** As rimage computes it: not the end of the image. */
  readonly limitOffset: number;
}

/** What follows the CSS header. */
export interface Extensions {
  readonly all: readonly Extension[];
  readonly signedPackage: Extension;
  /** SHA-384 of the metadata extension, from the package's module record. */
  readonly metadataDigest: Uint8Array;
  readonly metadataExtension: Extension;
  readonly metadata: Metadata;
}

const METADATA_BYTES = 112;
/** The signed package ends with one module record: name, type, algorithm, sizes and this digest. */
const PACKAGE_RECORD_BYTES = 68;
const PACKAGE_BYTES = 108;
const INFO_BYTES = 104;
const METADATA_IMR_TYPE = 3;
const HASH_SHA384 = 3;

/** Where each extension lies in the images that {@link writeExtensions} makes. */
export const METADATA_OFFSET = Offset.EXTENSIONS + PACKAGE_BYTES + INFO_BYTES;

const isSignedPackage = (type: number): boolean =>
  type === ExtensionType.SIGNED_PACKAGE_ACE || type === ExtensionType.SIGNED_PACKAGE_CAVS;

/**
 * Walks the list of extensions: by their lengths, not by the partition directory.
 *
 * @param reader over the payload
 * @throws ImageError `extensions`
 */
export function readExtensions(reader: ByteReader): Extensions {
  const { source, base, bytes } = reader;
  const fail = (reason: string, offset: number) =>
    new ImageError("extensions", reason, source, base + offset);
  const all: Extension[] = [];
  reader.offset = Offset.EXTENSIONS;
  while (reader.offset + 8 <= Offset.FIRMWARE_HEADER) {
    const offset = reader.offset;
    const type = reader.u32();
    const length = reader.u32();
    if (type === 0) break;
    if (length < 8 || offset + length > Offset.FIRMWARE_HEADER) {
      throw fail(`extension ${hex(type)} has a length of ${length}`, offset);
    }
    all.push({ type, offset, length });
    reader.offset = offset + length;
  }
  const one = (what: string, matches: (type: number) => boolean, minimum: number): Extension => {
    const found = all.filter(({ type }) => matches(type));
    const [extension] = found;
    if (extension === undefined || found.length > 1) {
      throw fail(`${found.length} extensions for the ${what}, not 1`, Offset.EXTENSIONS);
    }
    if (extension.length < minimum) {
      throw fail(`the ${what} has ${extension.length} bytes, not ${minimum}`, extension.offset);
    }
    return extension;
  };
  const signedPackage = one("signed package", isSignedPackage, PACKAGE_RECORD_BYTES + 8);
  one("partition information", (type) => type === ExtensionType.PARTITION_INFO, 8);
  const metadataExtension = one(
    "metadata",
    (type) => type === ExtensionType.METADATA,
    METADATA_BYTES,
  );
  const packageEnd = signedPackage.offset + signedPackage.length;
  reader.offset = metadataExtension.offset + 8;
  const imrType = reader.u32();
  reader.offset += 24;
  const metadata = {
    imrType,
    version: reader.u32(),
    digest: reader.take(Size.DIGEST),
    baseOffset: reader.u32(),
    limitOffset: reader.u32(),
  };
  if (metadata.baseOffset > bytes.length) {
    const reason = `the metadata's base ${hex(metadata.baseOffset)} lies behind the image`;
    throw fail(reason, metadataExtension.offset + 88);
  }
  const metadataDigest = bytes.subarray(packageEnd - Size.DIGEST, packageEnd);
  return { all, signedPackage, metadataDigest, metadataExtension, metadata };
}

/** @returns the 112 bytes of a metadata extension */
export function writeMetadata(digest: Uint8Array, payloadBytes: number): Uint8Array {
  return new ByteWriter(METADATA_BYTES)
    .u32(ExtensionType.METADATA)
    .u32(METADATA_BYTES)
    .u32(METADATA_IMR_TYPE)
    .zeros(24)
    .u32(0)
    .bytes(digest)
    .u32(Offset.FIRMWARE_HEADER)
    .u32(payloadBytes)
    .zeros(16)
    .finish();
}

/**
 * Writes the extensions of an ACE image.
 *
 * @param svn security version number
 * @param metadata of {@link writeMetadata}
 * @param metadataDigest SHA-384 of `metadata`
 */
export function writeExtensions(
  svn: number,
  metadata: Uint8Array,
  metadataDigest: Uint8Array,
): Uint8Array {
  const out = new ByteWriter(PACKAGE_BYTES + INFO_BYTES + METADATA_BYTES);
  out.u32(ExtensionType.SIGNED_PACKAGE_ACE).u32(PACKAGE_BYTES).bytes(nameBytes("ADSP", 4));
  out
    .u32(0)
    .u32(svn)
    .zeros(PACKAGE_BYTES - PACKAGE_RECORD_BYTES - 20);
  out.bytes(nameBytes("ADSP.met", 12)).u8(METADATA_IMR_TYPE).u8(HASH_SHA384).u16(Size.DIGEST);
  out.u32(metadata.length).bytes(metadataDigest);
  out.u32(ExtensionType.PARTITION_INFO).u32(INFO_BYTES).bytes(nameBytes("ADSP", 4));
  out.zeros(INFO_BYTES - 12);
  return out.bytes(metadata).finish();
}
