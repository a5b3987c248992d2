import { ByteReader, EINVAL } from "@sof-ts/kit";

export const Param = { FAST_MODE_MODULES: 1, MICROPHONES: 11 } as const;

/** Channels after the microphones that hold an echo reference. */
const REFERENCE_CHANNELS = 2;
const MAX_FAST_MODULES = 16;
const MAX_PINS = 5;

/** @returns 0 when a list of modules for an output pin is well formed, else -EINVAL */
export function checkFastModules(pin: number, payload: Uint8Array): number {
  if (pin === 0 || pin >= MAX_PINS || payload.length < 4) return -EINVAL;
  const count = new ByteReader(payload, "module list").u32();
  return count <= MAX_FAST_MODULES && payload.length === 4 + 4 * count ? 0 : -EINVAL;
}

/**
 * Reads a selection of microphones.
 *
 * @param channels of the stream, its last two are no microphones
 * @returns the mask, or -EINVAL when it is empty or selects what is no microphone
 */
export function parseMicrophones(payload: Uint8Array, channels: number): number {
  if (payload.length !== 4) return -EINVAL;
  const mask = new ByteReader(payload, "microphone mask").u32();
  const microphones = Math.max(channels - REFERENCE_CHANNELS, 0);
  return mask === 0 || mask >= 2 ** microphones ? -EINVAL : mask;
}

/** @returns a channel map, nibble by nibble, that takes the channels of a mask in ascending order */
export function mapOf(mask: number): { readonly map: number; readonly channels: number } {
  let map = 0xffffffff;
  let channels = 0;
  for (let ch = 0; ch < 8; ch++) {
    if (((mask >> ch) & 1) === 0) continue;
    map = (map & ~(15 << (4 * channels))) | (ch << (4 * channels));
    channels++;
  }
  return { map: map >>> 0, channels };
}
