export { assert, InvariantError, unreachable } from "./assert.js";
export { ByteReader } from "./byte-reader.js";
export { ByteWriter } from "./byte-writer.js";
export {
  E2BIG,
  EACCES,
  EADDRINUSE,
  EAGAIN,
  EALREADY,
  EBADF,
  EBUSY,
  ECANCELED,
  ECHILD,
  ECONNREFUSED,
  EDEADLK,
  EDOM,
  EEXIST,
  EFAULT,
  EINTR,
  EINVAL,
  EIO,
  ENODATA,
  ENODEV,
  ENOENT,
  ENOEXEC,
  ENOMEM,
  ENOSPC,
  ENOSYS,
  ENOTCONN,
  ENOTSUP,
  ENXIO,
  EOVERFLOW,
  EPERM,
  EPIPE,
  ERANGE,
  errnoName,
  ESRCH,
  ETIMEDOUT,
} from "./errno.js";
export { EventQueue, SimEvent } from "./event-queue.js";
export { InputError, type InputErrorDetails } from "./input-error.js";
export { List, ListNode } from "./list.js";
export { Random } from "./random.js";
export {
  bytes,
  type Bytes,
  cycles,
  type Cycles,
  frames,
  type Frames,
  nanoseconds,
  type Nanoseconds,
  NEVER,
} from "./units.js";
export { formatUuid, parseUuid } from "./uuid.js";
