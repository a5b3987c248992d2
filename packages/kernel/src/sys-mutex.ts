import { EACCES, EINVAL } from "@sof-ts/kit";
import { Slow, SWITCH } from "./constants.js";
import { addressOf } from "./futex.js";
import type { Kernel } from "./kernel.js";
import { Mutex } from "./mutex.js";
import { KObject, ObjType } from "./object.js";
import { userMay } from "./syscalls.js";
import type { Blocking } from "./thread.js";

const WORD_BYTES = 4;

/**
 * A mutex in user memory (Zephyr's `struct sys_mutex`): needs write access to its memory instead of a
 * permission. It must be placed when the firmware is built: there is no dynamic one.
 */
export class SysMutex extends KObject {
  /** The kernel mutex behind it. */
  readonly mutex: Mutex;

  /** @param address where it lies; user threads need a writable partition there */
  constructor(kernel: Kernel, address: number, name = "") {
    super(kernel, ObjType.SYS_MUTEX, name);
    this.address = address;
    this.mutex = new Mutex(kernel, name);
  }

  /**
   * Zephyr's `sys_mutex_lock`. Thread and user mode.
   *
   * @returns as `Mutex.lockNow`; -EACCES without write access to its memory
   */
  lockNow(timeout: number): number {
    return sysMutexLock(this.kernel, this, timeout);
  }

  /** {@link lockNow} as a generator. */
  *lock(timeout: number): Blocking {
    const rc = this.lockNow(timeout);
    return rc === SWITCH ? yield SWITCH : rc;
  }

  /**
   * Zephyr's `sys_mutex_unlock`. Thread and user mode.
   *
   * @returns as `Mutex.unlockNow`; -EACCES without write access to its memory
   */
  unlockNow(): number {
    return sysMutexUnlock(this.kernel, this);
  }

  /** {@link unlockNow} as a generator. */
  *unlock(): Blocking {
    const rc = this.unlockNow();
    return rc === SWITCH ? yield SWITCH : rc;
  }
}

function check(k: Kernel, object: unknown, op: string): number {
  if (k.slow !== 0) k.enterCall(op);
  if ((k.slow & Slow.USER) !== 0) {
    const address = addressOf(object);
    if (address < 0 || !userMay(k, address, WORD_BYTES, true)) return -EACCES;
  }
  return object instanceof SysMutex ? 0 : -EINVAL;
}

/** `sys_mutex_lock` of anything: -EINVAL for what is no sys_mutex. */
export function sysMutexLock(k: Kernel, object: unknown, timeout: number): number {
  const rc = check(k, object, "z_sys_mutex_kernel_lock");
  if (rc !== 0) return k.leave(k.costs.mutexLock, rc);
  const user = k.slow & Slow.USER;
  k.slow &= ~Slow.USER;
  const result = (object as SysMutex).mutex.lockNow(timeout);
  k.slow |= user;
  return result;
}

/** `sys_mutex_unlock` of anything: -EINVAL for what is no sys_mutex. */
export function sysMutexUnlock(k: Kernel, object: unknown): number {
  const rc = check(k, object, "z_sys_mutex_kernel_unlock");
  if (rc !== 0) return k.leave(k.costs.mutexUnlock, rc);
  const user = k.slow & Slow.USER;
  k.slow &= ~Slow.USER;
  const result = (object as SysMutex).mutex.unlockNow();
  k.slow |= user;
  return result;
}
