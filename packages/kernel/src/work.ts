import { EINVAL, EBUSY } from "@sof-ts/kit";
import { Timeout, type TimeoutOwner } from "./clock.js";
import { K_FOREVER, SWITCH } from "./constants.js";
import { KernelAssertion } from "./fatal.js";
import type { Kernel } from "./kernel.js";
import { pendCurrent, ready, reschedule, unpend } from "./scheduler.js";
import { Sem } from "./sem.js";
import type { Blocking } from "./thread.js";
import { WaitQueue } from "./wait-queue.js";
import type { WorkQueue } from "./work-queue.js";

/** Bits of `busyGet`, Zephyr's `K_WORK_*`. */
export const WorkState = { RUNNING: 1, CANCELING: 2, QUEUED: 4, DELAYED: 8 } as const;

/** What a work item does on its queue's thread; a generator when it blocks. */
export type WorkHandler<W> = (work: W) => void | Blocking<void>;

/** A work item (Zephyr's `struct k_work`): queued at most once, run once per queueing. */
export class Work {
  readonly kernel: Kernel;
  readonly handler: WorkHandler<Work>;
  readonly name: string;
  /** {@link WorkState} bits. */
  state = 0;
  /** Queue that it is on, runs on, or was on last. */
  queue: WorkQueue | null = null;
  /** Threads in `cancelSync`. */
  readonly cancellers: WaitQueue;

  constructor(kernel: Kernel, handler: (work: Work) => void | Blocking<void>, name = "") {
    this.kernel = kernel;
    this.handler = handler;
    this.name = name;
    this.cancellers = new WaitQueue(null, kernel.narrow);
  }

  /** Zephyr's `k_work_busy_get`. Any supervisor context. @returns {@link WorkState} bits, 0 when idle */
  busyGet(): number {
    this.kernel.supervisorOnly("k_work_busy_get");
    return this.state;
  }

  /** Queued, delayed, running or being cancelled (`k_work_is_pending`). */
  get pending(): boolean {
    return this.state !== 0;
  }

  /**
   * Zephyr's `k_work_submit_to_queue`. Thread and ISR. A reschedule point.
   *
   * @param queue null for the queue that it was on before
   * @returns 1 newly queued; 0 queued already; 2 was running and is queued again, where it runs; -EBUSY
   * being cancelled, or the queue drains or is plugged; -EINVAL no queue; -ENODEV queue not started; SWITCH
   */
  submitNow(queue: WorkQueue | null = this.kernel.systemWorkQueue): number {
    this.kernel.supervisorOnly("k_work_submit_to_queue");
    return reschedule(this.kernel, this.kernel.costs.workSubmit, this.enqueue(queue));
  }

  /** {@link submitNow} as a generator. */
  *submit(queue: WorkQueue | null = this.kernel.systemWorkQueue): Blocking {
    const rc = this.submitNow(queue);
    return rc === SWITCH ? yield SWITCH : rc;
  }

  /** Queues without a reschedule point; the kernel's own. Results of {@link submitNow}. */
  enqueue(queue: WorkQueue | null): number {
    if ((this.state & WorkState.CANCELING) !== 0) return -EBUSY;
    if ((this.state & WorkState.QUEUED) !== 0) return 0;
    let target = queue ?? this.queue;
    let result = 1;
    if ((this.state & WorkState.RUNNING) !== 0) {
      target = this.queue;
      result = 2;
    }
    if (target === null) return -EINVAL;
    const rc = target.accept(this);
    if (rc < 0) return rc;
    this.state |= WorkState.QUEUED;
    this.queue = target;
    return result;
  }

  /**
   * Zephyr's `k_work_cancel`: takes it off its queue; a running handler goes on. Thread and ISR.
   *
   * @returns the {@link WorkState} bits that remain: 0 or RUNNING with CANCELING
   */
  cancel(): number {
    this.kernel.supervisorOnly("k_work_cancel");
    if ((this.state & WorkState.CANCELING) === 0) {
      this.unqueue();
      if ((this.state & WorkState.RUNNING) !== 0) this.state |= WorkState.CANCELING;
    }
    this.kernel.pass(this.kernel.costs.workSubmit);
    return this.state;
  }

  /**
   * Zephyr's `k_work_cancel_sync`: {@link cancel}, and waits for a running handler. Thread.
   *
   * @returns 1 when it was pending in any way, else 0; SWITCH
   */
  cancelSyncNow(): number {
    const k = this.kernel;
    if (k.isr) throw new KernelAssertion("k_work_cancel_sync in an ISR");
    if (this.state === 0) {
      k.supervisorOnly("k_work_cancel_sync");
      return k.leave(k.costs.workSubmit, 0);
    }
    if (this.cancel() === 0) return k.leave(0, 1);
    k.requireBlocking("k_work_cancel_sync");
    return pendCurrent(k, this.cancellers, K_FOREVER, 1, 0);
  }

  /** {@link cancelSyncNow} as a generator. */
  *cancelSync(): Blocking<boolean> {
    const rc = this.cancelSyncNow();
    return (rc === SWITCH ? yield SWITCH : rc) === 1;
  }

  /** Zephyr's `k_work_flush`: waits until it has run. Thread. @returns whether it had to wait */
  *flush(): Blocking<boolean> {
    const k = this.kernel;
    k.supervisorOnly("k_work_flush");
    if (k.isr) throw new KernelAssertion("k_work_flush in an ISR");
    const queue = this.queue;
    if ((this.state & (WorkState.QUEUED | WorkState.RUNNING)) === 0 || queue === null) return false;
    const done = new Sem(k, 0, 1, `flush ${this.name}`);
    k.objects.delete(done);
    const marker = new Work(k, () => gives(done), "flusher");
    queue.insertFlusher(marker, (this.state & WorkState.QUEUED) !== 0 ? this : null);
    yield* done.take(K_FOREVER);
    return true;
  }

