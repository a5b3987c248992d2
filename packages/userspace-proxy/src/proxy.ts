import { assert, EIO, ENODEV, ENOMEM, ETIMEDOUT } from "@sof-ts/kit";
import {
  type Blocking,
  K_FOREVER,
  MemDomain,
  type MemPartition,
  Mutex,
  type Thread,
} from "@sof-ts/kernel";
import { IsolatedHandle } from "./isolated-handle.js";
import { makeDomain, mapAll, type ModuleHeap, unmapAll } from "./memory.js";
import { ModuleContext } from "./module-context.js";
import { ModuleState } from "./module-state.js";
import { type Operation, operationFacts, OperationParams, trustedResult } from "./operations.js";
import type { ProxiedModule } from "./proxied-module.js";
import {
  type IsolationRequest,
  PROXY_TIMEOUT_US,
  type ProxyStats,
  type UserspaceProxyConfig,
} from "./proxy-config.js";
import { type OperationRunner, PerCoreWorkers, SingleWorker, ThreadRunner } from "./runners.js";
import { type CoherenceViolation, WORK_ITEM_BYTES, WorkItem } from "./work-item.js";

/** What an operation is charged for when the module does not tell what it took. */
const DEFAULT_OPERATION_CYCLES = 2000;

/**
 * Runs the operations of isolated modules in user mode, each in the module's own memory domain (SOF's
 * `userspace_proxy`). One proxy serves a firmware.
 */
export class UserspaceProxy<T = unknown> {
  readonly stats: ProxyStats = { operations: 0, lost: 0 };
  /** Where operations run, but for modules with a thread of their own. */
  readonly runner: PerCoreWorkers | SingleWorker;
  private readonly config: UserspaceProxyConfig<T>;
  private readonly cached: boolean;
  /** One for each core: its callers take turns. */
  private readonly locks: readonly Mutex[];
  private readonly live = new Set<ModuleContext>();
  private readonly onViolation: (violation: CoherenceViolation) => void;
  private readonly createCall: (request: IsolationRequest) => Blocking<IsolatedHandle | number>;
  private readonly invokeCall: (
    context: ModuleContext,
    params: OperationParams,
  ) => Blocking<number>;
  private readonly releaseCall: (context: ModuleContext) => Blocking<number>;

  /** Calling context: once at boot, supervisor. */
  constructor(config: UserspaceProxyConfig<T>) {
    const { kernel, cores, pool } = config;
    this.config = config;
    const single = config.workers === "single";
    this.cached = config.cachedWorkItems ?? !single;
    this.onViolation = config.onViolation ?? failOnViolation;
    const home = new MemDomain(kernel, "userspace proxy idle");
    home.init();
    const worker = {
      kernel,
      pool,
      stackBytes: config.CONFIG_SOF_USERSPACE_PROXY_WORKER_STACK_SIZE,
      timeoutNs: (config.timeoutUs ?? PROXY_TIMEOUT_US) * 1000,
      home,
    };
    const cpuMask = config.CONFIG_SCHED_CPU_MASK ?? kernel.cpus.length > 1;
    this.runner = single
      ? new SingleWorker(worker, cores, cpuMask)
      : new PerCoreWorkers(worker, cores);
    this.locks = Array.from(
      { length: cores },
      (_, core) => new Mutex(kernel, `userspace proxy ${core}`),
    );
    this.createCall = kernel.defineBlockingSyscall("userspace_proxy_create", {
      verify: ({ services }: IsolationRequest) => services.core >= 0 && services.core < cores,
      run: (request: IsolationRequest) => this.doCreate(request),
    });
    this.invokeCall = kernel.defineBlockingSyscall("userspace_proxy_invoke", {
      verify: (context: ModuleContext, { operation }: OperationParams) =>
        this.live.has(context) && operation in operationFacts && !reserved.has(operation),
      run: (context: ModuleContext, params: OperationParams) => this.doInvoke(context, params),
    });
    this.releaseCall = kernel.defineBlockingSyscall("userspace_proxy_free", {
      run: (context: ModuleContext) => this.doRelease(context),
    });
  }

  /** Isolated instances that are not freed. */
  get instances(): number {
    return this.live.size;
  }

  /** The thread that carries out operations of modules on a core; null while no module needs it. */
  workerThread(core: number): Thread | null {
    const { runner } = this;
    return runner instanceof SingleWorker ? runner.thread : runner.thread(core);
  }

