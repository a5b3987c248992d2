import { DRC_PARAM_WORDS } from "@sof-ts/dsp";
import { EINVAL } from "@sof-ts/kit";

const HEADER_BYTES = 20;
/** Bytes of a compressor's blob (SOF's `struct sof_drc_config`). */
export const DRC_BLOB_BYTES = HEADER_BYTES + DRC_PARAM_WORDS * 4;

const ENABLED = 0;
const PRE_DELAY = 4;

/** @returns whether a parameter set asks for compression; else the module is a wire */
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

/** @returns the parameters of a compressor's blob, or -EINVAL */
export function parseDrcBlob(blob: Uint8Array): Int32Array | number {
  if (blob.length !== DRC_BLOB_BYTES) return -EINVAL;
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
  if (view.getUint32(0, true) !== DRC_BLOB_BYTES) return -EINVAL;
  const params = readDrcParams(blob, HEADER_BYTES);
  const verdict = checkDrcParams(params);
  return verdict < 0 ? verdict : params;
}
