import { assert, EALREADY, EBUSY, EDEADLK, EINVAL, EIO, ENOMEM, ETIMEDOUT } from "@sof-ts/kit";
import {
  type Blocking,
  type Kernel,
  K_FOREVER,
  K_MSEC,
  type KHeap,
  type MemDomain,
  Spinlock,
  SWITCH,
  type ThreadBody,
} from "@sof-ts/kernel";
import { type LlDomain, RunAgain } from "@sof-ts/ll-scheduler";
import { LlTicks } from "./ll-ticks.js";
import { MemoryDomains } from "./memory-domains.js";
import { allocTaskObjects, freeTaskObjects, type TaskObjects } from "./task-objects.js";
import { ThreadTaskState } from "./task-state.js";
import { ThreadCall } from "./thread-call.js";
import { TaskBit, type ThreadTask, type ThreadTaskConfig } from "./thread-task.js";

const ANY_BIT = TaskBit.PROCESS | TaskBit.CANCEL | TaskBit.IPC;
/** Longest wait for a task's thread: to leave its run, to answer a call, to end (SOF's DP IPC time-out). */
export const THREAD_WAIT_MS = 100;
/** Tasks at most, over all cores (IPC4 FW_CONFIG's MAX_DP_TASKS_COUNT). */
export const MAX_THREAD_TASKS = 16;

/** What a scheduler of threads needs; the composition root fills it in. */
export interface ThreadSchedulerConfig {
  readonly kernel: Kernel;
  /** The LL domain whose ticks drive the tasks. */
  readonly domain: LlDomain;
  readonly cores: number;
  /** Whether the threads run in user mode; the locking strategy's `userMode`, as a rule. */
  readonly userMode: boolean;
  /** Resource pool of threads, stacks and other kernel objects. */
  readonly objects: KHeap;
  /** Default {@link THREAD_WAIT_MS}. */
  readonly waitMs?: number;
  /** Default {@link MAX_THREAD_TASKS}. */
  readonly maxTasks?: number;
}

/** How one kind of task differs from the other. */
interface Kind {
  /** Prefix of its system calls. */
  readonly prefix: string;
  /** Priority of its threads. */
  readonly priority: number;
}

/**
 * Tasks that have threads of their own and are woken by the LL tick: what deadline and budget scheduling
 * have in common. Its state is kernel memory under one spinlock per core; user threads come in through
 * system calls, which take nothing from the caller but the task, look that up, and never hold the spinlock
 * over anything that waits.
 *
 * Unless stated otherwise a function is for threads, user mode included, and may block; none wants a lock,
 * and no LL lock may be held across one that waits for a task's thread.
 */
export abstract class ThreadScheduler<T extends ThreadTask, C extends ThreadTaskConfig> {
  readonly kernel: Kernel;
  readonly cores: number;
  readonly domain: LlDomain;
  protected readonly config: ThreadSchedulerConfig;
  private readonly kind: Kind;
  private readonly waitNs: number;
  private readonly lists: readonly T[][];
  private readonly locks: readonly Spinlock[];
  private readonly memory: MemoryDomains;
  private readonly homes = new Map<T, MemDomain | null>();
  private readonly ticks: LlTicks;
  /** Tasks that exist or are being made. */
  private population = 0;

  /** `…_task_init` */
  private readonly initCall: (config: C) => Blocking<T | number>;
  /** `…_task_cancel` */
  private readonly cancelCall: (task: T) => Blocking;
  /** `…_task_free` */
  private readonly freeCall: (task: T) => Blocking;
  /** `…_task_abort` */
  private readonly abortCall: (task: T) => Blocking;
  /** `…_lock` */
  private readonly lockCall: (task: T) => Blocking;
  /** `…_unlock` */
  private readonly unlockCall: (task: T) => Blocking;
  /** `…_thread_ipc` */
  private readonly ipcCall: (task: T, call: ThreadCall) => Blocking;
  /** `…_run_begin`, called by the task's own thread */
  private readonly beginCall: (task: T) => boolean;
  /** `…_run_end`, called by the task's own thread */
  private readonly endCall: (task: T, again: RunAgain) => void;

