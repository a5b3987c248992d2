import { EACCES, EAGAIN, EINVAL, ETIMEDOUT } from "@sof-ts/kit";
import { Slow, SWITCH } from "./constants.js";
import { KernelAssertion } from "./fatal.js";
import type { Kernel } from "./kernel.js";
import { KObject, ObjType } from "./object.js";
import { pendCurrent, reschedule, wake } from "./scheduler.js";
import { userMay } from "./syscalls.js";
import type { Blocking } from "./thread.js";
import { WaitQueue } from "./wait-queue.js";

const WORD_BYTES = 4;

/**
 * A word in user memory that threads wait on (Zephyr's `struct k_futex`). It needs no permission, only access
 * to its memory.
 */
export class Futex extends KObject {
  /** The word: user code reads and writes it as it likes. A signed 32-bit number. */
  value: number;
  readonly waiters: WaitQueue;

  /** @param address where the word lies; user threads need a partition there */
  constructor(kernel: Kernel, address: number, value = 0, name = "") {
    super(kernel, ObjType.FUTEX, name);
    this.address = address;
    this.value = value;
    this.waiters = new WaitQueue(this, kernel.narrow);
  }

  /**
   * Zephyr's `k_futex_wait`: waits while the word is `expected`. Thread and user mode; ISR without waiting.
   *
   * @returns 0 woken; -EAGAIN the word differs; -ETIMEDOUT; -EACCES no access to the memory; SWITCH
   */
  waitNow(expected: number, timeout: number): number {
    const k = this.kernel;
    const rc = futexCheck(k, this, "k_futex_wait");
    if (rc !== 0) return k.leave(k.costs.futex, rc);
    if (k.isr && timeout !== 0) throw new KernelAssertion("a blocking k_futex_wait in an ISR");
    if (this.value !== expected) return k.leave(k.costs.futex, -EAGAIN);
    if (timeout === 0) return k.leave(k.costs.futex, -ETIMEDOUT);
    return pendCurrent(k, this.waiters, timeout, -ETIMEDOUT, k.costs.futex);
  }

  /** {@link waitNow} as a generator. */
  *wait(expected: number, timeout: number): Blocking {
    const rc = this.waitNow(expected, timeout);
    return rc === SWITCH ? yield SWITCH : rc;
  }

  /**
   * Zephyr's `k_futex_wake`. Thread, ISR and user mode. A reschedule point.
   *
   * @returns how many were woken; -EACCES; SWITCH
   */
  wakeNow(all: boolean): number {
    const k = this.kernel;
    const rc = futexCheck(k, this, "k_futex_wake");
    if (rc !== 0) return k.leave(k.costs.futex, rc);
    if (k.checker !== null) k.checker.release(this, k.current);
    let count = 0;
    for (let thread = this.waiters.head; thread !== null; thread = this.waiters.head) {
      wake(k, thread, 0);
      if (k.checker !== null) k.checker.acquire(this, thread);
      count++;
      if (!all) break;
    }
    return reschedule(k, k.costs.futex, count);
  }

  /** {@link wakeNow} as a generator. */
  *wake(all: boolean): Blocking {
    const rc = this.wakeNow(all);
    return rc === SWITCH ? yield SWITCH : rc;
  }
}

/** What a futex call refuses: memory without access, then what is no futex. @returns 0, -EACCES or -EINVAL */
export function futexCheck(k: Kernel, object: unknown, op: string): number {
  if (k.slow !== 0) k.enterCall(op);
  if ((k.slow & Slow.USER) !== 0) {
    const address = addressOf(object);
    if (address < 0 || !userMay(k, address, WORD_BYTES, true)) return -EACCES;
  }
  return object instanceof Futex && !object.freed ? 0 : -EINVAL;
}

/** @returns the address of a kernel object or of anything else that names one, -1 for nothing */
export function addressOf(object: unknown): number {
  if (typeof object === "number") return object;
  if (typeof object === "object" && object !== null && "address" in object) {
    return typeof object.address === "number" ? object.address : -1;
  }
  return -1;
}
