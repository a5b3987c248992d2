import { assert, EINVAL, ENOMEM } from "@sof-ts/kit";
import {
  type Kernel,
  K_FOREVER,
  type MemDomain,
  ObjFlag,
  ObjType,
  Sem,
  type Thread,
} from "@sof-ts/kernel";
import type { LockingStrategy } from "./locking.js";
import { RunList } from "./run-list.js";
import { SchedulerRegistry, SchedulerType } from "./registry.js";
import { LlScheduler } from "./scheduler.js";

/** Cooperative and above everything but meta-IRQs (CONFIG_LL_THREAD_PRIORITY). */
export const LL_THREAD_PRIORITY = -16;
/** Ticks that may wait for the LL thread; more are lost and counted as overruns. */
export const LL_TICK_LIMIT = 10;

/** The hardware that a domain needs: one periodic interrupt per core. */
export interface TickSource {
  /** Calls `isr` in interrupt context on `core` every `periodUs`. */
  start(core: number, periodUs: number, isr: () => void): void;
  stop(core: number): void;
}

/** What an LL domain is made of; the composition root fills it in. */
export interface LlDomainConfig {
  readonly kernel: Kernel;
  readonly locking: LockingStrategy;
  readonly ticks: TickSource;
  /** LL_TIMER_PERIOD in microseconds, 1000 in all firmware images. */
  readonly periodUs: number;
  readonly cores: number;
  /**
   * Where the scheduler objects and their lists lie: the LL user heap in user LL, by its uncached alias, as every
   * core may schedule on every other. Without it they take no memory that anybody counts.
   */
  readonly memory?: { alloc(byteLength: number): number; free(address: number): void };
  /** Instruments the scheduler objects and their lists; a checked run has one. */
  readonly watcher?: SchedulerWatcher;
  /** The memory domain of user-mode LL threads; null leaves them in the default domain. */
  readonly memoryDomain: MemDomain | null;
  /** Bytes of stack of each LL thread (CONFIG_ZEPHYR_LL_STACK_SIZE). */
  readonly stackBytes: number;
  /** Thread name prefix; empty to leave threads unnamed. */
  readonly threadName: string;
  /** Feeds the watchdog of a core at the end of its tick. */
  feedWatchdog?(core: number): void;
}

/** Instruments the objects of the schedulers in a checked run. Calling context: any thread; never blocks. */
export interface SchedulerWatcher {
  /** @returns what the domain uses in place of `object` */
  watch<T extends object>(object: T, place: WatchedScheduler): T;
  /** The object's memory is given back. */
  free(object: object): void;
}

/** Where a scheduler's object lies. */
export interface WatchedScheduler {
  readonly name: string;
  readonly address: number;
  /** In bytes. */
  readonly size: number;
  /** Fields that are read without lock on purpose. */
  readonly unchecked: readonly string[];
}

/** Bytes of a scheduler's object and of its list head on a 32-bit machine. */
const SCHEDULER_BYTES = 160;
const RUN_LIST_BYTES = 32;

/** What one core holds while its domain is up. */
interface CoreDomain {
  readonly scheduler: LlScheduler;
  readonly thread: Thread;
  readonly tick: Sem;
}

/**
 * The low-latency domain (SOF's `zephyr_domain`): on each core that is up it owns the LL thread, the
 * semaphore that the timer interrupt gives, and the core's scheduler.
 */
export class LlDomain {
  private readonly config: LlDomainConfig;
  /** The schedulers of all cores; other packages put theirs here too. */
  readonly schedulers: SchedulerRegistry;
  private readonly cores: (CoreDomain | null)[];
  /** Tick semaphores of kernel LL, which are there as long as the firmware; user LL makes them with the core. */
  private readonly staticTicks: Sem[];
  /** Semaphores that frees wait on, of all cores. */
  private readonly taskSems = new Set<Sem>();
  /** Static ones that no free waits on at the moment: no more are ever made than waits were under way at once. */
  private readonly spareSems: Sem[] = [];
  /** Allocation and grant, and free, of kernel objects are the kernel's: it trusts nothing but the core's number. */
  private readonly allocTaskSem: (core: number, name: string) => Sem | null;
  private readonly freeTaskSem: (sem: Sem) => void;

