import { EFAULT, EINVAL } from "@sof-ts/kit";
import type { Kernel } from "./kernel.js";
import { userMay } from "./syscalls.js";

/** A string that lies in memory, as user code passes it to a system call. */
export interface UserString {
  readonly address: number;
  readonly text: string;
}

/** Bytes that lie in memory, as user code passes them to a system call. */
export interface UserBuffer {
  readonly address: number;
  readonly bytes: Uint8Array;
}

/**
 * Zephyr's `k_usermode_string_copy`, for verification handlers and implementations of system calls: the
 * caller's string, if the caller itself could read it.
 *
 * @param bytes size of the destination, terminator included
 * @returns the text; EFAULT (positive, as there) when it cannot be read; EINVAL when it is too long
 */
export function userStringCopy(k: Kernel, source: UserString, bytes: number): string | number {
  const length = source.text.length + 1;
  if (!userMay(k, source.address, Math.min(length, bytes), false)) return EFAULT;
  return length > bytes ? EINVAL : source.text;
}

/**
 * Zephyr's `k_usermode_string_nlen`.
 *
 * @param most length that is not looked beyond
 * @returns length without terminator, at most `most`; -1 when the caller cannot read it
 */
export function userStringLength(k: Kernel, source: UserString, most: number): number {
  const { length } = source.text;
  if (!userMay(k, source.address, Math.min(length + 1, most), false)) return -1;
  return Math.min(length, most);
}

/** Zephyr's `k_usermode_from_copy`. @returns 0; EFAULT (positive) when the caller cannot read the source */
export function userFromCopy(k: Kernel, to: Uint8Array, from: UserBuffer): number {
  if (!userMay(k, from.address, from.bytes.length, false)) return EFAULT;
  to.set(from.bytes);
  return 0;
}

/** Zephyr's `k_usermode_to_copy`. @returns 0; EFAULT (positive) when the caller cannot write the destination */
export function userToCopy(k: Kernel, to: UserBuffer, from: Uint8Array): number {
  if (!userMay(k, to.address, from.length, true)) return EFAULT;
  to.bytes.set(from);
  return 0;
}
