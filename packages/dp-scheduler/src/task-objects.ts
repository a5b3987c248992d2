import {
  type Kernel,
  type KEvent,
  type KHeap,
  ObjType,
  type Sem,
  type Thread,
  type ThreadStack,
} from "@sof-ts/kernel";

/** The kernel objects of one task. Dynamic, so that a task leaves nothing behind. */
export interface TaskObjects {
  readonly thread: Thread;
  readonly stack: ThreadStack;
  /** Tells the thread why to wake: bits of `TaskBit`. */
  readonly event: KEvent;
  /** Held by whoever is inside the task's work: its thread, or a caller that changes it. */
  readonly lock: Sem;
  /** Given when the thread has answered a call. */
  readonly answer: Sem;
  /** Lets one caller at a time have a call answered. */
  readonly callers: Sem;
}

/** What the objects of a task are allocated for. */
export interface TaskObjectRequest {
  /** Resource pool. */
  readonly pool: KHeap;
  readonly name: string;
  readonly stackBytes: number;
  readonly userMode: boolean;
  /**
   * A thread that outlives the task. Dynamic objects go with the last permission on them, so that those of a
   * task would go with the thread that asked for it, or with the task's own when that faults.
   */
  readonly keeper: Thread;
}

/**
 * Allocates the objects of a task. Calling context: supervisor; does not block.
 *
 * @returns the objects, or null when memory or thread ids are short, with nothing left allocated
 */
export function allocTaskObjects(kernel: Kernel, request: TaskObjectRequest): TaskObjects | null {
  const { pool, name, stackBytes, userMode, keeper } = request;
  // Objects come from the resource pool of the caller; which thread that is must not matter here.
  const caller = kernel.current;
  const own = caller.heap;
  caller.heapAssign(pool);
  const thread = kernel.objectAlloc(ObjType.THREAD);
  const stack = kernel.threadStackAlloc(stackBytes, userMode);
  const event = kernel.objectAlloc(ObjType.EVENT);
  const lock = kernel.objectAlloc(ObjType.SEM);
  const answer = kernel.objectAlloc(ObjType.SEM);
  const callers = kernel.objectAlloc(ObjType.SEM);
  caller.heapAssign(own);
  if (
    thread === null ||
    stack === null ||
    event === null ||
    lock === null ||
    answer === null ||
    callers === null
  ) {
    for (const object of [thread, stack, event, lock, answer, callers]) kernel.objectFree(object);
    return null;
  }
  kernel.threadAccessGrant(keeper, thread, stack, event, lock, answer, callers);
  event.name = `${name} event`;
  event.init();
  lock.name = `${name} lock`;
  lock.init(1, 1);
  answer.name = `${name} answer`;
  answer.init(0, 1);
  callers.name = `${name} callers`;
  callers.init(1, 1);
  return { thread, stack, event, lock, answer, callers };
}

/** Gives everything back. The thread has ended. Calling context: supervisor; does not block. */
export function freeTaskObjects(kernel: Kernel, objects: TaskObjects): void {
  const { thread, stack, event, lock, answer, callers } = objects;
  for (const object of [callers, answer, lock, event, stack, thread]) kernel.objectFree(object);
}
