import { EBUSY } from "@sof-ts/kit";
import { K_FOREVER, SWITCH, ThreadState } from "./constants.js";
import { beginThread } from "./create-thread.js";
import { KernelAssertion } from "./fatal.js";
import type { Kernel } from "./kernel.js";
import { pendCurrent, ready, reschedule, setRank, unpend } from "./scheduler.js";
import { Sem } from "./sem.js";
import type { Blocking, Thread, ThreadBody } from "./thread.js";
import { WaitQueue } from "./wait-queue.js";

/** Flags of a queue, Zephyr's `K_P4WQ_*`. */
export interface P4wqOptions {
  readonly name?: string;
  /** Worker threads. */
  readonly threads: number;
  /** K_P4WQ_DELAYED_START: workers are suspended until `enableStaticThread`. */
  readonly delayedStart?: boolean;
  /** K_P4WQ_USER_CPU_MASK: workers start with an empty CPU mask, which `enableStaticThread` sets. */
  readonly userCpuMask?: boolean;
}

/** An item of a pooled parallel preemptible priority-based work queue (Zephyr's `struct k_p4wq_work`). */
export class P4wqWork {
  readonly handler: (work: P4wqWork) => void | Blocking<void>;
  /** The worker has it while it runs the handler. */
  priority: number;
  /** Relative when set; absolute, in cycles, from the submission on. */
  deadline: number;
  /** `wait` blocks for it. */
  readonly sync: boolean;
  /** Worker that runs it, or ran it last and was not replaced. */
  thread: Thread | null = null;
  queue: P4wq | null = null;
  /** Given when a sync item is done. */
  readonly done: Sem;
  /** Has run, or was cancelled, since its last submission. */
  finished = false;

  constructor(
    kernel: Kernel,
    handler: (work: P4wqWork) => void | Blocking<void>,
    options: { readonly priority: number; readonly deadline?: number; readonly sync?: boolean },
  ) {
    this.handler = handler;
    this.priority = options.priority;
    this.deadline = options.deadline ?? 0;
    this.sync = options.sync === true;
    this.done = new Sem(kernel, 0, 1, "p4wq done");
  }
}

/**
 * Zephyr's `k_p4wq`: items run by priority and earliest deadline on a pool of workers, at most as many at
 * once as there are CPUs unless better ones come. Supervisor only.
 */
export class P4wq {
  readonly kernel: Kernel;
  readonly threads: readonly Thread[];
  private readonly queued: P4wqWork[] = [];
  private readonly active: P4wqWork[] = [];
  private readonly idlers: WaitQueue;
  private readonly requeued = new Set<Thread>();
  /** Workers that were woken and have not taken an item yet. */
  private woken = 0;

  constructor(kernel: Kernel, options: P4wqOptions) {
    this.kernel = kernel;
    this.idlers = new WaitQueue(null, kernel.narrow);
    const name = options.name ?? "p4wq";
    const held = options.delayedStart === true || options.userCpuMask === true;
    this.threads = Array.from({ length: options.threads }, (_, index) => {
      const thread = kernel.createThread({
        name: `${name} ${index}`,
        priority: kernel.bestPriority,
        delay: held ? K_FOREVER : 0,
        entry: () => this.main(),
      });
      if (options.userCpuMask === true) thread.cpuMaskClear();
      return thread;
    });
  }

  /** Zephyr's `k_p4wq_enable_static_thread`: lets worker `index` run on the CPUs of `mask`. Thread. */
  enableStaticThread(index: number, mask: number): void {
    this.kernel.supervisorOnly("k_p4wq_enable_static_thread");
    const thread = this.threads[index] as Thread;
    for (let cpu = 0; cpu < this.kernel.cpus.length; cpu++) {
      if ((mask & (1 << cpu)) !== 0) thread.cpuMaskEnable(cpu);
    }
    if ((thread.state & (ThreadState.SLEEPING | ThreadState.PRESTART)) !== 0) {
      beginThread(this.kernel, thread);
    }
  }

