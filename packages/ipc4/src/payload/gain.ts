import { ByteReader } from "@sof-ts/kit";
import { type BaseModuleCfg, baseModuleCfg } from "../base-module-cfg.js";
import { reserved, u32, u64 } from "../fields.js";
import { type Codec, struct } from "../struct.js";
import { concat, encodeArray } from "./lists.js";

/** Channel id that means all channels. */
export const ALL_CHANNELS = 0xffff_ffff;

/** Full scale, 0 dB, of a volume on the wire (Q1.31). */
export const VOLUME_UNITY = 0x7fff_ffff;

/** Shapes of a volume ramp (SOF's `enum ipc4_curve_type`). */
export const CurveType = {
  NONE: 0,
  WINDOWS_FADE: 1,
  LINEAR: 2,
  LOG: 3,
  LINEAR_ZERO_CROSSING: 4,
  LOG_ZERO_CROSSING: 5,
} as const;
export type CurveType = (typeof CurveType)[keyof typeof CurveType];

/** Large parameters of gain and peak volume. */
export const GainParam = {
  VOLUME: 0,
  SET_ATTENUATION: 1,
  TRANSITION_DELAY: 2,
  TRANSITION_MODE: 3,
} as const;
export type GainParam = (typeof GainParam)[keyof typeof GainParam];

/** Volume of one channel or all (SOF's `struct ipc4_peak_volume_config`); also the value of parameter VOLUME. */
export interface GainEntry {
  /** {@link ALL_CHANNELS}, or a channel. */
  readonly channelId: number;
  /** Q1.31, 0..{@link VOLUME_UNITY}. */
  readonly targetVolume: number;
  /** A {@link CurveType}. */
  readonly curveType: number;
  readonly reserved?: Uint8Array | undefined;
  /** In units of 100 ns. */
  readonly curveDuration: bigint;
}

/** Reads and writes the 24 bytes of a {@link GainEntry}. */
export const gainEntry: Codec<GainEntry> = struct("peak_volume_config", 24, {
  channelId: u32(0),
  targetVolume: u32(4),
  curveType: u32(8),
  reserved: reserved(12, 4),
  curveDuration: u64(16),
});

/** Init payload of gain and peak volume (SOF's `struct ipc4_peak_volume_module_cfg`). */
export interface GainConfig {
  readonly base: BaseModuleCfg;
  /** One for all channels, or one for each channel of the input format. */
  readonly entries: readonly GainEntry[];
  /** Bytes after the entries that count. */
  readonly tail?: Uint8Array | undefined;
}

/**
 * Reads the init payload of gain or peak volume.
 *
 * @throws InputError when bytes are missing: one entry, or one for each channel when the first is not for
 * all of them
 */
export function decodeGainConfig(payload: Uint8Array, source = "gain init payload"): GainConfig {
  const reader = new ByteReader(payload, source);
  const base = baseModuleCfg.read(reader);
  const first = gainEntry.read(reader);
  const entries = [first];
  const count = first.channelId === ALL_CHANNELS ? 1 : base.audioFmt.channelsCount;
  while (entries.length < count) entries.push(gainEntry.read(reader));
  const tail = reader.remaining > 0 ? { tail: new Uint8Array(reader.take(reader.remaining)) } : {};
  return { base, entries, ...tail };
}

/** @returns 40 bytes, 24 for each entry, tail */
export function encodeGainConfig(config: GainConfig): Uint8Array {
  const { base, entries, tail = new Uint8Array(0) } = config;
  return concat(baseModuleCfg.encode(base), encodeArray(gainEntry, entries), tail);
}

/** Element of the reply to LARGE_CONFIG_GET of parameter VOLUME; there is one for each channel. */
export interface ChannelVolume {
  readonly channelId: number;
  /** Q1.31. */
  readonly targetVolume: number;
}

/** Reads and writes the 8 bytes of a {@link ChannelVolume}. */
export const channelVolume: Codec<ChannelVolume> = struct("channel volume", 8, {
  channelId: u32(0),
  targetVolume: u32(4),
});

/** @returns whole milliseconds of a ramp */
export const rampMs = (curveDuration: bigint): number => Number(curveDuration / 10_000n);
