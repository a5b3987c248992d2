import { assert, EIO, ETIMEDOUT } from "@sof-ts/kit";
import type { Blocking, MemDomain, Thread } from "@sof-ts/kernel";
import type { WorkItem } from "./work-item.js";
import { Worker, type WorkerConfig } from "./worker.js";

/**
 * Where the operations of isolated modules run. Injected; nothing else asks which kind it is.
 *
 * Calling context: supervisor threads; those of one core one at a time if {@link exclusive}.
 */
export interface OperationRunner {
  /** Whether callers for modules of one core have to take turns. */
  readonly exclusive: boolean;
  /** Takes what a module on `core` needs. @returns 0 or -ENOMEM; an assertion for a core that is none */
  get(core: number): Blocking;
  /** Gives it back. */
  put(core: number): Blocking<void>;
  /**
   * Carries `item` out in `domain`.
   *
   * @returns 0 when it is done; else a negative errno, and nothing of it runs any more
   */
  run(core: number, domain: MemDomain, item: WorkItem): Blocking;
  /** Has no thread in `domain` any more. */
  leave(core: number, domain: MemDomain): void;
}

/** One worker for each core, made with the core's first module, pinned once. */
export class PerCoreWorkers implements OperationRunner {
  readonly exclusive = true;
  private readonly workers: readonly Worker[];

  /** @param cores CONFIG_CORE_COUNT */
  constructor(config: WorkerConfig, cores: number) {
    this.workers = Array.from(
      { length: cores },
      (_, core) => new Worker(config, `userspace_proxy${core}`, core),
    );
  }

  get(core: number): Blocking {
    return this.of(core).get();
  }

  put(core: number): Blocking<void> {
    return this.of(core).put();
  }

  run(core: number, domain: MemDomain, item: WorkItem): Blocking {
    return this.of(core).run(domain, item, stay);
  }

  leave(core: number, domain: MemDomain): void {
    this.of(core).leave(domain);
  }

  /** The thread of a core's worker, null while no module needs it. */
  thread(core: number): Thread | null {
    return this.of(core).thread;
  }

  /** Modules that use a core's worker. */
  references(core: number): number {
    return this.of(core).references;
  }

  private of(core: number): Worker {
    const worker = this.workers[core];
    assert(worker !== undefined, `core ${core} is not in 0..${this.workers.length - 1}`);
    return worker;
  }
}

const stay = (): number => 0;

/**
 * The older design, kept to compare with: one worker for all cores, which is pinned again for each operation
 * to the core of its module. A thread that is runnable or runs cannot be pinned, so with more than one core
 * operations fail (-EINVAL) whenever the worker is not at rest; and callers of several cores move it between
 * domains under one another's feet.
 */
export class SingleWorker implements OperationRunner {
  readonly exclusive = false;
  private readonly worker: Worker;
  private readonly cores: number;
  private readonly cpuMask: boolean;

  /**
   * @param cores CONFIG_CORE_COUNT
   * @param cpuMask CONFIG_SCHED_CPU_MASK; without it threads cannot be pinned, and the worker runs anywhere
   */
  constructor(config: WorkerConfig, cores: number, cpuMask: boolean) {
    this.worker = new Worker(config, "userspace_proxy", null);
    this.cores = cores;
    this.cpuMask = cpuMask;
  }

  *get(core: number): Blocking {
    this.check(core);
    return yield* this.worker.get();
  }

  *put(core: number): Blocking<void> {
    this.check(core);
    yield* this.worker.put();
  }

  run(core: number, domain: MemDomain, item: WorkItem): Blocking {
    const pin = this.cpuMask ? (thread: Thread): number => thread.cpuPin(core) : stay;
    return this.worker.run(domain, item, pin);
  }

  leave(_core: number, domain: MemDomain): void {
    this.worker.leave(domain);
  }

  /** The worker's thread, null while no module needs it. */
  get thread(): Thread | null {
    return this.worker.thread;
  }

  private check(core: number): void {
    assert(core >= 0 && core < this.cores, `core ${core} is not in 0..${this.cores - 1}`);
  }
}

/**
 * A module's own data-processing thread. The DP scheduler's `call` and `abort` fit, with the module's task
 * filled in.
 */
export interface OperationThread {
  /** The memory domain that the thread is in; the mailbox is mapped there. */
  readonly domain: MemDomain;
  /**
   * Has the thread carry `operation` out between two runs of the module.
   *
   * @returns its result; a negative errno when it did not answer in time, after which it may still go on
   */
  call(operation: () => Blocking): Blocking;
  /** Ends the thread: nothing of it runs after this returns. */
  abort(): Blocking;
}

/**
 * The module's own thread carries its operations out (CONFIG_SOF_USERSPACE_MOD_IPC_BY_DP_THREAD); there is
 * no worker.
 */
export class ThreadRunner implements OperationRunner {
  readonly exclusive = true;
  private readonly thread: OperationThread;
  private readonly cores: number;

  constructor(thread: OperationThread, cores: number) {
    this.thread = thread;
    this.cores = cores;
  }

  *get(core: number): Blocking {
    assert(core >= 0 && core < this.cores, `core ${core} is not in 0..${this.cores - 1}`);
    return 0;
  }

  *put(_core: number): Blocking<void> {}

  *run(_core: number, _domain: MemDomain, item: WorkItem): Blocking {
    const rc = yield* this.thread.call(() => item.run());
    if (item.done) return 0;
    if (rc !== -ETIMEDOUT) return rc < 0 ? rc : -EIO;
    // The thread may be in the middle of it, and would go on.
    yield* this.thread.abort();
    return item.done ? 0 : -ETIMEDOUT;
  }

  leave(_core: number, _domain: MemDomain): void {}
}
