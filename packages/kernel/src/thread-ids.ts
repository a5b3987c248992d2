import type { Kernel } from "./kernel.js";
import { joinDomain } from "./mem-domain.js";
import { ObjFlag } from "./object.js";
import { clearIndex, clearPermission, destroyObject } from "./permissions.js";
import type { Thread } from "./thread.js";

/**
 * Gives `thread` a permission bit of its own. Bits of a thread that had the number before are cleared.
 *
 * @returns whether there was one left
 */
export function takeIndex(k: Kernel, thread: Thread): boolean {
  if (thread.permIndex >= 0) return true;
  if (!k.options.userspace) return false;
  const limit = k.options.maxThreadBytes * 8;
  for (let index = 0; index < limit; index++) {
    if (k.permOwners[index] === undefined || k.permOwners[index] === null) {
      k.permOwners[index] = thread;
      thread.permIndex = index;
      clearIndex(k, index);
      return true;
    }
  }
  return false;
}

/** Gives the bit back; done when the thread object goes. */
export function dropIndex(k: Kernel, thread: Thread): void {
  if (thread.permIndex < 0) return;
  k.permOwners[thread.permIndex] = null;
  thread.permIndex = -1;
}

/** A thread has ended: it leaves its domain, loses all permissions, and its counts go to the totals. */
export function forgetThread(k: Kernel, thread: Thread): void {
  joinDomain(thread, null);
  k.threads.delete(thread);
  k.retired.syscalls += thread.counters.syscalls;
  k.retired.lockOps += thread.counters.lockOps;
  k.retired.switches += thread.counters.switches;
  k.retired.isrs += thread.counters.isrs;
  const stack = thread.stack;
  if (stack !== null) {
    stack.flags &= ~ObjFlag.INITIALISED;
    if (stack.ownedByThread) destroyObject(k, stack);
  }
  if (thread.permIndex < 0) {
    if (!thread.explicitObject) k.objects.delete(thread);
    return;
  }
  for (const object of k.objects) if (object !== thread) clearPermission(k, object, thread);
  clearPermission(k, thread, thread);
  // A thread object that the caller did not bring is gone with its thread.
  if (!thread.explicitObject) {
    dropIndex(k, thread);
    k.objects.delete(thread);
  }
}
