import { type Blocking, type Kernel, K_FOREVER, SWITCH, type ThreadBody } from "@sof-ts/kernel";
import type { LlDomain, RunAgain } from "@sof-ts/ll-scheduler";
import { LlTicks } from "./ll-ticks.js";
import { TaskKernel, type TaskKind } from "./task-kernel.js";
import { ThreadCall } from "./thread-call.js";
import type { ThreadSchedulerConfig } from "./thread-scheduler-config.js";
import { TaskBit, type ThreadTask, type ThreadTaskConfig } from "./thread-task.js";

const ANY_BIT = TaskBit.PROCESS | TaskBit.CANCEL | TaskBit.IPC;

/**
 * Tasks that have threads of their own and are woken by the LL tick: what deadline and budget scheduling
 * have in common. This half may be called from user mode; it reaches the other by system calls.
 *
 * Unless stated otherwise a function is for threads, user mode included, and may block; none wants a lock,
 * and no LL lock may be held across one that waits for a task's thread.
 */
export abstract class ThreadScheduler<T extends ThreadTask, C extends ThreadTaskConfig> {
  readonly kernel: Kernel;
  readonly cores: number;
  readonly domain: LlDomain;
  /** The privileged half. */
  protected readonly half: TaskKernel<T, C>;

  /**
   * Makes a task in state INIT with its thread, pinned and started: it waits (`…_task_init`).
   *
   * @returns the task; -EINVAL when its core has no LL domain or a partition does not fit its domain; -EACCES
   *   for a partition that it may not have; -ENOSPC when the domain is full; -ENOMEM without memory, thread ids or room for another task; nothing
   *   is left behind then
   */
  readonly create: (config: C) => Blocking<T | number>;

  /**
   * Takes a task off the tick and waits until its thread is out of its run and out of any call
   * (`…_task_cancel`). From the task's own run it does not wait.
   *
   * @returns 0: the task is in INIT and nothing of it is in use; -ETIMEDOUT: the run goes on, the task will be
   *   in INIT when it returns and is not to be touched; -EINVAL after its free
   */
  readonly cancel: (task: T) => Blocking;

  /**
   * Ends the task's thread, joins it and gives everything back (`…_task_free`), in any state.
   *
   * @returns 0; -ETIMEDOUT: the thread has not ended and everything of it is still in use; call again, or
   *   {@link abort} first; -EINVAL when it was freed before; -EDEADLK from its own thread
   */
  readonly free: (task: T) => Blocking;

  /** Ends a thread that does not end by itself, wherever it is; {@link free} follows. @returns 0; -EINVAL */
  readonly abort: (task: T) => Blocking;

  /**
   * Keeps the task's thread out of run and calls until {@link unlock}. A semaphore, because inheritance would
   * lift the thread to the caller's cooperative priority for the rest of its run, above the LL tick.
   *
   * @returns 0; -ETIMEDOUT when the thread does not come out; -EINVAL after its free
   */
  readonly lock: (task: T) => Blocking;

  /** Undoes {@link lock}. */
  readonly unlock: (task: T) => Blocking;

  private readonly ipc: (task: T, call: ThreadCall) => Blocking;
  private readonly begin: (task: T) => boolean;
  private readonly end: (task: T, again: RunAgain) => void;