  /** Takes it off the queue it waits on; the kernel's own. */
  unqueue(): void {
    if ((this.state & WorkState.QUEUED) === 0) return;
    this.queue?.drop(this);
    this.state &= ~WorkState.QUEUED;
  }

  /** Its handler has returned; the kernel's own. */
  finished(): void {
    const k = this.kernel;
    this.state &= ~WorkState.RUNNING;
    if ((this.state & WorkState.CANCELING) === 0) return;
    this.state &= ~WorkState.CANCELING;
    if (k.checker !== null) k.checker.release(this, k.current);
    for (let thread = this.cancellers.head; thread !== null; thread = this.cancellers.head) {
      unpend(k, thread);
      ready(k, thread);
      if (k.checker !== null) k.checker.acquire(this, thread);
    }
  }
}

function* gives(sem: Sem): Blocking<void> {
  yield* sem.give();
}

/** A work item that is queued after a delay (Zephyr's `struct k_work_delayable`). */
export class DelayableWork extends Work implements TimeoutOwner {
  private readonly timeout: Timeout = new Timeout(this);
  private target: WorkQueue | null = null;

  /**
   * Zephyr's `k_work_schedule_for_queue`. Thread and ISR. A reschedule point.
   *
   * @param delay nanoseconds; K_NO_WAIT submits
   * @param queue null for the queue that it was on before
   * @returns 0 scheduled or queued already, unchanged; 1 scheduled; else as `submitNow`; SWITCH
   */
  scheduleNow(delay: number, queue: WorkQueue | null = this.kernel.systemWorkQueue): number {
    const k = this.kernel;
    k.supervisorOnly("k_work_schedule_for_queue");
    const idle = (this.state & ~WorkState.RUNNING) === 0;
    return reschedule(k, k.costs.workSubmit, idle ? this.arm(delay, queue) : 0);
  }

  /** {@link scheduleNow} as a generator. */
  *schedule(delay: number, queue: WorkQueue | null = this.kernel.systemWorkQueue): Blocking {
    const rc = this.scheduleNow(delay, queue);
    return rc === SWITCH ? yield SWITCH : rc;
  }

  /** Zephyr's `k_work_reschedule_for_queue`: replaces delay and queue. Else as {@link scheduleNow}. */
  rescheduleNow(delay: number, queue: WorkQueue | null = this.kernel.systemWorkQueue): number {
    const k = this.kernel;
    k.supervisorOnly("k_work_reschedule_for_queue");
    this.disarm();
    return reschedule(k, k.costs.workSubmit, this.arm(delay, queue));
  }

  /** {@link rescheduleNow} as a generator. */
  *reschedule(delay: number, queue: WorkQueue | null = this.kernel.systemWorkQueue): Blocking {
    const rc = this.rescheduleNow(delay, queue);
    return rc === SWITCH ? yield SWITCH : rc;
  }

  /** Zephyr's `k_work_cancel_delayable`. As `cancel`. */
  override cancel(): number {
    this.kernel.supervisorOnly("k_work_cancel_delayable");
    this.disarm();
    return super.cancel();
  }

  /** Zephyr's `k_work_flush_delayable`: a delayed item is submitted at once. As `flush`. */
  override *flush(): Blocking<boolean> {
    this.kernel.supervisorOnly("k_work_flush_delayable");
    if (this.kernel.isr) throw new KernelAssertion("k_work_flush_delayable in an ISR");
    if (this.disarm()) {
      const rc = reschedule(this.kernel, 0, this.enqueue(this.target));
      if (rc === SWITCH) yield SWITCH;
    }
    return yield* super.flush();
  }

  /** Zephyr's `k_work_delayable_remaining_get`: ticks to its submission, 0 when it is not delayed. */
  remainingTicks(): number {
    const k = this.kernel;
    k.supervisorOnly("k_work_delayable_remaining_get");
    return this.timeout.armed ? Math.max(0, this.timeout.tick - k.clock.tickAt(k.cpu.time)) : 0;
  }

  /** Zephyr's `k_work_delayable_expires_get`: tick of its submission, now when it is not delayed. */
  expiresTicks(): number {
    const k = this.kernel;
    k.supervisorOnly("k_work_delayable_expires_get");
    return this.timeout.armed ? this.timeout.tick : k.clock.tickAt(k.cpu.time);
  }

  /** The delay is over; in the tick interrupt. */
  onTimeout(): void {
    this.state &= ~WorkState.DELAYED;
    const { checker } = this.kernel;
    if (checker !== null) checker.acquire(this, this.kernel.current);
    this.enqueue(this.target);
  }

  private arm(delay: number, queue: WorkQueue | null): number {
    if (delay === 0) return this.enqueue(queue);
    const k = this.kernel;
    this.target = queue ?? this.queue;
    this.state |= WorkState.DELAYED;
    if (delay !== K_FOREVER) k.clock.start(this.timeout, delay, k.cpu.time);
    if (k.checker !== null) k.checker.release(this, k.current);
    return 1;
  }

  private disarm(): boolean {
    if ((this.state & WorkState.DELAYED) === 0) return false;
    this.kernel.clock.stop(this.timeout);
    this.state &= ~WorkState.DELAYED;
    return true;
  }
}