  /**
   * Makes an isolated instance: its memory domain, its share of a worker, its work item, and the instance
   * itself by the driver's `create`, run in user mode in that domain (SOF's `userspace_proxy_create`).
   *
   * Calling context: a thread, user mode included; may block.
   *
   * @returns the handle; the driver's own refusal; -ENOMEM without memory for worker or work item; -EINVAL,
   *   -ENOSPC for partitions that do not fit a domain; -ETIMEDOUT, -EIO for an init that was lost. Then
   *   nothing is left behind, and the heap is still the caller's.
   */
  create(request: IsolationRequest): Blocking<IsolatedHandle | number> {
    return this.createCall(request);
  }

  // ---- supervisor mode --------------------------------------------------------------------------

  private *doCreate(request: IsolationRequest): Blocking<IsolatedHandle | number> {
    const { services, driver, payload, thread } = request;
    const { core } = services;
    const runner = thread === undefined ? this.runner : new ThreadRunner(thread, this.config.cores);
    const held = yield* this.enter(runner, core);
    const context = yield* this.isolate(request, runner);
    let result: IsolatedHandle | number;
    if (typeof context === "number") result = context;
    else {
      const params = new OperationParams("init");
      params.driver = driver;
      params.services = services;
      params.bytes = payload;
      const rc = yield* this.run(context, params);
      const { module } = context.item;
      if (rc === 0 && module !== null) {
        context.module = module;
        context.move("initialised");
        result = new IsolatedHandle(context, {
          invoke: this.invokeCall,
          release: this.releaseCall,
        });
      } else {
        module?.terminate?.("init", `init returned ${rc}`);
        bury(module);
        context.move("refused");
        yield* this.dissolve(context);
        result = rc === 0 ? -ENODEV : rc;
      }
    }
    yield* this.exit(runner, core, held);
    return result;
  }

  /** Makes what isolates an instance, all of it or nothing. */
  private *isolate(
    request: IsolationRequest,
    runner: OperationRunner,
  ): Blocking<ModuleContext | number> {
    const { services, heap, thread } = request;
    const { core, moduleId, instanceId } = services;
    const referenced = yield* runner.get(core);
    if (referenced < 0) return referenced;
    const name = `module ${moduleId} instance ${instanceId}`;
    const partitions =
      thread === undefined ? [...heap.partitions, ...(request.partitions ?? [])] : [];
    const domain = thread?.domain ?? makeDomain(this.config.kernel, partitions, name);
    if (typeof domain === "number") {
      yield* runner.put(core);
      return domain;
    }
    const item = this.allocItem(heap, name, !this.cached);
    if (item === null) {
      if (thread === undefined) domain.deinit();
      yield* runner.put(core);
      return -ENOMEM;
    }
    const ownsDomain = thread === undefined;
    const context = new ModuleContext({
      moduleId,
      instanceId,
      core,
      domain,
      partitions,
      ownsDomain,
      heap,
      runner,
      item,
      onFreed: request.onFreed,
    });
    this.live.add(context);
    return context;
  }

  /** Undoes {@link isolate}. Nothing of the instance runs any more. */
  private *dissolve(context: ModuleContext): Blocking<void> {
    const { runner, core, domain, partitions, heap, item, foreignItem } = context;
    this.live.delete(context);
    for (const each of [item, foreignItem]) {
      if (each === null) continue;
      each.release();
      heap.free(each.address);
    }
    if (context.ownsDomain) {
      runner.leave(core, domain);
      unmapAll(domain, partitions);
      const rc = domain.deinit();
      assert(rc === 0, `domain of module ${context.moduleId} is still in use: ${rc}`);
    }
    yield* runner.put(core);
  }

  private *doInvoke(context: ModuleContext, params: OperationParams): Blocking<number> {
    const { runner, core } = context;
    const held = yield* this.enter(runner, core);
    let rc = -ENODEV;
    if (context.state === ModuleState.READY) {
      context.move("invoke");
      rc = yield* this.run(context, params);
    }
    yield* this.exit(runner, core, held);
    return rc;
  }

