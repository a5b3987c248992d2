import { assert } from "@sof-ts/kit";
import type { Kernel, KernelChecker, KernelTrace, Thread } from "@sof-ts/kernel";
import { CoherenceChecker } from "./coherence.js";
import { LifetimeChecker } from "./lifetime.js";
import { PrivilegeChecker } from "./privilege.js";
import { ProgressChecker } from "./progress.js";
import { RaceChecker } from "./races.js";
import { type CheckerName, checkerNames, onlyOnce, siteOf, type Violation } from "./violation.js";
import { Watched, type WatchOptions } from "./watched.js";

export interface ChecksOptions {
  /** Which checkers look; all unless given. */
  readonly checkers?: readonly CheckerName[];
  /** Longest time that a ready thread may wait for a CPU, in cycles; 0, the default, for any. */
  readonly starvationCycles?: number;
  /** Called at each violation, before the machine goes on; it may throw to stop there. */
  readonly onViolation?: (violation: Violation) => void;
}

/**
 * A checked run: the listener that a kernel is given, and the instrumentation of objects. Give {@link checker}
 * and {@link trace} to the kernel, the kernel to {@link attach}, and each object that the machine's memory holds to
 * {@link watch}. Calling context: anywhere; costs no virtual time and changes nothing of a run.
 */
export class Checks {
  /** What was found, in order; each rule once for each object and field. */
  readonly violations: Violation[] = [];
  /** For `KernelConfig.checker`. */
  readonly checker: KernelChecker;
  /** For `KernelConfig.trace`. */
  readonly trace: KernelTrace;
  private readonly privilege: PrivilegeChecker | null;
  private readonly lifetime: LifetimeChecker | null;
  private readonly progress: ProgressChecker | null;
  private readonly coherence: CoherenceChecker | null;
  private readonly races: RaceChecker | null;
  private readonly watched = new WeakMap<object, Watched>();
  private kernel: Kernel | null = null;

  constructor(options: ChecksOptions = {}) {
    const { checkers = checkerNames, starvationCycles = 0, onViolation } = options;
    const report = onlyOnce((violation) => {
      this.violations.push(violation);
      onViolation?.(violation);
    });
    const on = (name: CheckerName): boolean => checkers.includes(name);
    this.privilege = on("privilege") ? new PrivilegeChecker(report) : null;
    this.lifetime = on("lifetime") ? new LifetimeChecker(report) : null;
    this.progress = on("progress") ? new ProgressChecker(report, starvationCycles) : null;
    this.coherence = on("coherence") ? new CoherenceChecker(report) : null;
    this.races = on("races") ? new RaceChecker(report) : null;
    this.checker = this.makeChecker();
    this.trace = this.makeTrace();
  }

  /** Names the kernel whose threads touch what is watched. Called once, before the machine runs. */
  attach(kernel: Kernel): void {
    assert(this.kernel === null, "checks are for one kernel");
    this.kernel = kernel;
  }

  /**
   * Puts an object under watch.
   *
   * @returns what the program uses in its place: every access to a field, also by the object's own methods, is
   *   checked. An array in a field is one more field, `name[]`, with all that is in it
   */
  watch<T extends object>(object: T, options: WatchOptions): T {
    const kernel = this.attached();
    const watched = new Watched(options, siteOf(kernel, "allocate"));
    const proxy = this.proxyOf(object, watched, "");
    this.watched.set(proxy, watched);
    this.lifetime?.place(watched);
    this.coherence?.fresh(watched.address, watched.size);
    return proxy;
  }

  /**
   * An object's memory is given back: further accesses to a watched object are errors, and so is further use of a
   * kernel object or a work item.
   */
  free(object: object): void {
    const watched = this.watched.get(object);
    if (watched === undefined) this.lifetime?.objectFreed(this.attached(), object);
    else this.lifetime?.free(this.attached(), watched);
  }

  /** A heap hands out a block, which is nobody's cache's: an allocator invalidates what it hands out. */
  allocated(address: number, size: number): void {
    this.lifetime?.allocated(address, size);
    this.coherence?.fresh(address, size);
  }

  /** A heap gets a block back, and with it all watched objects in it. */
  freed(address: number): void {
    this.lifetime?.freedBlock(this.attached(), address);
  }

