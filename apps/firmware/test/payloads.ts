/** Init payloads with restated layouts: a wrong constant in the product cannot agree with itself here. */

/** 24 bytes of `audio_format`. */
export function audioFormat(
  rate: number,
  channels: number,
  depth: number,
  valid: number,
): number[] {
  const map = channels === 2 ? 0xffff_ff10 : 0xffff_fff0;
  return [rate, depth, map, channels === 2 ? 1 : 0, 0, channels | (valid << 8) | (1 << 16)];
}

const S32 = audioFormat(48_000, 2, 32, 32);
const PERIOD = 384;

/** 40 bytes of `base_module_cfg` for 1 ms of 48 kHz stereo in 32 bits. */
export const base = [0, PERIOD, PERIOD, 0, ...S32];

export const words = (values: readonly number[]): Uint8Array =>
  new Uint8Array(Uint32Array.from(values, (value) => value >>> 0).buffer);

/** 84 bytes of a copier with a gateway of one configuration word. */
export function copier(
  nodeId: number,
  dmaBytes: number,
  input = S32,
  output = S32,
  period = PERIOD,
): Uint8Array {
  return words([0, period, period, 0, ...input, ...output, 0, nodeId, dmaBytes, 1, 0]);
}

/** 64 bytes of a gain: all channels, target, no ramp. */
export const gain = (target: number, curve = 0, duration = 0): Uint8Array =>
  words([...base, 0xffff_ffff, target, curve, 0, duration, 0]);

export const mixer = words(base);