  constructor(config: LlDomainConfig) {
    this.config = config;
    const { kernel } = config;
    this.freeTaskSem = kernel.defineSyscall("zephyr_ll_task_sem_free", {
      verify: (sem: Sem) => this.taskSems.has(sem),
      run: (sem: Sem) => {
        this.taskSems.delete(sem);
        if ((sem.flags & ObjFlag.DYNAMIC) === 0) this.spareSems.push(sem);
        else kernel.objectFree(sem);
      },
    });
    this.allocTaskSem = kernel.defineSyscall("zephyr_ll_task_sem_alloc", {
      verify: (core: number, _name: string) => this.thread(core) !== null,
      run: (core: number, name: string) => this.makeTaskSem(name, core),
    });
    this.schedulers = new SchedulerRegistry(kernel, config.cores);
    this.cores = Array.from({ length: config.cores }, () => null);
    this.staticTicks = config.locking.userMode
      ? []
      : this.cores.map((_, core) => new Sem(kernel, 0, LL_TICK_LIMIT, `ll_tick${core}`));
  }

  /**
   * Brings the domain up on `core` (`domain_thread_init`): semaphore, thread and timer are made here, by the
   * privileged initialisation of that core, and granted to the thread before it starts.
   *
   * Calling context: a kernel thread, or outside the machine.
   *
   * @returns 0; -EINVAL when the core does not exist or is up already; -ENOMEM without memory
   */
  *threadInit(core: number): Generator<number, number, number> {
    const { kernel, locking, ticks, periodUs, memoryDomain, threadName } = this.config;
    if (this.cores[core] !== null) return -EINVAL;
    const { memory } = this.config;
    const address = memory?.alloc(SCHEDULER_BYTES + RUN_LIST_BYTES) ?? 0;
    if (memory !== undefined && address === 0) return -ENOMEM;
    const tick = this.makeTickSem(core);
    if (tick === null) {
      memory?.free(address);
      return -ENOMEM;
    }
    const scheduler = this.makeScheduler(core, address);
    const list = locking.userMode ? "user" : "kernel";
    const registered = this.schedulers.register(core, SchedulerType.LL_TIMER, list, scheduler);
    assert(registered === 0, `core ${core} has an LL scheduler already`);
    const thread = kernel.createThread({
      name: threadName === "" ? "" : `${threadName}${core}`,
      entry: () => scheduler.run(tick),
      priority: LL_THREAD_PRIORITY,
      user: locking.userMode,
      delay: K_FOREVER,
      stackBytes: this.config.stackBytes,
    });
    const pinned = thread.cpuPin(core);
    assert(pinned === 0, `LL thread of core ${core} cannot be pinned: ${pinned}`);
    if (locking.userMode) {
      memoryDomain?.addThread(thread);
      kernel.accessGrant(tick, thread);
      locking.grant(thread, core);
    }
    scheduler.thread = thread;
    scheduler.makeSem = (name) => this.allocTaskSem(core, name);
    scheduler.freeSem = this.freeTaskSem;
    const feed = this.config.feedWatchdog;
    if (feed !== undefined) scheduler.onTickDone = () => feed(core);
    this.cores[core] = { scheduler, thread, tick };
    yield* thread.start();
    ticks.start(core, periodUs, () => {
      if (scheduler.inTick || tick.count > 0) scheduler.stats.overruns++;
      tick.giveNow();
    });
    return 0;
  }

