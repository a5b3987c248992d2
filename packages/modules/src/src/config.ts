import type { BaseModuleCfg } from "@sof-ts/ipc4";
import { EINVAL } from "@sof-ts/kit";
import { BASE_CONFIG_BYTES, parseBaseConfig } from "../common/base-config.js";

const PAYLOAD_BYTES = BASE_CONFIG_BYTES + 4;
const depths = [16, 24, 32];

/** Init payload of a synchronous rate converter (SOF's `struct ipc4_config_src`). */
export interface SrcConfig {
  readonly base: BaseModuleCfg;
  /** Frames per second that come out. */
  readonly sinkRate: number;
}

/** @returns the configuration, or -EINVAL for another size, a rate of 0 or an odd container */
export function parseSrcConfig(payload: Uint8Array): SrcConfig | number {
  if (payload.length !== PAYLOAD_BYTES) return -EINVAL;
  const base = parseBaseConfig(payload);
  if (typeof base === "number") return base;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const sinkRate = view.getUint32(BASE_CONFIG_BYTES, true);
  const { samplingFrequency, depth } = base.audioFmt;
  if (samplingFrequency === 0 || sinkRate === 0 || !depths.includes(depth)) return -EINVAL;
  return { base, sinkRate };
}
