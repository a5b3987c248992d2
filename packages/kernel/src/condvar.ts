import { EAGAIN } from "@sof-ts/kit";
import { K_FOREVER, Slow, SWITCH } from "./constants.js";
import type { Kernel } from "./kernel.js";
import { contendedLock, releaseForWait, takeFirst } from "./mutex-pi.js";
import type { Mutex } from "./mutex.js";
import { KObject, ObjType } from "./object.js";
import { observeLock } from "./observe.js";
import { InitRule, verifyObject } from "./permissions.js";
import { pendCurrent, reschedule, wake } from "./scheduler.js";
import type { Blocking, Continuation, Thread } from "./thread.js";
import { WaitQueue } from "./wait-queue.js";

/** A condition variable (Zephyr's `struct k_condvar`). It does not remember signals. */
export class CondVar extends KObject {
  readonly waiters: WaitQueue;

  constructor(kernel: Kernel, name = "") {
    super(kernel, ObjType.CONDVAR, name);
    this.waiters = new WaitQueue(this, kernel.narrow);
  }

  /** Zephyr's `k_condvar_init`. Thread, ISR and user mode. @returns 0 */
  init(): number {
    const k = this.kernel;
    if (k.slow !== 0) k.enter(this, ObjType.CONDVAR, InitRule.ANY, "k_condvar_init");
    this.waiters.abandon();
    k.initialise(this);
    return 0;
  }

  /**
   * Zephyr's `k_condvar_wait`: lets go of `mutex` and waits in one step; has the mutex again, however long
   * that takes, when it returns. Thread and user mode. Without waiting it lets go of the mutex all the same, so
   * that whoever waits for that gets it.
   *
   * @param timeout nanoseconds, K_NO_WAIT or K_FOREVER, of the wait for the signal
   * @returns 0; -EAGAIN when no signal came in time, or not to wait; SWITCH
   */
  waitNow(mutex: Mutex, timeout: number): number {
    const k = this.kernel;
    if (k.slow !== 0) {
      k.enterThreadOnly(this, ObjType.CONDVAR, "k_condvar_wait");
      if ((k.slow & Slow.USER) !== 0) {
        verifyObject(k, mutex, ObjType.MUTEX, InitRule.INIT, "k_condvar_wait");
      }
    }
    k.requireBlocking("k_condvar_wait");
    const thread = k.current;
    releaseForWait(k, mutex, thread);
    if (timeout === 0) {
      const rc = relock(k, mutex, thread, -EAGAIN);
      return rc === SWITCH ? SWITCH : reschedule(k, k.costs.condvar, rc);
    }
    thread.waitObject = mutex;
    thread.continuation = WAITED;
    return pendCurrent(k, this.waiters, timeout, -EAGAIN, k.costs.condvar);
  }

  /** {@link waitNow} as a generator. */
  *wait(mutex: Mutex, timeout: number): Blocking {
    const rc = this.waitNow(mutex, timeout);
    return rc === SWITCH ? yield SWITCH : rc;
  }

  /** Zephyr's `k_condvar_signal`: wakes the best waiter. Thread, ISR, user mode. @returns 0; SWITCH */
  signalNow(): number {
    const k = this.kernel;
    if (k.slow !== 0) k.enter(this, ObjType.CONDVAR, InitRule.INIT, "k_condvar_signal");
    if (k.checker !== null) k.checker.release(this, k.current);
    const thread = this.waiters.head;
    if (thread === null) return k.leave(k.costs.condvar, 0);
    this.wake(thread);
    return reschedule(k, k.costs.condvar, 0);
  }

  /** {@link signalNow} as a generator. */
  *signal(): Blocking {
    const rc = this.signalNow();
    return rc === SWITCH ? yield SWITCH : rc;
  }

  /** Zephyr's `k_condvar_broadcast`: wakes all. Thread, ISR, user mode. @returns how many; SWITCH */
  broadcastNow(): number {
    const k = this.kernel;
    if (k.slow !== 0) k.enter(this, ObjType.CONDVAR, InitRule.INIT, "k_condvar_broadcast");
    if (k.checker !== null) k.checker.release(this, k.current);
    let count = 0;
    for (let thread = this.waiters.head; thread !== null; thread = this.waiters.head) {
      this.wake(thread);
      count++;
    }
    return reschedule(k, k.costs.condvar, count);
  }

  /** {@link broadcastNow} as a generator. */
  *broadcast(): Blocking {
    const rc = this.broadcastNow();
    return rc === SWITCH ? yield SWITCH : rc;
  }

  private wake(thread: Thread): void {
    const k = this.kernel;
    wake(k, thread, 0);
    if (k.checker !== null) k.checker.acquire(this, thread);
  }
}

/** The waiter runs again: it needs its mutex before it may return. */
const WAITED: Continuation = {
  resume(k: Kernel, thread: Thread): number {
    return relock(k, thread.waitObject as Mutex, thread, thread.result);
  },
};

/** Takes the mutex for the current thread, however long that takes. @returns `result`, once it has it; SWITCH */
function relock(k: Kernel, mutex: Mutex, thread: Thread, result: number): number {
  if (mutex.owner === null) takeFirst(mutex, thread);
  else if (mutex.owner === thread) mutex.count++;
  else {
    thread.waitMode = result;
    contendedLock(k, mutex, thread, K_FOREVER);
    thread.continuation = RELOCKED;
    return SWITCH;
  }
  if (k.observed !== 0) observeLock(k, mutex, thread);
  return result;
}

const RELOCKED: Continuation = {
  resume(_kernel: Kernel, thread: Thread): number {
    return thread.waitMode;
  },
};
