import { EAGAIN } from "@sof-ts/kit";
import { K_FOREVER } from "./constants.js";
import { KernelAssertion } from "./fatal.js";
import type { Kernel } from "./kernel.js";
import type { Mutex } from "./mutex.js";
import { observeLock, observeUnlock } from "./observe.js";
import { pendCurrent, ready, reschedule, setPriority, signalIpi, unpend } from "./scheduler.js";
import type { Continuation, Thread } from "./thread.js";

/** Owners that one contention may boost, the direct one included. */
const MAX_HOPS = 16;

/** Makes `thread` the owner of a free mutex. */
export function takeFirst(mutex: Mutex, thread: Thread): void {
  mutex.owner = thread;
  mutex.count = 1;
  const head = thread.held;
  if (head === null) thread.basePriority = thread.priority;
  else {
    // The older model takes what the thread has now, lent or not, for its own.
    if (!thread.kernel.heldLists) thread.basePriority = thread.priority;
    head.heldPrev = mutex;
    mutex.heldNext = head;
  }
  mutex.savedPriority = thread.basePriority;
  thread.held = mutex;
}

/** Takes `mutex` off its owner's list of held ones. */
export function removeHeld(mutex: Mutex, thread: Thread): void {
  const prev = mutex.heldPrev;
  const next = mutex.heldNext;
  // An owner that ended and whose thread object runs again does not have it on its list.
  if (prev !== null) prev.heldNext = next;
  else if (thread.held === mutex) thread.held = next;
  if (next !== null) next.heldPrev = prev;
  mutex.heldPrev = null;
  mutex.heldNext = null;
}

/** The calling thread waits for a mutex that another holds, after lending its priority. */
export function contendedLock(k: Kernel, mutex: Mutex, thread: Thread, timeout: number): number {
  const owner = mutex.owner as Thread;
  if (k.trace !== null) k.trace.contended?.(k.cpu.time, k.cpu.id, thread, mutex, owner);
  k.requireBlocking("k_mutex_lock");
  thread.waitMutex = mutex;
  thread.waitValue = timeout;
  if (k.options.mutexDeadlockDetect) detectDeadlock(thread);
  if (k.inheritance) {
    if (k.heldLists) boostChain(k, mutex, thread);
    else boost(k, owner, thread.priority);
  }
  thread.continuation = LOCK_WAITED;
  return pendCurrent(k, mutex.waiters, timeout, -EAGAIN, k.costs.mutexLock);
}

function boost(k: Kernel, owner: Thread, priority: number): void {
  const lent = Math.max(priority, k.options.priorityCeiling);
  if (lent < owner.priority) setPriority(k, owner, lent);
}

/** Walks owner, the mutex that it waits for, that one's owner, and so on. */
function boostChain(k: Kernel, mutex: Mutex, waiter: Thread): void {
  let next: Mutex | null = mutex;
  for (let hop = 0; hop < MAX_HOPS && next !== null; hop++) {
    const owner: Thread | null = next.owner;
    if (owner === null || owner === waiter) return;
    boost(k, owner, waiter.priority);
    next = owner.waitMutex;
  }
}

/** Asserts on a cycle of owners in which nobody's wait can end by itself. */
function detectDeadlock(waiter: Thread): void {
  let thread = waiter;
  for (let hop = 0; hop < MAX_HOPS; hop++) {
    const mutex: Mutex | null = thread.waitMutex;
    if (mutex === null || thread.waitValue !== K_FOREVER) return;
    const owner: Thread | null = mutex.owner;
    if (owner === null) return;
    if (owner === waiter) {
      throw new KernelAssertion(`deadlock: ${waiter.name} waits for ${mutex.name} in a cycle`);
    }
    thread = owner;
  }
}

/** The best of `base` and the waiters of every mutex that `thread` holds. */
function inherited(k: Kernel, thread: Thread): number {
  let priority = thread.basePriority;
  for (let mutex = thread.held; mutex !== null; mutex = mutex.heldNext) {
    const best = mutex.waiters.head;
    if (best === null) continue;
    const lent = Math.max(best.priority, k.options.priorityCeiling);
    if (lent < priority) priority = lent;
  }
  return priority;
}

function recompute(k: Kernel, owner: Thread): void {
  const priority = inherited(k, owner);
  if (priority !== owner.priority) setPriority(k, owner, priority);
}

/** Restores the owner's priority and hands the mutex to the best waiter, who is ready then. */
function handOver(k: Kernel, mutex: Mutex, thread: Thread): void {
  removeHeld(mutex, thread);
  if (k.heldLists) {
    if (thread.held !== null) recompute(k, thread);
    else if (thread.priority !== thread.basePriority) setPriority(k, thread, thread.basePriority);
  } else if (thread.priority !== mutex.savedPriority) setPriority(k, thread, mutex.savedPriority);
  const next = mutex.waiters.head;
  if (next === null) {
    mutex.owner = null;
    mutex.count = 0;
    return;
  }
  unpend(k, next);
  next.waitMutex = null;
  if (next.continuation === LOCK_WAITED) next.continuation = null;
  next.result = 0;
  takeFirst(mutex, next);
  ready(k, next);
  if (k.observed !== 0) observeLock(k, mutex, next);
}

/** The owner's last unlock. */
export function finalUnlock(k: Kernel, mutex: Mutex, thread: Thread): number {
  handOver(k, mutex, thread);
  return k.cpu.resched ? reschedule(k, k.costs.mutexUnlock, 0) : k.leave(k.costs.mutexUnlock, 0);
}

/** One unlock as the first half of a condition wait: no reschedule, errors do not count. */
export function releaseForWait(k: Kernel, mutex: Mutex, thread: Thread): void {
  if (mutex.owner !== thread) return;
  if (k.observed !== 0) observeUnlock(k, mutex, thread);
  if (mutex.count > 1) mutex.count--;
  else handOver(k, mutex, thread);
}

/** Runs in the waiter's own context when its time-out is over: takes back what it lent. */
const LOCK_WAITED: Continuation = {
  resume(k: Kernel, thread: Thread): number {
    const mutex = thread.waitMutex as Mutex;
    thread.waitMutex = null;
    const owner = mutex.owner;
    if (owner !== null && k.inheritance) {
      if (k.heldLists) recompute(k, owner);
      else {
        const best = mutex.waiters.head;
        const ceiling = k.options.priorityCeiling;
        const lent = best === null ? mutex.savedPriority : Math.max(best.priority, ceiling);
        const priority = Math.min(mutex.savedPriority, lent);
        if (priority !== owner.priority) setPriority(k, owner, priority);
      }
      if (k.ipiFlag !== 0) signalIpi(k, 0);
    }
    return thread.result;
  },
};
