import { EBUSY, EINVAL } from "@sof-ts/kit";
import { CondVar } from "./condvar.js";
import { KEvent } from "./event.js";
import { KQueue } from "./k-queue.js";
import type { Kernel } from "./kernel.js";
import { Mutex } from "./mutex.js";
import { KObject, ObjFlag, ObjType } from "./object.js";
import { clearPermissions, destroyObject, setPermission } from "./permissions.js";
import { K_SEM_MAX_LIMIT, Sem } from "./sem.js";
import { dropIndex, takeIndex } from "./thread-ids.js";
import { ThreadStack } from "./thread-stack.js";
import { Thread } from "./thread.js";
import { Timer } from "./timer.js";

/** Class of the dynamic object of each type. */
export interface DynamicObjects {
  readonly [ObjType.THREAD]: Thread;
  readonly [ObjType.THREAD_STACK]: ThreadStack;
  readonly [ObjType.MUTEX]: Mutex;
  readonly [ObjType.SEM]: Sem;
  readonly [ObjType.EVENT]: KEvent;
  readonly [ObjType.TIMER]: Timer;
  readonly [ObjType.CONDVAR]: CondVar;
  readonly [ObjType.QUEUE]: KQueue<unknown>;
}

/** Bytes that a dynamic object takes: its struct on a 32-bit target with what the kernel keeps beside it. */
const objectBytes: Partial<Record<ObjType, number>> = {
  [ObjType.THREAD]: 224,
  [ObjType.MUTEX]: 56,
  [ObjType.SEM]: 56,
  [ObjType.EVENT]: 48,
  [ObjType.TIMER]: 88,
  [ObjType.CONDVAR]: 40,
  [ObjType.QUEUE]: 56,
};
const RECORD_BYTES = 32;

/** Zephyr's `k_object_alloc` and `k_object_alloc_size`. */
export function objectAlloc(k: Kernel, type: number, size: number): KObject | null {
  if (k.slow !== 0) k.enterCall("k_object_alloc");
  k.pass(k.costs.heapAlloc);
  const creator = k.current;
  const bytes = type === ObjType.THREAD_STACK ? size : (objectBytes[type as ObjType] ?? 0);
  if (!(bytes > 0)) return null;
  const heap = creator.heap;
  if (heap === null) return null;
  const address = heap.take(bytes + RECORD_BYTES);
  if (address === 0) return null;
  const object = make(k, type, address, bytes);
  object.address = address;
  object.flags = ObjFlag.DYNAMIC;
  object.onDestroy = () => {
    if (object instanceof Thread) dropIndex(k, object);
    heap.give(address);
  };
  if (object instanceof Thread && k.options.userspace && !takeIndex(k, object)) {
    destroyObject(k, object);
    return null;
  }
  setPermission(object, creator);
  return object;
}

function make(k: Kernel, type: number, address: number, bytes: number): KObject {
  switch (type) {
    case ObjType.THREAD: {
      const thread = new Thread(k);
      thread.explicitObject = true;
      return thread;
    }
    case ObjType.THREAD_STACK:
      return new ThreadStack(k, address, bytes);
    case ObjType.MUTEX:
      return new Mutex(k);
    case ObjType.SEM:
      return new Sem(k, 0, K_SEM_MAX_LIMIT);
    case ObjType.EVENT:
      return new KEvent(k);
    case ObjType.TIMER:
      return new Timer(k);
    case ObjType.CONDVAR:
      return new CondVar(k);
    default:
      return new KQueue<unknown>(k);
  }
}

/** Zephyr's `k_thread_stack_alloc`. */
export function threadStackAlloc(k: Kernel, bytes: number, user: boolean): ThreadStack | null {
  if (k.slow !== 0) k.enterCall("k_thread_stack_alloc");
  const stack = poolStack(k, bytes, user);
  if (stack !== null) setPermission(stack, k.current);
  return stack;
}

/** A stack from the caller's resource pool that nobody may name. @returns null without memory or pool */
export function poolStack(k: Kernel, bytes: number, user: boolean): ThreadStack | null {
  k.pass(k.costs.heapAlloc);
  const { heap } = k.current;
  const address = heap === null || !(bytes > 0) ? 0 : heap.take(bytes, 16);
  if (heap === null || address === 0) return null;
  const stack = new ThreadStack(k, address, bytes, user);
  stack.flags = ObjFlag.DYNAMIC;
  stack.onDestroy = () => heap.give(address);
  return stack;
}

/** Zephyr's `k_thread_stack_free`. */
export function threadStackFree(k: Kernel, stack: unknown): number {
  if (k.slow !== 0) k.enterCall("k_thread_stack_free");
  k.pass(k.costs.heapFree);
  if (!(stack instanceof ThreadStack) || stack.freed || !stack.dynamic) return -EINVAL;
  if (stack.initialised) return -EBUSY;
  destroyObject(k, stack);
  return 0;
}

/** Zephyr's `k_object_free`: what is no dynamic object is left alone. */
export function objectFree(k: Kernel, object: unknown): void {
  k.supervisorOnly("k_object_free");
  k.pass(k.costs.heapFree);
  if (!(object instanceof KObject)) return;
  if ((object.flags & (ObjFlag.DYNAMIC | ObjFlag.FREED)) !== ObjFlag.DYNAMIC) return;
  destroyObject(k, object);
}

/** Zephyr's `k_object_recycle`: only the caller's permission is left, and the object is initialised. */
export function objectRecycle(k: Kernel, object: unknown): void {
  if (!(object instanceof KObject) || object.freed) return;
  clearPermissions(object);
  setPermission(object, k.current);
  object.flags |= ObjFlag.INITIALISED;
}
