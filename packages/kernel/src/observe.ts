import type { Kernel } from "./kernel.js";
import type { KObject } from "./object.js";
import type { Thread } from "./thread.js";

/** Tells listeners that `thread` has `object` now. */
export function observeLock(k: Kernel, object: KObject, thread: Thread): void {
  if (k.trace !== null) k.trace.lock?.(k.cpu.time, k.cpu.id, thread, object);
  if (k.checker !== null) k.checker.acquire(object, thread);
}

/** Tells listeners that `thread` lets go of `object`. */
export function observeUnlock(k: Kernel, object: KObject, thread: Thread): void {
  if (k.trace !== null) k.trace.unlock?.(k.cpu.time, k.cpu.id, thread, object);
  if (k.checker !== null) k.checker.release(object, thread);
}

/** Tells listeners that `thread` got a unit of a semaphore. */
export function observeTake(k: Kernel, object: KObject, thread: Thread): void {
  if (k.trace !== null) k.trace.semTake?.(k.cpu.time, k.cpu.id, thread, object);
  if (k.checker !== null) k.checker.acquire(object, thread);
}

/** Tells listeners that `thread` gives a unit of a semaphore. */
export function observeGive(k: Kernel, object: KObject, thread: Thread): void {
  if (k.trace !== null) k.trace.semGive?.(k.cpu.time, k.cpu.id, thread, object);
  if (k.checker !== null) k.checker.release(object, thread);
}

/** Tells listeners that an event object has `bits` now. */
export function observePost(k: Kernel, object: KObject, bits: number): void {
  if (k.trace !== null) k.trace.eventPost?.(k.cpu.time, k.cpu.id, k.current, object, bits);
  if (k.checker !== null) k.checker.release(object, k.current);
}
