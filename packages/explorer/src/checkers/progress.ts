import {
  type FatalInfo,
  type Kernel,
  KernelAssertion,
  type KObject,
  Mutex,
  Spinlock,
  SysMutex,
  Thread,
} from "@sof-ts/kernel";
import { LockOrder } from "./lock-order.js";
import { type AccessSite, type Report, siteOf } from "./violation.js";

interface Held {
  count: number;
  readonly site: AccessSite;
}

type Lock = Mutex | SysMutex | Spinlock;

function isLock(object: object): object is Lock {
  return object instanceof Mutex || object instanceof SysMutex || object instanceof Spinlock;
}

/**
 * What keeps threads from going on: deadlocks, orders of locks that can make one, waits with interrupts masked
 * or a spinlock held, locks that their holder took to its grave, threads that wait for ever or starve.
 */
export class ProgressChecker {
  private readonly report: Report;
  private readonly starvationCycles: number;
  private readonly held = new Map<Thread, Map<Lock, Held>>();
  private readonly order = new LockOrder();
  private readonly waits = new Map<Thread, AccessSite>();
  private readonly readySince = new Map<
    Thread,
    { readonly time: number; readonly site: AccessSite }
  >();

  constructor(report: Report, starvationCycles: number) {
    this.report = report;
    this.starvationCycles = starvationCycles;
  }

  acquire(object: object, thread: Thread): void {
    if (!isLock(object)) return;
    const { kernel } = thread;
    // A handler's spinlocks are no locks of the thread that it interrupted.
    if (kernel.inIsr && thread === kernel.current) return;
    let locks = this.held.get(thread);
    if (locks === undefined) {
      locks = new Map();
      this.held.set(thread, locks);
    }
    const known = locks.get(object);
    if (known !== undefined) {
      known.count++;
      return;
    }
    const site = siteOf(kernel, "lock", thread);
    for (const from of locks.keys()) {
      const guards = new Set<object>([...locks.keys()].filter((other) => other !== from));
      const opposite = this.order.add({ from, to: object, thread, guards, site });
      if (opposite !== null)
        this.tell("lock-order-inversion", object, from.name, opposite.site, site);
    }
    locks.set(object, { count: 1, site });
  }

  release(object: object, thread: Thread): void {
    if (!isLock(object)) return;
    const { kernel } = thread;
    if (kernel.inIsr && thread === kernel.current) return;
    const locks = this.held.get(thread);
    const known = locks?.get(object);
    if (locks === undefined || known === undefined) return;
    if (--known.count === 0) locks.delete(object);
  }

  /** `thread` starts to wait. */
  pend(thread: Thread, object: KObject | null): void {
    const { kernel } = thread;
    const site = siteOf(kernel, "wait");
    this.waits.set(thread, site);
    this.readySince.delete(thread);
    const cpu = kernel.currentCpu;
    if (cpu !== null && cpu.masked && cpu.spinHeld === 0)
      this.tell("wait-with-interrupts-masked", object ?? thread, "", null, site);
    this.findDeadlock(thread, object, site);
  }

  ready(thread: Thread): void {
    if (this.starvationCycles === 0) return;
    const { kernel } = thread;
    this.readySince.set(thread, { time: kernel.now, site: siteOf(kernel, "make ready") });
  }

  switched(from: Thread, to: Thread): void {
    if (this.starvationCycles === 0) return;
    const { kernel } = to;
    this.checkStarved(to, kernel.now);
    this.readySince.delete(to);
    if (from.rqPrev !== null || from.rqNext !== null || from.stateString() === "queued")
      this.ready(from);
  }

  ended(thread: Thread): void {
    for (const [lock, { site }] of this.held.get(thread) ?? [])
      this.tell("ended-with-lock", lock, "", site, siteOf(thread.kernel, "end", thread));
    this.held.delete(thread);
    this.waits.delete(thread);
    this.readySince.delete(thread);
  }

  fatal(kernel: Kernel, info: FatalInfo): void {
    const cpu = kernel.cpus[info.cpu];
    if (!(info.cause instanceof KernelAssertion) || cpu === undefined || cpu.spinHeld === 0) return;
    const locks = this.held.get(info.thread) ?? new Map<Lock, Held>();
    for (const [lock, { site }] of locks) {
      if (!(lock instanceof Spinlock)) continue;
      this.tell("wait-with-spinlock", lock, "", site, siteOf(kernel, info.message, info.thread));
    }
  }

  /**
   * Looks at what is left when a run has come to its end.
   *
   * @param mayWait whether a thread may be left waiting, as one that serves others may
   */
  finish(kernel: Kernel, mayWait: (thread: Thread) => boolean): void {
    for (const thread of kernel.threads) {
      const site = this.waits.get(thread);
      const queue = thread.pendedOn;
      if (site !== undefined && queue !== null && !thread.timeout.armed && !mayWait(thread))
        this.tell("waits-for-ever", thread, queue.object?.name ?? "", null, site);
      if (this.starvationCycles > 0) this.checkStarved(thread, kernel.now);
    }
  }

  private checkStarved(thread: Thread, now: number): void {
    const since = this.readySince.get(thread);
    if (since === undefined || now - since.time <= this.starvationCycles) return;
    this.tell("starved", thread, "", since.site, siteOf(thread.kernel, "run"));
  }

  /** Follows who waits for whom; a way back to `thread` on which nobody has a time-out never ends. */
  private findDeadlock(thread: Thread, object: KObject | null, site: AccessSite): void {
    if (thread.timeout.armed) return;
    let next = holderOf(object);
    let first: AccessSite | null = null;
    const seen = new Set<Thread>();
    while (next !== null && !seen.has(next)) {
      seen.add(next);
      if (next === thread) {
        this.tell("deadlock", object ?? thread, "", first, site);
        return;
      }
      if (next.timeout.armed || next.pendedOn === null) return;
      first = this.waits.get(next) ?? null;
      next = holderOf(next.pendedOn.object);
    }
  }

  private tell(
    rule: string,
    object: { readonly name: string; readonly address?: number },
    field: string,
    first: AccessSite | null,
    second: AccessSite,
  ): void {
    const address = object.address ?? 0;
    this.report({ checker: "progress", rule, object: object.name, field, address, first, second });
  }
}

/** The thread that has to act before a wait on `object` ends, when there is one. */
function holderOf(object: KObject | null): Thread | null {
  if (object instanceof Thread) return object;
  return object instanceof Mutex ? object.owner : null;
}
