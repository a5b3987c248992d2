import { type AudioFormat, audioFormat, type BaseModuleCfg, baseModuleCfg } from "@sof-ts/ipc4";
import { EINVAL } from "@sof-ts/kit";

const PAYLOAD_BYTES = 88;

/** Streams that a mux joins or a demux makes. */
export const MUX_STREAMS = 2;

/** Init payload of mux and demux: formats of queue 0, queue 1 and the joined stream. */
export interface MuxConfig {
  readonly base: BaseModuleCfg;
  readonly reference: AudioFormat;
  readonly output: AudioFormat;
}

/** @returns the configuration, or -EINVAL for a payload of another size */
export function parseMuxConfig(payload: Uint8Array): MuxConfig | number {
  if (payload.length !== PAYLOAD_BYTES) return -EINVAL;
  return {
    base: baseModuleCfg.decode(payload, 0),
    reference: audioFormat.decode(payload, 40),
    output: audioFormat.decode(payload, 64),
  };
}
