import { assert, EIO, ENOMEM, ETIMEDOUT } from "@sof-ts/kit";
import {
  type Blocking,
  K_NO_WAIT,
  K_TIMEOUT_ABS_TICKS,
  type Kernel,
  KEvent,
  type KHeap,
  type MemDomain,
  ObjFlag,
  ObjType,
  SWITCH,
  type Thread,
  type ThreadStack,
  UserWorkQueue,
} from "@sof-ts/kernel";
import { DONE_BIT, type WorkItem } from "./work-item.js";

/** Priority of a worker, below all cooperative threads. */
export const WORKER_PRIORITY = 0;

/** What a worker is made of. */
export interface WorkerConfig {
  readonly kernel: Kernel;
  /** Resource pool that its stack, its thread object and its queue's nodes come from. */
  readonly pool: KHeap;
  /** CONFIG_SOF_USERSPACE_PROXY_WORKER_STACK_SIZE */
  readonly stackBytes: number;
  /** Longest wait for an item, in nanoseconds. */
  readonly timeoutNs: number;
  /** The domain that a worker waits in between modules; it grants nothing. */
  readonly home: MemDomain;
}

/** A worker's thread and its stack, made together. */
interface WorkerThread {
  readonly thread: Thread;
  readonly stack: ThreadStack;
}

/**
 * A user work queue with its thread, stack and event (SOF's `user_worker`). Its users count it; the first
 * makes it, the last frees it.
 *
 * Calling context: supervisor threads, one at a time, which its owner sees to.
 */
export class Worker {
  references = 0;
  private readonly config: WorkerConfig;
  private readonly name: string;
  /** Core that its thread is pinned to when it is made; null for any. */
  private readonly core: number | null;
  private readonly queue: UserWorkQueue;
  private readonly event: KEvent;
  private running: WorkerThread | null = null;

  constructor(config: WorkerConfig, name: string, core: number | null) {
    this.config = config;
    this.name = name;
    this.core = core;
    this.queue = new UserWorkQueue(config.kernel, `${name} queue`);
    this.event = new KEvent(config.kernel, `${name} event`);
  }

  /** Its thread; null while nobody uses it. */
  get thread(): Thread | null {
    return this.running?.thread ?? null;
  }

  /** One more user. @returns 0; -ENOMEM without memory or thread ids, and then nothing is held */
  *get(): Blocking {
    if (this.references === 0) {
      const rc = yield* this.start();
      if (rc < 0) return rc;
    }
    this.references++;
    return 0;
  }

  /** One user less. */
  *put(): Blocking<void> {
    assert(this.references > 0, `${this.name} was given back more often than taken`);
    this.references--;
    if (this.references === 0) yield* this.stop();
  }

  /**
   * Has the worker carry `item` out in `domain`. An item that does not end in time takes the worker's thread
   * with it, so that nothing of it runs after this returns; the next item gets a new thread.
   *
   * @param pin called before the item is submitted; its negative errno ends the attempt
   * @returns 0 when the item is done; -ETIMEDOUT; -EIO when the thread died of it; -ENOMEM; what `pin` returned
   */
  *run(domain: MemDomain, item: WorkItem, pin: (thread: Thread) => number): Blocking {
    if (this.running === null || this.running.thread.dead) {
      const rc = yield* this.restart();
      if (rc < 0) return rc;
    }
    const { thread } = this.running as unknown as WorkerThread;
    let rc = domain.addThread(thread);
    if (rc < 0) return rc;
    rc = pin(thread);
    if (rc < 0) return rc;
    const { kernel, timeoutNs } = this.config;
    const { event } = this;
    item.event = event;
    // What a request of the past left must not end the wait for this one.
    yield* event.clear(DONE_BIT);
    rc = yield* this.submit(item);
    if (rc < 0) return rc;
    const ticks = Math.ceil((timeoutNs * kernel.ticksPerSecond) / 1e9) + 1;
    const deadline = K_TIMEOUT_ABS_TICKS(kernel.uptimeTicks() + ticks);
    let bits: number;
    do bits = yield* event.waitSafe(DONE_BIT, false, deadline);
    while (bits !== 0 && !item.done);
    if (item.done) return 0;
    const died = thread.dead;
    const restarted = yield* this.restart();
    // It may have come to its end while it was being stopped.
    if (item.done) return 0;
    if (restarted < 0) return restarted;
    return died ? -EIO : -ETIMEDOUT;
  }

  /** Takes the worker's thread out of `domain`, which is going away. */
  leave(domain: MemDomain): void {
    const thread = this.running?.thread;
    if (thread !== undefined && thread.domain === domain) this.config.home.addThread(thread);
  }

  private *start(): Blocking {
    const { kernel, stackBytes, home } = this.config;
    const [stack, object] = this.fromPool(
      () => [kernel.threadStackAlloc(stackBytes), kernel.objectAlloc(ObjType.THREAD)] as const,
    );
    if (stack === null || object === null) {
      kernel.objectFree(stack);
      kernel.objectFree(object);
      return -ENOMEM;
    }
    this.event.init();
    const thread = this.queue.start({ name: this.name, priority: WORKER_PRIORITY }, object);
    this.running = { thread, stack };
    // The queue's start knows no stacks: the thread has it from here on.
    thread.stack = stack;
    stack.flags |= ObjFlag.INITIALISED;
    home.addThread(thread);
    if (this.core === null) {
      kernel.threadAccessGrant(thread, this.event);
      return 0;
    }
    // It runs already, perhaps elsewhere; only a thread that does not run can be pinned.
    yield* thread.suspend();
    const pinned = thread.cpuPin(this.core);
    assert(pinned === 0, `${this.name} cannot be pinned: ${pinned}`);
    kernel.threadAccessGrant(thread, this.event);
    yield* thread.resume();
    return 0;
  }

  private *stop(): Blocking<void> {
    const { running } = this;
    if (running === null) return;
    const { kernel } = this.config;
    const { thread, stack } = running;
    yield* thread.abort();
    this.running = null;
    // An item that it did not come to belongs to nobody now; its node goes back to the pool.
    while ((yield* this.queue.queue.get(K_NO_WAIT)) !== null);
    kernel.threadStackFree(stack);
    kernel.objectFree(thread);
  }

  private *restart(): Blocking {
    yield* this.stop();
    return yield* this.start();
  }

  private *submit(item: WorkItem): Blocking {
    const rc = this.fromPool(() => this.queue.submitNow(item));
    return rc === SWITCH ? yield SWITCH : rc;
  }

  /** Allocates for the caller from the worker's pool, whoever the caller is. */
  private fromPool<T>(allocate: () => T): T {
    const caller = this.config.kernel.current;
    const own = caller.heap;
    caller.heap = this.config.pool;
    const result = allocate();
    caller.heap = own;
    return result;
  }
}
