/**
 * Errno values as the firmware and its RTOS use them: functions return 0 (or a count) on success and
 * one of these, negated, on failure. Numbers follow Linux and Zephyr's minimal libc.
 */
export const EPERM = 1;
export const ENOENT = 2;
export const ESRCH = 3;
export const EINTR = 4;
export const EIO = 5;
export const ENXIO = 6;
export const E2BIG = 7;
export const ENOEXEC = 8;
export const EBADF = 9;
export const ECHILD = 10;
export const EAGAIN = 11;
export const ENOMEM = 12;
export const EACCES = 13;
export const EFAULT = 14;
export const EBUSY = 16;
export const EEXIST = 17;
export const ENODEV = 19;
export const EINVAL = 22;
export const ENOSPC = 28;
export const EPIPE = 32;
export const EDOM = 33;
export const ERANGE = 34;
export const ENODATA = 61;
export const EDEADLK = 45;
export const ENOSYS = 88;
export const ENOTCONN = 107;
export const ECONNREFUSED = 111;
export const EADDRINUSE = 112;
export const ETIMEDOUT = 116;
export const EALREADY = 120;
export const ENOTSUP = 134;
export const EOVERFLOW = 139;
export const ECANCELED = 140;

const names = new Map<number, string>(
  Object.entries({
    EPERM,
    ENOENT,
    ESRCH,
    EINTR,
    EIO,
    ENXIO,
    E2BIG,
    ENOEXEC,
    EBADF,
    ECHILD,
    EAGAIN,
    ENOMEM,
    EACCES,
    EFAULT,
    EBUSY,
    EEXIST,
    ENODEV,
    EINVAL,
    ENOSPC,
    EPIPE,
    EDOM,
    ERANGE,
    ENODATA,
    EDEADLK,
    ENOSYS,
    ENOTCONN,
    ECONNREFUSED,
    EADDRINUSE,
    ETIMEDOUT,
    EALREADY,
    ENOTSUP,
    EOVERFLOW,
    ECANCELED,
  }).map(([name, value]) => [value, name]),
);

/**
 * Names an errno value for a log line or an error message.
 *
 * @param value a result, negated or not; `-22` and `22` both give `"EINVAL"`
 * @returns the name, or the number as text where it has none
 */
export function errnoName(value: number): string {
  return names.get(Math.abs(value)) ?? String(value);
}