  /** The current core reads or writes memory through the uncached alias. */
  uncached(address: number, size: number, write: boolean): void {
    this.coherence?.uncached(this.attached(), address, size, write);
  }

  /** The current core writes the lines of a range back (`sys_cache_data_flush_range`). */
  writeBack(address: number, size: number): void {
    this.coherence?.writeBack(this.attached(), address, size);
  }

  /** The current core drops the lines of a range (`sys_cache_data_invd_range`). */
  invalidate(address: number, size: number): void {
    this.coherence?.invalidate(this.attached(), address, size);
  }

  /**
   * To call when the run is over and nothing can happen any more.
   *
   * @param mayWait whether a thread may be left waiting without time-out; none may unless given
   */
  finish(mayWait: (thread: Thread) => boolean = () => false): void {
    this.progress?.finish(this.attached(), mayWait);
  }

  private attached(): Kernel {
    assert(this.kernel !== null, "checks are attached to a kernel");
    return this.kernel;
  }

  private access(watched: Watched, field: string, write: boolean): void {
    if (watched.unchecked.has(field)) return;
    const kernel = this.attached();
    this.lifetime?.access(kernel, watched, field, write);
    this.privilege?.access(kernel, watched, field, write);
    this.coherence?.access(kernel, watched, field, write);
    this.races?.access(kernel, watched, field, write);
  }

  /** @param list name of the one field that all accesses count for; empty for an object with fields */
  private proxyOf<T extends object>(object: T, watched: Watched, list: string): T {
    const lists = new Map<object, object>();
    const nameOf = (key: string): string => (list === "" ? key : list);
    return new Proxy(object, {
      get: (target, key, receiver) => {
        const value: unknown = Reflect.get(target, key, receiver);
        // Methods and accessors are code; what they touch is seen through the receiver.
        if (typeof key === "symbol" || typeof value === "function" || !Object.hasOwn(target, key))
          return value;
        this.access(watched, nameOf(key), false);
        if (!Array.isArray(value) || list !== "") return value;
        let inner = lists.get(value);
        if (inner === undefined) {
          inner = this.proxyOf(value, watched, `${key}[]`);
          lists.set(value, inner);
        }
        return inner;
      },
      set: (target, key, value: unknown, receiver) => {
        const own = Object.hasOwn(target, key) || !(key in target);
        if (typeof key !== "symbol" && own) this.access(watched, nameOf(key), true);
        // Through the receiver a data property would be defined anew, past this trap's own bookkeeping.
        return own ? Reflect.set(target, key, value) : Reflect.set(target, key, value, receiver);
      },
    });
  }

  private makeChecker(): KernelChecker {
    const { races, progress, lifetime } = this;
    return {
      destroyed: (object, actor) => lifetime?.objectFreed(actor.kernel, object),
      acquire: (object, actor) => {
        lifetime?.used(object, actor);
        races?.acquire(object, actor);
        progress?.acquire(object, actor);
      },
      release: (object, actor) => {
        lifetime?.used(object, actor);
        races?.release(object, actor);
        progress?.release(object, actor);
      },
      threadStart: (parent, child) => races?.threadStart(parent, child),
      threadJoin: (waiter, ended) => races?.threadJoin(waiter, ended),
      raise: (actor, cpu, irq) => races?.raise(actor, cpu, irq),
      interrupt: (interrupted, entering, irq) => races?.interrupt(interrupted, entering, irq),
    };
  }

  private makeTrace(): KernelTrace {
    const { privilege, progress, races } = this;
    return {
      pend: (_time, _cpu, thread, object) => {
        races?.waiting(thread);
        progress?.pend(thread, object);
      },
      ready: (_time, _cpu, thread) => progress?.ready(thread),
      threadSwitch: (_time, _cpu, from, to) => {
        races?.switchedTo(to);
        progress?.switched(from, to);
      },
      threadEnd: (_time, _cpu, thread) => progress?.ended(thread),
      fatal: (_time, _cpu, info) => {
        const { kernel } = info.thread;
        privilege?.fatal(kernel, info);
        progress?.fatal(kernel, info);
      },
    };
  }
}
