import { DRC_PARAM_WORDS } from "@sof-ts/dsp";
import { EINVAL } from "@sof-ts/kit";

const ENABLED = 0;
const PRE_DELAY = 4;

/** Multiplications of detector, curve and envelope a frame, all channels together. */
export const DRC_FRAME_MACS = 50;

/** @returns whether a compressor's parameter set asks for compression */
export const drcEnabled = (params: Int32Array): boolean => params[ENABLED] !== 0;

/** @returns the parameter set at `offset` of a blob */
export function readDrcParams(blob: Uint8Array, offset: number): Int32Array {
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
  return Int32Array.from({ length: DRC_PARAM_WORDS }, (_, i) =>
    view.getInt32(offset + i * 4, true),
  );
}

/** @returns 0, or -EINVAL for a look-ahead into the past */
export const checkDrcParams = (params: Int32Array): number =>
  (params[PRE_DELAY] as number) < 0 ? -EINVAL : 0;
