import { EBUSY } from "@sof-ts/kit";
import { K_FOREVER, SWITCH } from "./constants.js";
import { beginThread, createThread } from "./create-thread.js";
import { KQueue } from "./k-queue.js";
import type { Kernel } from "./kernel.js";
import { ObjType } from "./object.js";
import { InitRule } from "./permissions.js";
import { reschedule } from "./scheduler.js";
import type { ThreadStack } from "./thread-stack.js";
import type { Blocking, Thread, ThreadBody } from "./thread.js";

/** A work item in user memory (Zephyr's `struct k_work_user`). */
export class UserWork {
  handler: (work: UserWork) => void | Blocking<void>;
  /** Submitted and not yet begun. */
  pending = false;

  /** Zephyr's `k_work_user_init`. Any context. */
  constructor(handler: (work: UserWork) => void | Blocking<void>) {
    this.handler = handler;
  }
}

/** How a user work queue's thread is made. */
export interface UserWorkQueueOptions {
  readonly name?: string;
  readonly priority: number;
  /** Stack object to use. Default: one that comes with the queue. */
  readonly stack?: ThreadStack;
}

/**
 * A user-mode thread that runs work items (Zephyr's `struct k_work_user_q`). No cancel, no flush. Submitters
 * need a permission on {@link queue}; the worker has what its starter had then, and what it is granted later.
 */
export class UserWorkQueue {
  readonly kernel: Kernel;
  /** The kernel object to grant. */
  readonly queue: KQueue<UserWork>;
  /** Null until started. */
  thread: Thread | null = null;

  constructor(kernel: Kernel, name = "") {
    this.kernel = kernel;
    this.queue = new KQueue<UserWork>(kernel, name);
  }

  /**
   * Zephyr's `k_work_user_queue_start`: the worker is a user thread that inherits the caller's permissions
   * and domain as they are now. Thread, or around `run`.
   *
   * @param object thread object to use, needed in user mode
   */
  start(options: UserWorkQueueOptions, object?: Thread): Thread {
    const k = this.kernel;
    const made = {
      name: options.name ?? "",
      priority: options.priority,
      user: true,
      inheritPerms: true,
      delay: K_FOREVER,
      ...(object === undefined ? {} : { object }),
      ...(options.stack === undefined ? {} : { stack: options.stack }),
      entry: () => this.main(),
    };
    const thread = createThread(k, made, true);
    this.thread = thread;
    k.accessGrant(this.queue, thread);
    beginThread(k, thread);
    return thread;
  }

  /**
   * Zephyr's `k_work_user_submit_to_queue`. Thread, ISR and user mode. A reschedule point.
   *
   * @returns 0; -EBUSY submitted and not yet begun; -ENOMEM no memory in the caller's pool; SWITCH
   */
  submitNow(work: UserWork): number {
    const k = this.kernel;
    if (work.pending) return k.leave(0, -EBUSY);
    if (k.slow !== 0) {
      k.enter(this.queue, ObjType.QUEUE, InitRule.INIT, "k_queue_alloc_append");
    }
    const rc = this.queue.allocInsert(work);
    if (rc === 0) work.pending = true;
    return reschedule(k, k.costs.queue, rc);
  }

  /** {@link submitNow} as a generator. */
  *submit(work: UserWork): Blocking {
    const rc = this.submitNow(work);
    return rc === SWITCH ? yield SWITCH : rc;
  }

  private *main(): ThreadBody {
    const k = this.kernel;
    for (;;) {
      const work = yield* this.queue.get(K_FOREVER);
      if (work === null) continue;
      // Cleared before it runs: a handler may submit its item again.
      work.pending = false;
      const running = work.handler(work);
      if (running !== undefined) yield* running;
      yield* k.yield();
    }
  }
}
