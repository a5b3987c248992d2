import { EINVAL } from "@sof-ts/kit";
import { type FormatName, type PcmStream, supportsRate } from "@sof-ts/topology";
import { HostError } from "./host-error.js";
import type { StreamFormat } from "./ports.js";

/** Sample formats that the driver can stream, by their ALSA names. */
export type PcmFormat = "U8" | "S16_LE" | "S24_LE" | "S24_3LE" | "S32_LE" | "FLOAT_LE";

interface SampleLayout {
  readonly containerBits: number;
  readonly validBits: number;
}

const layouts: Readonly<Record<PcmFormat, SampleLayout>> = {
  U8: { containerBits: 8, validBits: 8 },
  S16_LE: { containerBits: 16, validBits: 16 },
  S24_LE: { containerBits: 32, validBits: 24 },
  S24_3LE: { containerBits: 24, validBits: 24 },
  S32_LE: { containerBits: 32, validBits: 32 },
  FLOAT_LE: { containerBits: 32, validBits: 32 },
};

/** What an application asks of a PCM, as ALSA's `hw_params`. */
export interface PcmParams {
  /** Frames a second. */
  readonly rate: number;
  readonly channels: number;
  readonly format: PcmFormat;
  /** Frames between two interrupts of the host DMA. */
  readonly periodFrames: number;
  /** Frames of the ring buffer, a multiple of {@link periodFrames}. */
  readonly bufferFrames: number;
}

/** What the format selection compares. */
export interface StreamParams {
  readonly rate: number;
  readonly channels: number;
  readonly validBits: number;
}

/** @returns whether the driver can stream an ALSA sample format */
export function isPcmFormat(name: FormatName | string): name is PcmFormat {
  return Object.hasOwn(layouts, name);
}

/** @returns container and valid bits of a sample format */
export function sampleLayout(format: PcmFormat): SampleLayout {
  return layouts[format];
}

/** @returns bytes of one frame in the ring buffer */
export function frameBytes(params: PcmParams): number {
  return (layouts[params.format].containerBits / 8) * params.channels;
}

/** @returns rate, channels and valid bits of what the application asked for */
export function streamParams(params: PcmParams): StreamParams {
  const { rate, channels, format } = params;
  return { rate, channels, validBits: layouts[format].validBits };
}

/** @returns the format of the host DMA stream */
export function streamFormat(params: PcmParams): StreamFormat {
  return { rate: params.rate, channels: params.channels, ...layouts[params.format] };
}

/** @returns "48000 Hz, 2 channels, 32 bits" */
export function describeParams({ rate, channels, validBits }: StreamParams): string {
  return `${rate} Hz, ${channels} channel${channels === 1 ? "" : "s"}, ${validBits} bits`;
}

/**
 * Checks parameters against what the topology says of the stream, as ALSA's refinement does.
 *
 * @throws HostError EINVAL, saying what the stream takes
 */
export function checkParams(params: PcmParams, stream: PcmStream): void {
  const refuse = (what: string) => {
    throw new HostError(what, { errno: EINVAL });
  };
  const { rate, channels, format, periodFrames, bufferFrames } = params;
  if (!stream.formats.includes(format)) {
    refuse(`format ${format} is not one of ${stream.formats.join(", ")}`);
  }
  if (!supportsRate(stream.rates, rate)) {
    const { list, min, max } = stream.rates;
    refuse(
      `rate ${rate} Hz is not ${list.length > 0 ? `one of ${list.join(", ")}` : `${min}..${max}`}`,
    );
  }
  const { min, max } = stream.channels;
  if (channels < min || channels > max) refuse(`${channels} channels are not ${min}..${max}`);
  if (!Number.isInteger(periodFrames) || periodFrames <= 0)
    refuse(`a period of ${periodFrames} frames`);
  if (bufferFrames % periodFrames !== 0 || bufferFrames < 2 * periodFrames) {
    refuse(
      `a buffer of ${bufferFrames} frames is not two or more periods of ${periodFrames} frames`,
    );
  }
}
