import { type ByteReader, ByteWriter } from "@sof-ts/kit";
import { hex, ImageError } from "./image-error.js";
import { Magic, Size } from "./layout.js";

/** Signature and key of an image (`$MN2`, rimage's `css_header_v2_5`). */
export interface CssHeader {
  /** 0 for community builds, 1 for builds that the vendor signed. */
  readonly reserved0: number;
  readonly vendor: number;
  /** Day of the build as binary-coded decimal, 0xYYYYMMDD. */
  readonly date: number;
  readonly version: readonly [number, number, number, number];
  /** Security version number. */
  readonly svn: number;
  /** RSA modulus, little-endian, 384 bytes. */
  readonly modulus: Uint8Array;
  readonly exponent: number;
  /** Little-endian, 384 bytes. */
  readonly signature: Uint8Array;
}

const WORD = 4;
/** Words of the header, and of header and the extensions that are signed with it. */
const HEADER_WORDS = Size.CSS / WORD;
const SIGNED_WORDS = 281;
const MODULUS_WORDS = Size.MODULUS / WORD;

/** Bytes of the header in front of key and signature: they are signed. */
export const CSS_SIGNED_BYTES = 128;
/** Bytes behind the header that are signed with it. */
export const CSS_SIGNED_TAIL_BYTES = (SIGNED_WORDS - HEADER_WORDS) * WORD;

/**
 * Reads the header.
 *
 * @throws ImageError `css`
 */
export function readCssHeader(reader: ByteReader): CssHeader {
  const start = reader.offset;
  const word = (what: string, expected: number): number => {
    const at = reader.position;
    const value = reader.u32();
    if (value !== expected) {
      throw new ImageError(
        "css",
        `${what} is ${hex(value)}, not ${hex(expected)}`,
        reader.source,
        at,
      );
    }
    return value;
  };
  word("header type", 4);
  word("header length in words", HEADER_WORDS);
  word("header version", 0x2_1000);
  const reserved0 = reader.u32();
  const vendor = reader.u32();
  const date = reader.u32();
  word("size in words", SIGNED_WORDS);
  word('"$MN2"', Magic.CSS);
  reader.u32();
  const version = [reader.u16(), reader.u16(), reader.u16(), reader.u16()] as const;
  const svn = reader.u32();
  reader.offset = start + 120;
  word("modulus size in words", MODULUS_WORDS);
  word("exponent size in words", 1);
  const modulus = reader.take(Size.MODULUS);
  const exponent = reader.u32();
  const signature = reader.take(Size.SIGNATURE);
  return { reserved0, vendor, date, version, svn, modulus, exponent, signature };
}

/** @returns the 900 bytes of the header */
export function writeCssHeader(css: CssHeader): Uint8Array {
  const out = new ByteWriter(Size.CSS).u32(4).u32(HEADER_WORDS).u32(0x2_1000);
  out.u32(css.reserved0).u32(css.vendor).u32(css.date).u32(SIGNED_WORDS).u32(Magic.CSS).u32(0);
  for (const part of css.version) out.u16(part);
  out.u32(css.svn).zeros(72).u32(MODULUS_WORDS).u32(1);
  return out.bytes(css.modulus).u32(css.exponent).bytes(css.signature).finish();
}
