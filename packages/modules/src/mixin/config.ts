import { ByteReader } from "@sof-ts/kit";

/** Mixouts that one mixin can feed. */
export const MIXIN_SINKS = 3;
/** Gain of 0 dB, Q10; also the highest. */
export const UNITY_GAIN = 1024;

const ENTRY_BYTES = 20;
const MAX_OUT_CHANNELS = 8;

const Mode = { NORMAL: 0, CHANNEL_REMAP: 1 } as const;

/** How a mixin feeds one of its mixouts (SOF's `struct ipc4_mixer_mode_sink_config`). */
export interface SinkMode {
  readonly queueId: number;
  /** Accepted and kept; the samples are not remapped, as in SOF. */
  readonly remap: boolean;
  readonly channelMap: number;
  /** Q10, at most {@link UNITY_GAIN}. */
  readonly gain: number;
}

/** @returns the modes of a MIXER_MODE payload, or null when it is not one */
export function parseSinkModes(payload: Uint8Array): SinkMode[] | null {
  if (payload.length < 4 + ENTRY_BYTES) return null;
  const reader = new ByteReader(payload, "MIXER_MODE");
  const count = reader.u32();
  if (count < 1 || count > MIXIN_SINKS || reader.remaining < count * ENTRY_BYTES) return null;
  const modes: SinkMode[] = [];
  for (let i = 0; i < count; i++) {
    const queueId = reader.u32();
    const mode = reader.u32();
    const channels = reader.u32();
    const channelMap = reader.u32();
    const gain = reader.u16();
    reader.u16();
    if (queueId >= MIXIN_SINKS || mode > Mode.CHANNEL_REMAP) return null;
    if (mode === Mode.CHANNEL_REMAP && (channels < 1 || channels > MAX_OUT_CHANNELS)) return null;
    const remap = mode === Mode.CHANNEL_REMAP;
    modes.push({ queueId, remap, channelMap, gain: Math.min(gain, UNITY_GAIN) });
  }
  return modes;
}
