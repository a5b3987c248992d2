import { EBUSY, EINVAL, ENOENT } from "@sof-ts/kit";
import { MODULE_INDEX_BITS } from "./directory.js";

const INVALID_PARAM = 1;
const BUSY = 4;
const FAILURE = 6;
const INVALID_RESOURCE_ID = 9;

/** IPC4 status for the result of an unload: BUSY while in use, INVALID_RESOURCE_ID for what is not loaded. */
export function unloadStatus(rc: number): number {
  if (rc >= 0) return 0;
  switch (rc) {
    case -EINVAL:
      return INVALID_PARAM;
    case -EBUSY:
      return BUSY;
    case -ENOENT:
      return INVALID_RESOURCE_ID;
    default:
      return FAILURE;
  }
}

/**
 * The libraries that an UNLOAD_MULTIPLE_MODULES request names. Its layout is that of older host drivers: the
 * low byte of the primary word counts module ids, which are 16-bit words in the payload; a library is named by
 * any of its modules.
 *
 * @param parameter bits 23:0 of the primary word
 * @returns library numbers, each once; -EINVAL for no module, a count that the payload cannot hold, or a module
 *   of the base image
 */
export function librariesOfUnload(
  parameter: number,
  payload: Uint8Array,
): readonly number[] | number {
  const count = parameter & 0xff;
  if (count === 0 || 2 * count > payload.length) return -EINVAL;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const libraries = new Set<number>();
  for (let i = 0; i < count; i++) libraries.add(view.getUint16(2 * i, true) >> MODULE_INDEX_BITS);
  return libraries.has(0) ? -EINVAL : [...libraries];
}
