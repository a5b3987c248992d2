import { ByteReader, ByteWriter, EINVAL } from "@sof-ts/kit";

/** When the test detector detects. */
export interface DetectConfig {
  /** Time after start in which nothing is detected. */
  readonly preambleMs: number;
  /** The level follows the magnitude of 16-bit samples by 2^-shift a sample. */
  readonly activationShift: number;
  /** Level, of 16-bit samples, above which the phrase counts as heard. */
  readonly activationThreshold: number;
  /** History that the host is to get. */
  readonly drainMs: number;
}

const CONFIG_BYTES = 20;
const MAX_SHIFT = 15;

/** What holds before the first configuration. */
export const defaultDetectConfig: DetectConfig = {
  preambleMs: 0,
  activationShift: 3,
  activationThreshold: 0x4000,
  drainMs: 1000,
};

/** @returns the configuration, or -EINVAL */
export function parseDetectConfig(payload: Uint8Array): DetectConfig | number {
  if (payload.length !== CONFIG_BYTES) return -EINVAL;
  const reader = new ByteReader(payload, "detector configuration");
  if (reader.u32() !== CONFIG_BYTES) return -EINVAL;
  const config = {
    preambleMs: reader.u32(),
    activationShift: reader.u32(),
    activationThreshold: reader.u32(),
    drainMs: reader.u32(),
  };
  return config.activationShift > MAX_SHIFT ? -EINVAL : config;
}

/** @returns the configuration as it is sent */
export function encodeDetectConfig(config: DetectConfig): Uint8Array {
  return new ByteWriter(CONFIG_BYTES)
    .u32(CONFIG_BYTES)
    .u32(config.preambleMs)
    .u32(config.activationShift)
    .u32(config.activationThreshold)
    .u32(config.drainMs)
    .finish();
}