  private *doRelease(context: ModuleContext): Blocking<number> {
    const { runner, core } = context;
    const held = yield* this.enter(runner, core);
    let rc = 0;
    if (this.live.has(context)) {
      if (context.state === ModuleState.READY) {
        context.move("invoke");
        rc = yield* this.run(context, new OperationParams("free"));
      } else if (context.state === ModuleState.DEAD) bury(context.module);
      context.move("free");
      yield* this.dissolve(context);
      context.onFreed?.();
    }
    yield* this.exit(runner, core, held);
    return rc;
  }

  /** One operation, with the mailbox mapped while it runs if it needs that. */
  private *run(context: ModuleContext, params: OperationParams): Blocking<number> {
    const { runner, core, domain } = context;
    const { operation } = params;
    const busy = context.state === ModuleState.BUSY;
    const item = this.itemFor(context);
    const mapped = operationFacts[operation].mailbox
      ? this.config.mailbox.partitions
      : noPartitions;
    let rc = item === null ? -ENOMEM : mapAll(domain, mapped);
    if (item === null || rc < 0) {
      if (busy) context.move("done");
      return rc;
    }
    item.begin(params);
    rc = yield* runner.run(core, domain, item);
    unmapAll(domain, mapped);
    if (item.done) {
      this.stats.operations++;
      if (item.module !== null) context.item.module = item.module;
      if (busy) context.move("done");
      return trustedResult(params, item.read());
    }
    if (isLost(rc)) this.lose(context, operation, rc);
    else if (busy) context.move("done");
    return rc;
  }

  /** The operation was stopped in its middle: the instance cannot go on from there. */
  private lose(context: ModuleContext, operation: Operation, error: number): void {
    const { moduleId, instanceId, core, module } = context;
    this.stats.lost++;
    if (context.state === ModuleState.BUSY) context.move("lost");
    module?.terminate?.(operation, error === -ETIMEDOUT ? "no answer in time" : "its thread died");
    this.config.onLost?.({ moduleId, instanceId, core, operation, error });
  }

  /** The item that the caller's core may use. @returns null without memory for it */
  private itemFor(context: ModuleContext): WorkItem | null {
    const { item, heap, moduleId, instanceId } = context;
    const core = this.config.kernel.currentCpu?.id ?? context.core;
    if (!item.cached || core === context.core) return item;
    context.foreignItem ??= this.allocItem(heap, `module ${moduleId} instance ${instanceId}`, true);
    if (context.foreignItem !== null) context.foreignItem.module = context.module;
    return context.foreignItem;
  }

  private allocItem(heap: ModuleHeap, name: string, coherent: boolean): WorkItem | null {
    const { kernel, mailbox, operationCycles = DEFAULT_OPERATION_CYCLES } = this.config;
    const address = heap.alloc(WORK_ITEM_BYTES, coherent);
    if (address === 0) return null;
    return new WorkItem({
      kernel,
      name,
      address,
      cached: !coherent,
      mailbox,
      operationCycles,
      onViolation: this.onViolation,
    });
  }

  private *enter(runner: OperationRunner, core: number): Generator<number, T | null, number> {
    const held = this.config.gap === undefined ? null : yield* this.config.gap.open();
    if (runner.exclusive) yield* this.lockOf(core).lock(K_FOREVER);
    return held;
  }

  private *exit(runner: OperationRunner, core: number, held: T | null): Blocking<void> {
    if (runner.exclusive) yield* this.lockOf(core).unlock();
    if (this.config.gap !== undefined) yield* this.config.gap.close(held as T);
  }

  private lockOf(core: number): Mutex {
    const lock = this.locks[core];
    assert(lock !== undefined, `core ${core} is not in 0..${this.locks.length - 1}`);
    return lock;
  }
}

/** Operations with an entrance of their own. */
const reserved: ReadonlySet<string> = new Set<Operation>(["init", "free"]);
const noPartitions: readonly MemPartition[] = [];

/**
 * Lets a dead instance give back what the firmware keeps for it, such as its use of a library. Only one with a
 * border of its own can be asked: it runs no code of the module any more.
 */
function bury(module: ProxiedModule | null): void {
  if (module?.sandboxed === true) module.free();
}

function isLost(rc: number): boolean {
  return rc === -ETIMEDOUT || rc === -EIO;
}

function failOnViolation(violation: CoherenceViolation): void {
  const { object, access, written } = violation;
  const text = ({ what, core, thread }: CoherenceViolation["access"]): string =>
    `${what} by ${thread} on core ${core}`;
  assert(false, `stale cache line: ${object}: ${text(access)} after ${text(written)}`);
}
