import { bits, reservedBits, u32 } from "./fields.js";
import { type Codec, struct } from "./struct.js";

/**
 * The format of one stream on one pin (SOF's `struct ipc4_audio_format`). Numbers that this release does
 * not know are kept as they are.
 */
export interface AudioFormat {
  /** Hz. */
  readonly samplingFrequency: number;
  /** Container bits of a sample: 8, 16, 24, 32 or 64. */
  readonly depth: number;
  /** Nibble i is the role of stream channel i, 0xF where there is none; stereo is 0xFFFFFF10. */
  readonly chMap: number;
  /** A {@link ChannelConfig}. */
  readonly chCfg: number;
  /** An {@link InterleavingStyle}. */
  readonly interleavingStyle: number;
  /** Channels in the stream. */
  readonly channelsCount: number;
  /** Significant bits of a sample. */
  readonly validBitDepth: number;
  /** A {@link WireSampleType}. */
  readonly sampleType: number;
  /** The byte without a meaning, present when it is not zero. */
  readonly reserved?: number | undefined;
}

/** Reads and writes the 24 bytes of an {@link AudioFormat}. */
export const audioFormat: Codec<AudioFormat> = struct("audio_format", 24, {
  samplingFrequency: u32(0),
  depth: u32(4),
  chMap: u32(8),
  chCfg: u32(12),
  interleavingStyle: u32(16),
  channelsCount: bits(20, 0, 8),
  validBitDepth: bits(20, 8, 8),
  sampleType: bits(20, 16, 8),
  reserved: reservedBits(20, 24, 8),
});

/** Order of samples in a buffer (SOF's `enum ipc4_interleaved_style`). */
export const InterleavingStyle = {
  INTERLEAVED: 0,
  NON_INTERLEAVED: 1,
} as const;
export type InterleavingStyle = (typeof InterleavingStyle)[keyof typeof InterleavingStyle];

/** Speaker arrangements (SOF's `enum ipc4_channel_config`). */
export const ChannelConfig = {
  MONO: 0,
  STEREO: 1,
  CH_2_1: 2,
  CH_3_0: 3,
  CH_3_1: 4,
  QUATRO: 5,
  CH_4_0: 6,
  CH_5_0: 7,
  CH_5_1: 8,
  DUAL_MONO: 9,
  I2S_DUAL_STEREO_0: 10,
  I2S_DUAL_STEREO_1: 11,
  CH_7_1: 12,
} as const;
export type ChannelConfig = (typeof ChannelConfig)[keyof typeof ChannelConfig];

/** Number format of a sample (SOF's `enum ipc4_sample_type`). */
export const WireSampleType = {
  MSB_INTEGER: 0,
  LSB_INTEGER: 1,
  SIGNED: 2,
  UNSIGNED: 3,
  FLOAT: 4,
  A_LAW: 5,
  MU_LAW: 6,
} as const;
export type WireSampleType = (typeof WireSampleType)[keyof typeof WireSampleType];

/** What runs through a pin (SOF's `enum ipc4_stream_type`). */
export const StreamType = {
  PCM: 0,
  MP3: 1,
  AAC: 2,
  INVALID: 0xff,
} as const;
export type StreamType = (typeof StreamType)[keyof typeof StreamType];

/** What a channel-map nibble says about a channel (SOF's `enum ipc4_channel_index`). */
export const ChannelRole = {
  LEFT: 0,
  CENTER: 1,
  RIGHT: 2,
  LEFT_SURROUND: 3,
  RIGHT_SURROUND: 4,
  LEFT_SIDE: 5,
  RIGHT_SIDE: 6,
  LFE: 7,
  NONE: 15,
} as const;
export type ChannelRole = (typeof ChannelRole)[keyof typeof ChannelRole];

/**
 * The channel map that standard topologies send: channel i at position i.
 *
 * @param channels 0..8
 * @returns 0xFFFFFFF0 for mono, 0xFFFFFF10 for stereo, ... 0x76543210 for eight
 */
export function positionChannelMap(channels: number): number {
  const used = 16 ** channels;
  return (0x7654_3210 % used) + (0x1_0000_0000 - used);
}

/** @returns the role or position of stream channel `channel` (0..7) in `chMap`; 15 where it has none */
export function channelMapEntry(chMap: number, channel: number): number {
  return (chMap >>> (4 * channel)) & 0xf;
}