  /**
   * Takes the domain down on `core` (`domain_thread_free`). Calling context: a kernel thread, with no task
   * left on the core.
   *
   * @returns 0; -EINVAL when the core is not up or still has tasks
   */
  *threadFree(core: number): Generator<number, number, number> {
    const domain = this.cores[core];
    if (domain === null || domain === undefined || domain.scheduler.taskCount > 0) return -EINVAL;
    this.config.ticks.stop(core);
    yield* domain.thread.abort();
    this.config.kernel.objectFree(domain.tick);
    this.schedulers.unregister(core, SchedulerType.LL_TIMER);
    this.config.memory?.free(domain.scheduler.address);
    this.config.watcher?.free(domain.scheduler.runList);
    this.config.watcher?.free(domain.scheduler);
    this.cores[core] = null;
    return 0;
  }

  /**
   * The LL thread of a core has ended by a fault: no tick comes any more and nothing can be scheduled there, until
   * {@link threadFree} and {@link threadInit} bring the core up anew. Tasks can be freed. Calling context: the
   * fatal error handler.
   */
  threadLost(core: number): void {
    const domain = this.cores[core];
    assert(domain !== null && domain !== undefined, `core ${core} has no LL thread to lose`);
    this.config.ticks.stop(core);
    domain.scheduler.abandon();
  }

  /** The scheduler of a core that is up (`scheduler_get_data` for an explicit core), or null. */
  scheduler(core: number): LlScheduler | null {
    const { schedulers, config } = this;
    const found = config.locking.userMode
      ? schedulers.userData(core, SchedulerType.LL_TIMER)
      : schedulers.kernelData(core, SchedulerType.LL_TIMER);
    return found as LlScheduler | null;
  }

  /** The LL thread of a core that is up, or null. */
  thread(core: number): Thread | null {
    return this.cores[core]?.thread ?? null;
  }

  private makeScheduler(core: number, address: number): LlScheduler {
    const { kernel, locking, periodUs, watcher } = this.config;
    const list = new RunList();
    if (watcher === undefined)
      return new LlScheduler(kernel, locking, core, periodUs, address, list);
    const runList = watcher.watch(list, {
      name: `zephyr_ll${core} run list`,
      address: address + SCHEDULER_BYTES,
      size: RUN_LIST_BYTES,
      unchecked: [],
    });
    const made = new LlScheduler(kernel, locking, core, periodUs, address, runList);
    // Where a task lies is known to its owner only.
    made.watchTask = (task) =>
      watcher.watch(task, { name: `task ${task.name}`, address: 0, size: 0, unchecked: [] });
    return watcher.watch(made, {
      name: `zephyr_ll${core}`,
      address,
      size: SCHEDULER_BYTES,
      // The timer's interrupt looks whether it comes too soon.
      unchecked: ["inTick"],
    });
  }

  /** Calling context: inside the system call. @returns null without memory, or without a pool to take it from */
  private makeTaskSem(name: string, core: number): Sem | null {
    const { kernel, locking } = this.config;
    const { current } = kernel;
    const poor = current.heap === null;
    if (poor && current.userMode) return null;
    const sem = locking.userMode && !poor ? this.dynamicSem() : this.spareSem();
    if (sem === null) return null;
    sem.init(0, 1);
    sem.name = name;
    if (locking.userMode) {
      const thread = this.thread(core);
      assert(thread !== null, "a core with tasks has an LL thread");
      kernel.accessGrant(sem, thread);
    }
    this.taskSems.add(sem);
    return sem;
  }

  /** User LL makes them with the core, of the creator's resource pool; a creator without one has a static one. */
  private makeTickSem(core: number): Sem | null {
    const { kernel, locking } = this.config;
    const pooled = locking.userMode && kernel.current.heap !== null;
    const sem = pooled ? this.dynamicSem() : (this.staticTicks[core] ??= new Sem(kernel, 0, 1));
    if (sem === null) return null;
    sem.init(0, LL_TICK_LIMIT);
    sem.name = `ll_tick${core}`;
    return sem;
  }

  /** From the creator's resource pool, which grants it to the creator. */
  private dynamicSem(): Sem | null {
    return this.config.kernel.objectAlloc(ObjType.SEM);
  }

  /** For threads that need no grants: those of kernel LL, and supervisors. */
  private spareSem(): Sem {
    return this.spareSems.pop() ?? new Sem(this.config.kernel, 0, 1);
  }
}