  constructor(config: ThreadSchedulerConfig, kind: Kind) {
    const { kernel, cores, domain } = config;
    const { prefix } = kind;
    this.config = config;
    this.kind = kind;
    this.kernel = kernel;
    this.cores = cores;
    this.domain = domain;
    this.waitNs = K_MSEC(config.waitMs ?? THREAD_WAIT_MS);
    this.lists = Array.from({ length: cores }, () => []);
    this.locks = Array.from(
      { length: cores },
      (_, core) => new Spinlock(kernel, `${prefix}_lock${core}`),
    );
    this.memory = new MemoryDomains(kernel, prefix);
    const tick = kernel.defineSyscall(`${prefix}_ll_tick`, {
      // The core indexes kernel tables, and time may pass for it by its own LL thread only.
      verify: (core: number) => this.isCore(core) && domain.thread(core) === kernel.current,
      run: (core: number) => this.tick(core),
    });
    this.ticks = new LlTicks(domain, `${prefix} tick`, cores, tick);
    const verify = (task: T): boolean => this.mayUse(task);
    const own = (task: T): boolean => this.has(task) && task.thread === kernel.current;
    this.initCall = kernel.defineBlockingSyscall(`${prefix}_task_init`, {
      verify: (_request: C) => this.taskOfCaller() === null,
      // A copy, checked after copying: the caller may change its own while it is looked at.
      run: (request: C) => this.init({ ...request }),
    });
    this.cancelCall = kernel.defineBlockingSyscall(`${prefix}_task_cancel`, {
      verify,
      run: (task: T) => this.doCancel(task),
    });
    this.freeCall = kernel.defineBlockingSyscall(`${prefix}_task_free`, {
      verify,
      run: (task: T) => this.doFree(task),
    });
    this.abortCall = kernel.defineBlockingSyscall(`${prefix}_task_abort`, {
      verify,
      run: (task: T) => this.doAbort(task),
    });
    this.lockCall = kernel.defineBlockingSyscall(`${prefix}_lock`, {
      verify,
      run: (task: T) => this.doLock(task),
    });
    this.unlockCall = kernel.defineBlockingSyscall(`${prefix}_unlock`, {
      verify,
      run: (task: T) => this.doUnlock(task),
    });
    this.ipcCall = kernel.defineBlockingSyscall(`${prefix}_thread_ipc`, {
      verify: (task: T, _call: ThreadCall) => verify(task),
      run: (task: T, call: ThreadCall) => this.doIpc(task, call),
    });
    this.beginCall = kernel.defineSyscall(`${prefix}_run_begin`, {
      verify: own,
      run: (task: T) => this.runBegin(task),
    });
    this.endCall = kernel.defineSyscall(`${prefix}_run_end`, {
      verify: (task: T, _again: RunAgain) => own(task),
      run: (task: T, again: RunAgain) => this.runEnd(task, again),
    });
  }

  /** Tasks of a core in the order of their creation. Any context. */
  tasks(core: number): readonly T[] {
    return this.lists[core] ?? [];
  }

  /** Memory domains in use. Any context. */
  get memoryDomains(): number {
    return this.memory.count;
  }

  /**
   * Makes a task in state INIT with its thread, pinned and started: it waits (`…_task_init`).
   *
   * @returns the task; -EINVAL when its core has no LL domain or a partition does not fit its domain;
   *   -ENOSPC when the domain is full; -ENOMEM without memory, thread ids or room for another task; nothing
   *   is left behind then
   */
  *create(config: C): Blocking<T | number> {
    return yield* this.initCall(config);
  }

  /**
   * Takes a task off the tick and waits until its thread is out of its run and out of any call
   * (`…_task_cancel`). From the task's own run it does not wait.
   *
   * @returns 0: the task is in INIT and nothing of it is in use; -ETIMEDOUT: the run goes on, the task will be
   *   in INIT when it returns and is not to be touched; -EINVAL after its free
   */
  *cancel(task: T): Blocking {
    return yield* this.cancelCall(task);
  }

  /**
   * Ends the task's thread, joins it and gives everything back (`…_task_free`), in any state.
   *
   * @returns 0; -ETIMEDOUT: the thread has not ended and everything of it is still in use; call again, or
   *   {@link abort} first; -EINVAL when it was freed before; -EDEADLK from its own thread
   */
  *free(task: T): Blocking {
    return yield* this.freeCall(task);
  }

  /** Ends a thread that does not end by itself, wherever it is; {@link free} follows. @returns 0; -EINVAL */
  *abort(task: T): Blocking {
    return yield* this.abortCall(task);
  }

  /**
   * Keeps the task's thread out of run and calls until {@link unlock}. A semaphore, because inheritance would
   * lift the thread to the caller's cooperative priority for the rest of its run, above the LL tick.
   *
   * @returns 0; -ETIMEDOUT when the thread does not come out; -EINVAL after its free
   */
  *lock(task: T): Blocking {
    return yield* this.lockCall(task);
  }

  /** Undoes {@link lock}. */
  *unlock(task: T): Blocking {
    return yield* this.unlockCall(task);
  }

  /**
   * Has the task's thread carry out `operation` between two runs (SOF's `scheduler_dp_thread_ipc`). After a
   * time-out an operation that has begun goes on to its end with nobody waiting for it: it must not refer to
   * anything that the caller gives back.
   *
   * @returns its result; -ETIMEDOUT; -EIO when the thread is dead; -EINVAL after its free; -EDEADLK from the
   *   thread itself
   */
  *call(task: T, operation: () => Blocking): Blocking {
    return yield* this.ipcCall(task, new ThreadCall(operation));
  }

