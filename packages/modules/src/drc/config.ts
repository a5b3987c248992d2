import { DRC_PARAM_WORDS } from "@sof-ts/dsp";
import { EINVAL } from "@sof-ts/kit";
import { checkDrcParams, readDrcParams } from "../common/drc-params.js";

const HEADER_BYTES = 20;
const BLOB_BYTES = HEADER_BYTES + DRC_PARAM_WORDS * 4;

/** @returns the parameters of a compressor's blob (SOF's `struct sof_drc_config`), or -EINVAL */
export function parseDrcBlob(blob: Uint8Array): Int32Array | number {
  if (blob.length !== BLOB_BYTES) return -EINVAL;
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
  if (view.getUint32(0, true) !== BLOB_BYTES) return -EINVAL;
  const params = readDrcParams(blob, HEADER_BYTES);
  const verdict = checkDrcParams(params);
  return verdict < 0 ? verdict : params;
}
