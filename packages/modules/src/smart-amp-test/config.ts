import { EINVAL } from "@sof-ts/kit";

/** Bytes of the configuration (SOF's `struct sof_smart_amp_config`). */
export const AMP_CONFIG_BYTES = 24;
const MAX_CHANNELS = 8;

/** @returns 0 when a configuration has its size and sensible channels, else -EINVAL */
export function checkAmpConfig(config: Uint8Array): number {
  if (config.length !== AMP_CONFIG_BYTES) return -EINVAL;
  const view = new DataView(config.buffer, config.byteOffset, config.byteLength);
  if (view.getUint32(0, true) !== AMP_CONFIG_BYTES) return -EINVAL;
  return view.getUint32(4, true) > MAX_CHANNELS ? -EINVAL : 0;
}
