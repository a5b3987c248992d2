import { assert, EALREADY, EBUSY, ENODEV, ETIMEDOUT } from "@sof-ts/kit";
import { K_FOREVER, SWITCH } from "./constants.js";
import { KernelAssertion } from "./fatal.js";
import type { Kernel } from "./kernel.js";
import { pendCurrent, ready, reschedule, unpend } from "./scheduler.js";
import type { Blocking, Thread, ThreadBody } from "./thread.js";
import { WaitQueue } from "./wait-queue.js";
import { type Work, WorkState } from "./work.js";

/** How a queue's thread is made. */
export interface WorkQueueOptions {
  readonly name?: string;
  readonly priority: number;
  /** The thread does not yield between items. Default false. */
  readonly noYield?: boolean;
  readonly essential?: boolean;
}

/** A thread that runs work items in order (Zephyr's `struct k_work_q`). Supervisor only. */
export class WorkQueue {
  readonly kernel: Kernel;
  /** Null until started. */
  thread: Thread | null = null;
  noYield = false;
  /** An item's handler runs. */
  busy = false;
  draining = false;
  plugged = false;
  private readonly items: Work[] = [];
  private readonly idlers: WaitQueue;
  private readonly drainers: WaitQueue;
  private stopping = false;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
    this.idlers = new WaitQueue(null, kernel.narrow);
    this.drainers = new WaitQueue(null, kernel.narrow);
  }

  /** It has a thread. */
  get started(): boolean {
    return this.thread !== null;
  }

  /** Items that wait. */
  get length(): number {
    return this.items.length;
  }

  /** Zephyr's `k_work_queue_start`. Thread, or around `run`. */
  start(options: WorkQueueOptions): Thread {
    this.kernel.supervisorOnly("k_work_queue_start");
    assert(this.thread === null, "work queue is started already");
    this.noYield = options.noYield === true;
    this.plugged = false;
    this.stopping = false;
    this.thread = this.kernel.createThread({
      name: options.name ?? "",
      priority: options.priority,
      essential: options.essential === true,
      entry: () => this.main(),
    });
    return this.thread;
  }

  /** Zephyr's `k_work_queue_thread_get`: to pin or suspend it. */
  threadGet(): Thread {
    assert(this.thread !== null, "work queue is not started");
    return this.thread;
  }

  /**
   * Zephyr's `k_work_queue_drain`: refuses what does not come from the queue's own thread, and waits until
   * it is empty. With `plug` it stays closed until {@link unplug}. Thread.
   *
   * @returns 1 when it waited, 0 when the queue was idle; SWITCH
   */
  drainNow(plug: boolean): number {
    const k = this.kernel;
    k.supervisorOnly("k_work_queue_drain");
    if (k.isr) throw new KernelAssertion("k_work_queue_drain in an ISR");
    if (!this.busy && !this.draining && !plug && this.items.length === 0) {
      return k.leave(k.costs.workSubmit, 0);
    }
    k.requireBlocking("k_work_queue_drain");
    this.draining = true;
    if (plug) this.plugged = true;
    this.notify();
    return pendCurrent(k, this.drainers, K_FOREVER, 1, k.costs.workSubmit);
  }

  /** {@link drainNow} as a generator. */
  *drain(plug = false): Blocking {
    const rc = this.drainNow(plug);
    return rc === SWITCH ? yield SWITCH : rc;
  }

  /** Zephyr's `k_work_queue_unplug`. Thread and ISR. @returns 0; -EALREADY when it is not plugged */
  unplug(): number {
    this.kernel.supervisorOnly("k_work_queue_unplug");
    if (!this.plugged) return -EALREADY;
    this.plugged = false;
    return 0;
  }

  /**
   * Zephyr's `k_work_queue_stop`: ends the thread of a drained and plugged queue. Thread.
   *
   * @returns 0; -EALREADY not started; -EBUSY not plugged; -ETIMEDOUT
   */
  *stop(timeout: number): Blocking {
    this.kernel.supervisorOnly("k_work_queue_stop");
    const thread = this.thread;
    if (thread === null) return -EALREADY;
    if (!this.plugged) return -EBUSY;
    this.stopping = true;
    this.notify();
    const rc = yield* thread.join(timeout);
    if (rc !== 0) {
      this.stopping = false;
      return -ETIMEDOUT;
    }
    this.thread = null;
    return 0;
  }

  /** Takes `work` in, if it may; the kernel's own. @returns 0; -ENODEV; -EBUSY */
  accept(work: Work): number {
    const k = this.kernel;
    if (this.thread === null) return -ENODEV;
    const chained = k.current === this.thread && !k.isr;
    if (this.draining && !chained) return -EBUSY;
    if (this.plugged && !this.draining) return -EBUSY;
    this.items.push(work);
    if (k.checker !== null) k.checker.release(work, k.current);
    this.notify();
    return 0;
  }

  /** Takes a waiting item out; the kernel's own. */
  drop(work: Work): void {
    const index = this.items.indexOf(work);
    if (index >= 0) this.items.splice(index, 1);
  }

  /** Puts a flusher behind `work`, or first when the work runs; the kernel's own. */
  insertFlusher(flusher: Work, work: Work | null): void {
    const index = work === null ? 0 : this.items.indexOf(work) + 1;
    flusher.queue = this;
    flusher.state |= WorkState.QUEUED;
    this.items.splice(index, 0, flusher);
    this.notify();
  }

  private notify(): void {
    const k = this.kernel;
    const idler = this.idlers.head;
    if (idler === null) return;
    unpend(k, idler);
    ready(k, idler);
  }

  private *main(): ThreadBody {
    const k = this.kernel;
    for (;;) {
      const work = this.items.shift();
      if (work === undefined) {
        if (this.draining) {
          this.draining = false;
          for (let thread = this.drainers.head; thread !== null; thread = this.drainers.head) {
            unpend(k, thread);
            ready(k, thread);
          }
          if (reschedule(k, 0, 0) === SWITCH) yield SWITCH;
          continue;
        }
        if (this.stopping) return;
        if (pendCurrent(k, this.idlers, K_FOREVER, 0, 0) === SWITCH) yield SWITCH;
        continue;
      }
      work.state = (work.state & ~WorkState.QUEUED) | WorkState.RUNNING;
      this.busy = true;
      if (k.checker !== null) k.checker.acquire(work, k.current);
      const running = work.handler(work);
      if (running !== undefined) yield* running;
      work.finished();
      this.busy = false;
      if (!this.noYield) yield* k.yield();
      else if (reschedule(k, 0, 0) === SWITCH) yield SWITCH;
    }
  }
}
