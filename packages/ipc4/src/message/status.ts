import { EBUSY, EINVAL, ENOENT, errnoName } from "@sof-ts/kit";
import { namesOf } from "../names.js";

/** Status of a reply (SOF's `enum ipc4_status`), bits 23:0 of its primary word. */
export const Status = {
  SUCCESS: 0,
  ERROR_INVALID_PARAM: 1,
  UNKNOWN_MESSAGE_TYPE: 2,
  OUT_OF_MEMORY: 3,
  BUSY: 4,
  BAD_STATE: 5,
  FAILURE: 6,
  INVALID_REQUEST: 7,
  INVALID_RESOURCE_ID: 9,
  RESOURCE_ID_EXISTS: 10,
  INVALID_RESOURCE_STATE: 12,
  POWER_TRANSITION_FAILED: 13,
  INVALID_MANIFEST: 14,
  UNAVAILABLE: 15,
  LOAD_ADDRESS_OUT_OF_RANGE: 42,
  CSE_VALIDATION_FAILED: 44,
  MOD_MGMT_ERROR: 100,
  MOD_LOAD_CL_FAILED: 101,
  MOD_LOAD_INVALID_HASH: 102,
  MOD_INSTANCE_EXISTS: 103,
  MOD_NOT_INITIALIZED: 104,
  MOD_INVALID_ID: 110,
  MOD_INST_INVALID_ID: 111,
  QUEUE_INVALID_ID: 112,
  QUEUE_DST_INVALID_ID: 113,
  INVALID_CORE_ID: 116,
  PROBE_DMA_INJECTION_BUFFER_TOO_SMALL: 117,
  PROBE_DMA_EXTRACTION_BUFFER_TOO_SMALL: 118,
  INVALID_CONFIG_PARAM_ID: 120,
  INVALID_CONFIG_DATA_LEN: 121,
  INVALID_CONFIG_DATA_STRUCT: 122,
  GATEWAY_NOT_INITIALIZED: 140,
  GATEWAY_NOT_EXIST: 141,
  GATEWAY_STATE_NOT_SET: 142,
  GATEWAY_NOT_ALLOCATED: 143,
  SCLK_ALREADY_RUNNING: 150,
  MCLK_ALREADY_RUNNING: 151,
  NO_RUNNING_SCLK: 152,
  NO_RUNNING_MCLK: 153,
  PIPELINE_STATE_NOT_SET: 164,
  INVALID_CHAIN_STATE_TRANSITION: 3018,
} as const;
export type Status = (typeof Status)[keyof typeof Status];

const names = namesOf(Status);

/**
 * Names a status. The firmware writes a result into 24 bits, so that a negative errno which leaks shows
 * as a large number; it is named as errno.
 *
 * @param status bits 23:0 of a reply
 * @returns "INVALID_RESOURCE_ID", "-EIO" for 0xFFFFFB, or the number as text
 */
export function statusName(status: number): string {
  const name = names(status);
  if (name !== undefined) return name;
  const result = leakedErrno(status);
  if (result === undefined) return String(status);
  const errno = errnoName(result);
  return errno.startsWith("E") ? `-${errno}` : String(result);
}

/** @returns the negative number that the 24 bits stand for, undefined when their sign bit is clear */
export function leakedErrno(status: number): number | undefined {
  return status >= 0x80_0000 ? status - 0x100_0000 : undefined;
}

/** Linux' number for "operation not supported"; the kernel's drivers return it, Zephyr has another one. */
export const EOPNOTSUPP = 95;

const linuxErrno = new Map<number, number>([
  [0, 0],
  ...[2, 15].map((status): [number, number] => [status, -EOPNOTSUPP]),
  ...[4, 150, 151].map((status): [number, number] => [status, -EBUSY]),
  ...[8, 11, 105, 106, 107, 108, 109, 114, 115, 160, 161, 162, 163, 165].map(
    (status): [number, number] => [status, -ENOENT],
  ),
]);

/**
 * What the Linux driver makes of a status (`sof_ipc4_check_reply_status`).
 *
 * @returns 0 or a negative Linux errno; -EINVAL for every status that is not listed
 */
export function linuxErrnoOfStatus(status: number): number {
  return linuxErrno.get(status) ?? -EINVAL;
}
