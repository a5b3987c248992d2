import { EFAULT, EINVAL } from "@sof-ts/kit";
import type { Kernel } from "./kernel.js";
import { userMay } from "./syscalls.js";

/** A string that lies in memory, as user code passes it to a system call. */
export interface UserString {
  readonly address: number;
  readonly text: string;
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
