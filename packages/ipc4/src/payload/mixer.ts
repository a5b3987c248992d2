import { ByteReader } from "@sof-ts/kit";
import { reserved, u16, u32 } from "../fields.js";
import { type Codec, struct } from "../struct.js";
import { decodeCounted, encodeCounted } from "./lists.js";

/** Mixouts that one mixin can feed. */
export const MIXIN_OUTPUTS = 3;

/** Small parameter of the mixin: periods between two underrun notifications. */
export const MIXIN_UNDERRUN_PERIOD_PARAM = 0;

/** Large parameter of the mixin: {@link MixerMode} of its outputs. */
export const MIXIN_MODE_PARAM = 1;

/** How a mixin's channels become those of a mixout (SOF's `enum ipc4_mixer_mode`). */
export const MixerMode = {
  NORMAL: 0,
  CHANNEL_REMAPPING: 1,
} as const;
export type MixerMode = (typeof MixerMode)[keyof typeof MixerMode];

/** Gain of one (Q10); larger ones are taken as this. */
export const MIXIN_UNITY_GAIN = 1024;

/** Mode of one output (SOF's `struct ipc4_mixer_mode_sink_config`). */
export interface MixinOutput {
  /** 0..2. */
  readonly outputQueueId: number;
  /** A {@link MixerMode}. */
  readonly mixerMode: number;
  /** 1..8. */
  readonly outputChannelCount: number;
  /** A nibble for each output channel. */
  readonly outputChannelMap: number;
  /** Q10. */
  readonly gain: number;
  readonly reserved?: Uint8Array | undefined;
}

/** Reads and writes the 20 bytes of a {@link MixinOutput}. */
export const mixinOutput: Codec<MixinOutput> = struct("mixer_mode_sink_config", 20, {
  outputQueueId: u32(0),
  mixerMode: u32(4),
  outputChannelCount: u32(8),
  outputChannelMap: u32(12),
  gain: u16(16),
  reserved: reserved(18, 2),
});

/**
 * Reads parameter {@link MIXIN_MODE_PARAM}.
 *
 * @throws InputError when bytes are missing or the count is not 1..3
 */
export function decodeMixinModes(payload: Uint8Array, source = "mixin mode"): MixinOutput[] {
  const reader = new ByteReader(payload, source);
  const count = reader.u32("count of outputs");
  if (count < 1 || count > MIXIN_OUTPUTS) {
    throw reader.error(`${count} outputs, must be 1..${MIXIN_OUTPUTS}`, 0);
  }
  return decodeCounted(mixinOutput, payload, source);
}

/** @returns count and outputs */
export const encodeMixinModes = (outputs: readonly MixinOutput[]): Uint8Array =>
  encodeCounted(mixinOutput, outputs);
