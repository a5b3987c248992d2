import type { ByteReader, ByteWriter } from "@sof-ts/kit";
import { nameBytes, readName } from "./bytes.js";
import { Magic, NAME_BYTES, Size } from "./layout.js";

/** What an image is for (bits 2:1 of `fw_image_flags`). */
export const ImageType = {
  ROM_EXTENSION: 0,
  MAIN: 1,
  LIBRARY: 2,
} as const;
export type ImageType = (typeof ImageType)[keyof typeof ImageType];

/** Parts of a version number. */
export interface ImageVersion {
  readonly major: number;
  readonly minor: number;
  readonly hotfix: number;
  readonly build: number;
}

/** The manifest's header (`$AM1`, SOF's `sof_man_fw_header`). */
export interface FirmwareHeader {
  /** The identifying word as found; "$AM1" in every image. */
  readonly magic: number;
  readonly headerLength: number;
  readonly name: string;
  readonly preloadPages: number;
  readonly flags: number;
  /** An {@link ImageType}. */
  readonly imageType: number;
  readonly featureMask: number;
  readonly version: ImageVersion;
  readonly moduleCount: number;
  readonly compatibility: number;
  readonly hwBufferLength: number;
  readonly loadOffset: number;
}

/** Reads the 52 bytes of a header; judges nothing. */
export function readFirmwareHeader(reader: ByteReader): FirmwareHeader {
  const magic = reader.u32();
  const headerLength = reader.u32();
  const name = readName(reader.take(NAME_BYTES));
  const preloadPages = reader.u32();
  const flags = reader.u32();
  return {
    magic,
    headerLength,
    name,
    preloadPages,
    flags,
    imageType: (flags >> 1) & 3,
    featureMask: reader.u32(),
    version: {
      major: reader.u16(),
      minor: reader.u16(),
      hotfix: reader.u16(),
      build: reader.u16(),
    },
    moduleCount: reader.u32(),
    compatibility: reader.u32(),
    hwBufferLength: reader.u32(),
    loadOffset: reader.u32(),
  };
}

/** Writes a header; its flags follow from the image type, its magic and length are fixed. */
export function writeFirmwareHeader(
  out: ByteWriter,
  header: Omit<FirmwareHeader, "magic" | "headerLength" | "flags">,
): void {
  const { version } = header;
  out.u32(Magic.FIRMWARE).u32(Size.FIRMWARE_HEADER).bytes(nameBytes(header.name, NAME_BYTES));
  out
    .u32(header.preloadPages)
    .u32(header.imageType << 1)
    .u32(header.featureMask);
  out.u16(version.major).u16(version.minor).u16(version.hotfix).u16(version.build);
  out.u32(header.moduleCount).u32(header.compatibility).u32(header.hwBufferLength);
  out.u32(header.loadOffset);
}
