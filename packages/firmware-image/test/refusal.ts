import { type ImageCheck, ImageError, readImage } from "@sof-ts/firmware-image";
import { handMadeLlext } from "./hand-made.js";
import { Raw } from "./raw.js";

/** Offsets of payload and ELF in the hand-made drc.llext. */
export const P = 0x6c;
export const ELF = P + 0x8000;

/** A hand-made image with some bytes changed. */
export function changed(change: (raw: Raw) => void, original = handMadeLlext()): Uint8Array {
  const raw = new Raw(original.length);
  raw.put(0, original);
  change(raw);
  return raw.bytes;
}

/** An image that is refused. */
export type Refusal = readonly [
  check: ImageCheck,
  what: string,
  make: () => Uint8Array,
  message: string,
  offset: number,
];

/** What reading an image throws. */
export function refusal(bytes: Uint8Array): ImageError {
  try {
    readImage(bytes, "image.bin");
  } catch (error) {
    if (error instanceof ImageError) return error;
    throw error;
  }
  throw new Error("the image was read");
}