  // ---- what the kinds of task add, in supervisor mode with the spinlock of the task's core ---------

  /** Whether `config` can be. */
  protected accepts(config: C): boolean {
    return this.isCore(config.core) && config.stackBytes > 0;
  }

  protected abstract makeTask(config: C, objects: TaskObjects): T;
  /** One LL tick for one task. Nothing called here may wait. */
  protected abstract tickTask(task: T): void;
  /** A run has ended. */
  protected abstract runEnded(task: T): void;

  /** Tells the thread of a queued task to run. */
  protected trigger(task: T): void {
    if (task.move("trigger")) task.objects.event.postNow(TaskBit.PROCESS);
  }

  /** Puts a task on the tick; `prepare` runs first when it can be. @returns as `schedule` of the kinds */
  protected enqueue(task: T, prepare: () => void): number {
    if (!this.has(task)) return -EINVAL;
    const lock = this.locks[task.core] as Spinlock;
    const key = lock.lock();
    const { state } = task;
    const accepted = task.move("schedule");
    if (accepted) prepare();
    lock.unlock(key);
    if (accepted) return 0;
    if (state === ThreadTaskState.CANCEL) return -EBUSY;
    if (state === ThreadTaskState.DEAD) return -EIO;
    return state === ThreadTaskState.FREEING ? -EINVAL : -EALREADY;
  }

  /** For verification handlers: the caller is no task's thread, or this task's own. */
  protected mayUse(task: T): boolean {
    const own = this.taskOfCaller();
    return own === null || own === task;
  }

  // ---- the thread -------------------------------------------------------------------------------