  /**
   * Zephyr's `k_p4wq_submit`: the item's deadline counts from now. A handler may submit its own item. Thread
   * and ISR. A reschedule point.
   *
   * @returns 0; SWITCH
   */
  submitNow(work: P4wqWork): number {
    const k = this.kernel;
    k.supervisorOnly("k_p4wq_submit");
    work.deadline += k.cpu.time;
    const running = this.active.indexOf(work);
    if (running >= 0 && work.thread === k.current) {
      this.active.splice(running, 1);
      this.requeued.add(k.current);
      work.thread = null;
    } else if (running >= 0 || this.queued.includes(work)) {
      throw new KernelAssertion("k_p4wq_submit of an item that is pending");
    }
    work.done.count = 0;
    work.finished = false;
    work.queue = this;
    if (k.checker !== null) k.checker.release(work, k.current);
    this.insert(work);
    // What a woken worker is about to take counts as active already.
    let ahead = Math.min(this.woken, this.queued.indexOf(work));
    for (const other of this.active) if (!before(work, other)) ahead++;
    const worker = ahead >= k.cpus.length ? null : this.idlers.head;
    if (worker !== null) {
      this.woken++;
      unpend(k, worker);
      setRank(k, worker, work.priority, work.deadline);
      ready(k, worker);
    }
    return reschedule(k, k.costs.workSubmit, 0);
  }

  /** {@link submitNow} as a generator. */
  *submit(work: P4wqWork): Blocking {
    const rc = this.submitNow(work);
    return rc === SWITCH ? yield SWITCH : rc;
  }

  /** Zephyr's `k_p4wq_cancel`. Thread and ISR. @returns whether it was still queued */
  cancel(work: P4wqWork): boolean {
    this.kernel.supervisorOnly("k_p4wq_cancel");
    const index = this.queued.indexOf(work);
    if (index < 0) return false;
    this.queued.splice(index, 1);
    work.queue = null;
    work.finished = true;
    if (work.sync) this.markDone(work);
    return true;
  }

  /**
   * Zephyr's `k_p4wq_wait`: for a sync item until it is done; any other only tells. Thread.
   *
   * @returns 0 done; -EBUSY not done (or never submitted) and not to wait, or no sync item; -EAGAIN on time-out; SWITCH
   */
  waitNow(work: P4wqWork, timeout: number): number {
    const k = this.kernel;
    if (work.sync) return work.done.takeNow(timeout);
    return k.leave(k.costs.semTake, work.finished ? 0 : -EBUSY);
  }

  /** {@link waitNow} as a generator. */
  *wait(work: P4wqWork, timeout: number): Blocking {
    const rc = this.waitNow(work, timeout);
    return rc === SWITCH ? yield SWITCH : rc;
  }

  /** Items that wait, and items that run. */
  get lengths(): { readonly queued: number; readonly active: number } {
    return { queued: this.queued.length, active: this.active.length };
  }

  /** Gives the item's semaphore in a call that cannot switch. */
  private markDone(work: P4wqWork): void {
    const k = this.kernel;
    const waiter = work.done.waiters.head;
    if (waiter === null) work.done.count = 1;
    else {
      unpend(k, waiter);
      waiter.result = 0;
      beginThread(k, waiter);
    }
  }

  private insert(work: P4wqWork): void {
    let at = this.queued.length;
    while (at > 0 && before(work, this.queued[at - 1] as P4wqWork)) at--;
    this.queued.splice(at, 0, work);
  }

  private *main(): ThreadBody {
    const k = this.kernel;
    const self = k.current;
    for (;;) {
      const work = this.queued.shift();
      if (work === undefined) {
        if (pendCurrent(k, this.idlers, K_FOREVER, 0, 0) === SWITCH) yield SWITCH;
        this.woken--;
        continue;
      }
      this.active.push(work);
      if (k.checker !== null) k.checker.acquire(work, self);
      work.thread = self;
      setRank(k, self, work.priority, work.deadline);
      // A worker that was the best may not be any more.
      if (reschedule(k, 0, 0) === SWITCH) yield SWITCH;
      const running = work.handler(work);
      if (running !== undefined) yield* running;
      if (this.requeued.delete(self)) continue;
      this.active.splice(this.active.indexOf(work), 1);
      work.thread = null;
      work.queue = null;
      work.finished = true;
      if (work.sync) yield* work.done.give();
    }
  }
}

/** Whether `a` goes before `b`: better priority, then earlier deadline. */
function before(a: P4wqWork, b: P4wqWork): boolean {
  return a.priority !== b.priority ? a.priority < b.priority : a.deadline < b.deadline;
}
