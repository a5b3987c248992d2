import {
  audioFormat,
  type AudioFormat,
  type BaseModuleCfg,
  baseModuleCfg,
  positionChannelMap,
} from "@sof-ts/ipc4";
import { concat } from "./bytes.js";

/** Sample formats of the tests: container and valid bits. */
export const formats = {
  s16: { depth: 16, validBitDepth: 16 },
  s24: { depth: 32, validBitDepth: 24 },
  s32: { depth: 32, validBitDepth: 32 },
  float: { depth: 32, validBitDepth: 32, sampleType: 4 },
} as const;
export type FormatName = keyof typeof formats;

/** An IPC4 audio format with the fields that a test cares about. */
export function format(
  name: FormatName,
  channels = 2,
  rate = 48000,
  more: Partial<AudioFormat> = {},
): AudioFormat {
  return {
    samplingFrequency: rate,
    chMap: positionChannelMap(channels),
    chCfg: channels === 1 ? 0 : 1,
    interleavingStyle: 0,
    channelsCount: channels,
    sampleType: 1,
    ...formats[name],
    ...more,
  };
}

/** Bytes of one frame of a format. */
export const frameBytes = (fmt: AudioFormat) => (fmt.depth >> 3) * fmt.channelsCount;

/** Base configuration for 1 ms periods. */
export function baseConfig(
  fmt: AudioFormat,
  frames = Math.ceil(fmt.samplingFrequency / 1000),
): BaseModuleCfg {
  const bytes = frames * frameBytes(fmt);
  return { cpc: 0, ibs: bytes, obs: bytes, isPages: 0, audioFmt: fmt };
}

/** An init payload: base configuration and a tail. */
export function payload(fmt: AudioFormat, ...tail: Uint8Array[]): Uint8Array {
  return concat(baseModuleCfg.encode(baseConfig(fmt)), ...tail);
}

export const encodeFormat = (fmt: AudioFormat) => audioFormat.encode(fmt);