  constructor(config: ThreadSchedulerConfig, kind: TaskKind<T, C>) {
    const { kernel, cores, domain } = config;
    const { prefix } = kind;
    this.kernel = kernel;
    this.cores = cores;
    this.domain = domain;
    const ticks = new LlTicks(
      domain,
      `${prefix} tick`,
      cores,
      kernel.defineSyscall(`${prefix}_ll_tick`, {
        // The core indexes kernel tables, and time may pass for it by its own LL thread only.
        verify: (core: number) => half.isCore(core) && domain.thread(core) === kernel.current,
        run: (core: number) => half.tick(core),
      }),
    );
    const half: TaskKernel<T, C> = new TaskKernel<T, C>(config, kind, ticks);
    this.half = half;
    const own = (task: T): boolean => half.has(task) && task.thread === kernel.current;
    const define = (name: string, run: (task: T) => Blocking): ((task: T) => Blocking) =>
      kernel.defineBlockingSyscall(`${prefix}_${name}`, {
        verify: (task: T) => half.mayUse(task),
        run,
      });
    this.create = kernel.defineBlockingSyscall(`${prefix}_task_init`, {
      verify: (_request: C) => half.taskOfCaller() === null,
      // A copy, checked after copying: the caller may change its own while it is looked at.
      run: (request: C) => half.init(copyOf(request), (task) => this.body(task)),
    });
    this.cancel = define("task_cancel", (task) => half.cancel(task));
    this.free = define("task_free", (task) => half.free(task));
    this.abort = define("task_abort", (task) => half.abort(task));
    this.lock = define("lock", (task) => half.lock(task));
    this.unlock = define("unlock", (task) => half.unlock(task));
    this.ipc = kernel.defineBlockingSyscall(`${prefix}_thread_ipc`, {
      verify: (task: T, _call: ThreadCall) => half.mayUse(task),
      run: (task: T, call: ThreadCall) => half.ipc(task, call),
    });
    this.begin = kernel.defineSyscall(`${prefix}_run_begin`, {
      verify: own,
      run: (task: T) => half.begin(task),
    });
    this.end = kernel.defineSyscall(`${prefix}_run_end`, {
      verify: (task: T, _again: RunAgain) => own(task),
      run: (task: T, again: RunAgain) => half.end(task, again),
    });
  }

  /** Tasks of a core in the order of their creation. Any context. */
  tasks(core: number): readonly T[] {
    return this.half.lists[core] ?? [];
  }

  /** Memory domains in use. Any context. */
  get memoryDomains(): number {
    return this.half.memory.count;
  }

  /**
   * Has the task's thread carry out `operation` between two runs (SOF's `scheduler_dp_thread_ipc`). After a
   * time-out an operation that has begun goes on to its end with nobody waiting for it: it must not refer to
   * anything that the caller gives back.
   *
   * @returns its result; -ETIMEDOUT; -EIO when the thread is dead; -EINVAL after its free; -EDEADLK from the
   *   thread itself
   */
  call(task: T, operation: () => Blocking): Blocking {
    return this.ipc(task, new ThreadCall(operation));
  }

  /** What the thread of a task does. */
  private *body(task: T): ThreadBody {
    const { work } = task;
    const { event, lock } = task.objects;
    for (;;) {
      let bits = event.waitSafeNow(ANY_BIT, false, K_FOREVER);
      if (bits === SWITCH) bits = yield SWITCH;
      if ((bits & TaskBit.CANCEL) !== 0) return;
      if (lock.takeNow(K_FOREVER) === SWITCH) yield SWITCH;
      if ((bits & TaskBit.IPC) !== 0) yield* this.answer(task);
      if ((bits & TaskBit.PROCESS) !== 0 && this.begin(task)) {
        const again = yield* work.run();
        this.end(task, again);
      }
      if (lock.giveNow() === SWITCH) yield SWITCH;
    }
  }

  private *answer(task: T): ThreadBody {
    const { call } = task;
    if (call === null) return;
    task.call = null;
    call.result = yield* call.operation();
    call.finished = true;
    if (!call.abandoned) yield* task.objects.answer.give();
  }
}

/** A request with nothing in it that its sender could still change, but for the work, which is code. */
function copyOf<C extends ThreadTaskConfig>(request: C): C {
  const { memory } = request;
  if (memory === null) return { ...request, memory };
  const { domainId, partitions } = memory;
  const copies = partitions.map(({ start, size, attr }) => ({ start, size, attr }));
  return { ...request, memory: { domainId, partitions: copies } };
}
