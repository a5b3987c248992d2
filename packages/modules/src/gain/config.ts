import { EINVAL } from "@sof-ts/kit";
import { BASE_CONFIG_BYTES } from "../common/base-config.js";

/** Highest volume: 0 dB in Q1.31. */
export const MAX_VOLUME = 0x7fffffff;
/** Channel id of a volume for all channels. */
export const ALL_CHANNELS = 0xffffffff;

/** Bytes of one volume configuration. */
export const VOLUME_BYTES = 24;

/** How a volume moves to its target. */
export const Curve = {
  /** At once. Also what the logarithmic curves and unknown numbers do. */
  NONE: 0,
  WINDOWS_FADE: 1,
  LINEAR: 2,
  LOG: 3,
  LINEAR_ZERO_CROSSING: 4,
  LOG_ZERO_CROSSING: 5,
} as const;

/** A volume for one or all channels (SOF's `struct ipc4_peak_volume_config`). */
export interface VolumeConfig {
  readonly channel: number;
  /** Q1.31, 0..{@link MAX_VOLUME}. */
  readonly target: number;
  readonly curve: number;
  /** Length of the ramp in ms. */
  readonly rampMs: number;
}

/** Clamps a volume from the wire; one with the sign bit set is silence. */
const clamped = (volume: number) => (volume > MAX_VOLUME ? 0 : volume);

/**
 * Milliseconds of a duration in 100 ns, rounded: a product with 2^31/10^4, so that the firmware needs no
 * division.
 */
function millisecondsOf(duration: number): number {
  return Math.floor((Math.floor((duration * 214748) / 2 ** 30) + 1) / 2);
}

/** Reads a volume; the duration counts with its low 32 bits. */
export function readVolume(bytes: Uint8Array, offset: number): VolumeConfig {
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, VOLUME_BYTES);
  const curve = view.getUint32(8, true);
  const duration = view.getUint32(16, true);
  return {
    channel: view.getUint32(0, true),
    target: clamped(view.getUint32(4, true)),
    curve,
    rampMs: curve === Curve.NONE || curve > Curve.LOG_ZERO_CROSSING ? 0 : millisecondsOf(duration),
  };
}

/**
 * Reads the volumes after the base configuration: one for all channels, or one for each, by position.
 *
 * @returns one volume a channel, or -EINVAL when the payload is too short
 */
export function readInitialVolumes(payload: Uint8Array, channels: number): VolumeConfig[] | number {
  if (payload.length < BASE_CONFIG_BYTES + VOLUME_BYTES) return -EINVAL;
  const first = readVolume(payload, BASE_CONFIG_BYTES);
  if (first.channel === ALL_CHANNELS) return Array.from({ length: channels }, () => first);
  if (payload.length < BASE_CONFIG_BYTES + VOLUME_BYTES * channels) return -EINVAL;
  return Array.from({ length: channels }, (_, channel) =>
    readVolume(payload, BASE_CONFIG_BYTES + VOLUME_BYTES * channel),
  );
}