  private *body(task: T): ThreadBody {
    const { work } = task;
    const { event, lock } = task.objects;
    for (;;) {
      let bits = event.waitSafeNow(ANY_BIT, false, K_FOREVER);
      if (bits === SWITCH) bits = yield SWITCH;
      if ((bits & TaskBit.CANCEL) !== 0) return;
      if (lock.takeNow(K_FOREVER) === SWITCH) yield SWITCH;
      if ((bits & TaskBit.IPC) !== 0) yield* this.answer(task);
      if ((bits & TaskBit.PROCESS) !== 0 && this.beginCall(task)) {
        const again = yield* work.run();
        this.endCall(task, again);
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

  // ---- supervisor mode --------------------------------------------------------------------------

  private *init(config: C): Blocking<T | number> {
    const { kernel } = this;
    const { objects: pool, userMode, maxTasks = MAX_THREAD_TASKS } = this.config;
    const { name, stackBytes } = config;
    // A core with tasks is not taken down: its LL thread is there as long as they are.
    const keeper = this.accepts(config) ? this.domain.thread(config.core) : null;
    if (keeper === null) return -EINVAL;
    if (this.population >= maxTasks) return -ENOMEM;
    const objects = allocTaskObjects(kernel, { pool, name, stackBytes, userMode, keeper });
    if (objects === null) return -ENOMEM;
    let home: MemDomain | null = null;
    if (config.memory !== null) {
      const acquired = this.memory.acquire(config.memory, name);
      if (typeof acquired === "number") {
        freeTaskObjects(kernel, objects);
        return acquired;
      }
      home = acquired;
    }
    this.population++;
    const task = this.makeTask(config, objects);
    this.makeThread(task, home);
    this.homes.set(task, home);
    this.change(task, () => (this.lists[task.core] as T[]).push(task));
    yield* this.ticks.use(task.core);
    // Last of all: the thread finds everything in place, whatever core it starts on.
    yield* objects.thread.start();
    return task;
  }

  private makeThread(task: T, home: MemDomain | null): void {
    const { kernel } = this;
    const { thread, stack, event, lock, answer } = task.objects;
    kernel.createThread({
      object: thread,
      stack,
      name: task.name,
      entry: () => this.body(task),
      priority: this.kind.priority,
      user: this.config.userMode,
      delay: K_FOREVER,
    });
    const pinned = thread.cpuPin(task.core);
    assert(pinned === 0, `thread of ${task.name} cannot be pinned: ${pinned}`);
    home?.addThread(thread);
    // To the thread that will use them, by the task: not by the core that makes the task.
    kernel.threadAccessGrant(thread, event, lock, answer);
  }

  private *doCancel(task: T): Blocking {
    if (!this.has(task)) return -EINVAL;
    let moved = false;
    this.change(task, () => (moved = task.move("cancel")));
    if (!moved) return -EINVAL;
    if (task.thread === this.kernel.current) return 0;
    const rc = yield* this.doLock(task);
    return rc === 0 ? yield* this.doUnlock(task) : rc;
  }

  private *doFree(task: T): Blocking {
    if (!this.has(task)) return -EINVAL;
    const { thread, event } = task.objects;
    if (thread === this.kernel.current) return -EDEADLK;
    this.change(task, () => task.move("free"));
    yield* event.post(TaskBit.CANCEL);
    const rc = yield* thread.join(this.waitNs);
    if (rc !== 0) return -ETIMEDOUT;
    // Somebody else who freed it too may have been first to come back.
    if (!this.has(task)) return -EINVAL;
    this.change(task, () => {
      task.move("joined");
      const list = this.lists[task.core] as T[];
      list.splice(list.indexOf(task), 1);
      // Others that wait for this task find it gone.
      task.objects.lock.resetNow();
      task.objects.answer.resetNow();
      task.objects.callers.resetNow();
    });
    const home = this.homes.get(task) ?? null;
    this.homes.delete(task);
    if (task.memory !== null && home !== null) this.memory.release(task.memory, home);
    freeTaskObjects(this.kernel, task.objects);
    this.population--;
    yield* this.ticks.unuse(task.core);
    return 0;
  }

  private *doAbort(task: T): Blocking {
    if (!this.has(task)) return -EINVAL;
    yield* task.thread.abort();
    if (this.has(task)) this.change(task, () => this.bury(task));
    return 0;
  }

  private *doLock(task: T): Blocking {
    if (!this.has(task)) return -EINVAL;
    const { thread, lock } = task.objects;
    // A dead thread keeps nobody out, and gives nothing back.
    if (thread.dead) return 0;
    const rc = yield* lock.take(this.waitNs);
    if (!this.has(task)) return -EINVAL;
    return rc === 0 || thread.dead ? 0 : -ETIMEDOUT;
  }

  private *doUnlock(task: T): Blocking {
    if (!this.has(task) || task.thread.dead) return 0;
    return yield* task.objects.lock.give();
  }

  private *doIpc(task: T, call: ThreadCall): Blocking {
    if (!this.answers(task)) return this.whyNot(task);
    const { thread, event, answer, callers } = task.objects;
    if (thread === this.kernel.current) return -EDEADLK;
    const turn = yield* callers.take(this.waitNs);
    if (turn !== 0 || !this.has(task)) return this.whyNot(task);
    // The answer to a call that was given up in the last moment is still here.
    yield* answer.reset();
    task.call = call;
    yield* event.post(TaskBit.IPC);
    // A thread that has ended meanwhile wakes nobody any more.
    if (!call.finished && this.answers(task)) yield* answer.take(this.waitNs);
    if (!call.finished) {
      call.abandoned = true;
      if (task.call === call) task.call = null;
    }
    if (this.has(task)) yield* callers.give();
    return call.finished ? call.result : this.whyNot(task);
  }

  /** Whether the task's thread will still carry out calls. */
  private answers(task: T): boolean {
    return this.has(task) && task.state !== ThreadTaskState.FREEING && !task.thread.dead;
  }

  /** The result of a call that the thread has not answered. */
  private whyNot(task: T): number {
    if (!this.has(task) || task.state === ThreadTaskState.FREEING) return -EINVAL;
    return task.thread.dead ? -EIO : -ETIMEDOUT;
  }

  private tick(core: number): void {
    const lock = this.locks[core] as Spinlock;
    const list = this.lists[core] as T[];
    const key = lock.lock();
    for (let i = 0; i < list.length; i++) {
      const task = list[i] as T;
      if (task.objects.thread.dead) this.bury(task);
      else this.tickTask(task);
    }
    lock.unlock(key);
  }

  private runBegin(task: T): boolean {
    const lock = this.locks[task.core] as Spinlock;
    const key = lock.lock();
    const begun = task.move("begin");
    lock.unlock(key);
    return begun;
  }

  private runEnd(task: T, again: RunAgain): void {
    const lock = this.locks[task.core] as Spinlock;
    const key = lock.lock();
    task.runs++;
    this.runEnded(task);
    task.move(again === RunAgain.RESCHEDULE ? "end" : "complete");
    lock.unlock(key);
  }

  /** The thread was ended from outside: whoever waits for it need not. */
  private bury(task: T): void {
    if (!task.move("die")) return;
    task.objects.lock.resetNow();
    task.objects.answer.resetNow();
  }

  private change(task: T, fn: () => void): void {
    const lock = this.locks[task.core] as Spinlock;
    const key = lock.lock();
    fn();
    lock.unlock(key);
  }

  private has(task: T): boolean {
    return this.homes.has(task);
  }

  private isCore(core: number): boolean {
    return Number.isInteger(core) && core >= 0 && core < this.cores;
  }

  /** The task whose thread the caller is, or null. */
  private taskOfCaller(): T | null {
    const { current } = this.kernel;
    for (const list of this.lists) {
      for (const task of list) if (task.thread === current) return task;
    }
    return null;
  }
}
