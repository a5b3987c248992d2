import { InputError } from "@sof-ts/kit";
import { convertSamples } from "./convert-samples.js";
import { type SampleLayout, sampleLayouts } from "./sample-layout.js";
import { layoutOf, type WavFile, wavSampleFormat } from "./wav-file.js";

/** What must be known to read samples without a header. */
export interface PcmFormat {
  /** Frames per second. */
  readonly rate: number;
  readonly channels: number;
  readonly layout: SampleLayout;
}

/** Audio in any layout, whatever file it came from or goes to. */
export interface PcmAudio extends PcmFormat {
  readonly frames: number;
  /** Interleaved samples in `layout`. */
  readonly data: Uint8Array;
}

/** Takes the samples of a WAV file in the layout that the DSP wants, by {@link convertSamples}. */
export function wavToPcm(file: WavFile, layout: SampleLayout = layoutOf(file)): PcmAudio {
  const { rate, channels, frames, data } = file;
  return { rate, channels, frames, layout, data: convertSamples(data, layoutOf(file), layout) };
}

/**
 * Makes a WAV file of audio.
 *
 * @param fileLayout what the samples in the file shall be, by default the same as in `audio`; 24 bits
 *   right-aligned are packed, since WAV does not have them
 */
export function pcmToWav(audio: PcmAudio, fileLayout: SampleLayout = audio.layout): WavFile {
  const { rate, channels, frames, layout, data } = audio;
  const format = { rate, channels, ...wavSampleFormat(fileLayout) };
  return { ...format, frames, data: convertSamples(data, layout, layoutOf(format)) };
}

/** Converts audio to another layout, by {@link convertSamples}. */
export function convertPcm(audio: PcmAudio, layout: SampleLayout): PcmAudio {
  return { ...audio, layout, data: convertSamples(audio.data, audio.layout, layout) };
}

/**
 * Reads a raw file: interleaved samples and nothing else. Writing one is writing `data`.
 *
 * @param source the file's name, for errors
 * @throws InputError when the file does not hold whole frames
 */
export function readRaw(bytes: Uint8Array, source: string, format: PcmFormat): PcmAudio {
  const { rate, channels, layout } = format;
  const frameBytes = channels * sampleLayouts[layout].bytes;
  const rest = bytes.length % frameBytes;
  if (rest !== 0) {
    throw new InputError(`${bytes.length} bytes are not whole frames of ${channels} x ${layout}`, {
      source,
      offset: bytes.length - rest,
      remedy: "State the channels and the format that the file has",
    });
  }
  return { rate, channels, layout, frames: bytes.length / frameBytes, data: bytes };
}
