import type { SampleLayout } from "./sample-layout.js";

/** What the samples of a WAV file are. */
export interface WavFormat {
  /** Frames per second. */
  readonly rate: number;
  readonly channels: number;
  /** Bits that a sample takes in the file: 16, 24 or 32. */
  readonly containerBits: number;
  /** Significant bits, left-aligned in the container. */
  readonly validBits: number;
  readonly sampleType: "int" | "float";
}

/** A WAV file in memory. */
export interface WavFile extends WavFormat {
  readonly frames: number;
  /** Samples as they lie in the file: little-endian, channels interleaved. */
  readonly data: Uint8Array;
}

/** The layout of a WAV file's samples. Integers that are not 24 in 32 use the whole of their container. */
export function layoutOf({ containerBits, validBits, sampleType }: WavFormat): SampleLayout {
  if (sampleType === "float") return "FLOAT";
  if (containerBits === 16) return "S16_LE";
  if (containerBits === 24) return "S24_3LE";
  return validBits === 24 ? "S24_4LE_MSB" : "S32_LE";
}

/**
 * The WAV form of a layout. WAV has no right-aligned 24 bits: they are packed, which more programs read
 * than 24 in 32.
 */
export function wavSampleFormat(
  layout: SampleLayout,
): Pick<WavFormat, "containerBits" | "validBits" | "sampleType"> {
  switch (layout) {
    case "S16_LE":
      return { containerBits: 16, validBits: 16, sampleType: "int" };
    case "S24_3LE":
    case "S24_4LE":
      return { containerBits: 24, validBits: 24, sampleType: "int" };
    case "S24_4LE_MSB":
      return { containerBits: 32, validBits: 24, sampleType: "int" };
    case "S32_LE":
      return { containerBits: 32, validBits: 32, sampleType: "int" };
    case "FLOAT":
      return { containerBits: 32, validBits: 32, sampleType: "float" };
  }
}
