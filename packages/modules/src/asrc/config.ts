import type { BaseModuleCfg } from "@sof-ts/ipc4";
import { EINVAL } from "@sof-ts/kit";
import { BASE_CONFIG_BYTES, parseBaseConfig } from "../common/base-config.js";

const PAYLOAD_BYTES = BASE_CONFIG_BYTES + 8;
const PUSH = 1;
const MIN_RATE = 8000;
const MAX_RATE = 192000;

/** Init payload of an asynchronous rate converter (SOF's `struct ipc4_asrc_module_cfg`). */
export interface AsrcConfig {
  readonly base: BaseModuleCfg;
  /** Frames per second that come out. */
  readonly sinkRate: number;
  /** Whether the source sets the pace (playback), else the sink does. */
  readonly push: boolean;
}

/** @returns the configuration, or -EINVAL for another size or a rate of 0 or out of range */
export function parseAsrcConfig(payload: Uint8Array): AsrcConfig | number {
  if (payload.length !== PAYLOAD_BYTES) return -EINVAL;
  const base = parseBaseConfig(payload);
  if (typeof base === "number") return base;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const sinkRate = view.getUint32(BASE_CONFIG_BYTES, true);
  const mode = view.getUint32(BASE_CONFIG_BYTES + 4, true);
  for (const rate of [base.audioFmt.samplingFrequency, sinkRate]) {
    if (rate < MIN_RATE || rate > MAX_RATE) return -EINVAL;
  }
  return { base, sinkRate, push: (mode & PUSH) !== 0 };
}
