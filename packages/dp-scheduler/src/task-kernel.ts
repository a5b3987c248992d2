import {
  assert,
  EACCES,
  EALREADY,
  EBUSY,
  EDEADLK,
  EINVAL,
  EIO,
  ENOMEM,
  ETIMEDOUT,
} from "@sof-ts/kit";
import {
  type Blocking,
  type Kernel,
  K_FOREVER,
  K_MSEC,
  type MemDomain,
  type MemPartition,
  Spinlock,
  type ThreadBody,
} from "@sof-ts/kernel";
import { RunAgain } from "@sof-ts/ll-scheduler";
import type { LlTicks } from "./ll-ticks.js";
import { MemoryDomains } from "./memory-domains.js";
import { allocTaskObjects, freeTaskObjects, type TaskObjects } from "./task-objects.js";
import { ThreadTaskState } from "./task-state.js";
import type { ThreadCall } from "./thread-call.js";
import {
  MAX_THREAD_TASKS,
  THREAD_WAIT_MS,
  type ThreadSchedulerConfig,
} from "./thread-scheduler-config.js";
import { TaskBit, type ThreadTask, type ThreadTaskConfig } from "./thread-task.js";

/** How one kind of task differs from another. All run in supervisor mode and wait for nothing. */
export interface TaskKind<T extends ThreadTask, C extends ThreadTaskConfig> {
  /** Prefix of its system calls. */
  readonly prefix: string;
  /** Priority of its threads. */
  readonly priority: number;
  /** Whether there can be a task of this `config`. */
  accepts(config: C): boolean;
  make(config: C, objects: TaskObjects): T;
  /** One LL tick for one task, with the spinlock of its core held. */
  tick(task: T): void;
  /** A run has ended; as `tick`. */
  ended(task: T): void;
}

/**
 * The privileged half of a scheduler of threads: its state is kernel memory under one spinlock per core, which
 * is held over nothing that waits. Calling context: supervisor mode, as implementation of the system calls of
 * {@link ThreadScheduler}, where each function is described. A task that a caller names is looked up before
 * anything of it is read.
 */
export class TaskKernel<T extends ThreadTask, C extends ThreadTaskConfig> {
  readonly lists: readonly T[][];
  readonly memory: MemoryDomains;
  private readonly kernel: Kernel;
  private readonly config: ThreadSchedulerConfig;
  private readonly kind: TaskKind<T, C>;
  private readonly ticks: LlTicks;
  private readonly waitNs: number;
  private readonly locks: readonly Spinlock[];
  /** Every task, with the memory domain that was made for its thread. */
  private readonly homes = new Map<T, MemDomain | null>();

  constructor(config: ThreadSchedulerConfig, kind: TaskKind<T, C>, ticks: LlTicks) {
    const { kernel, cores } = config;
    this.kernel = kernel;
    this.config = config;
    this.kind = kind;
    this.ticks = ticks;
    this.waitNs = K_MSEC(config.waitMs ?? THREAD_WAIT_MS);
    this.lists = Array.from({ length: cores }, () => []);
    this.locks = Array.from(
      { length: cores },
      (_, core) => new Spinlock(kernel, `${kind.prefix}_lock${core}`),
    );
    this.memory = new MemoryDomains(kernel, kind.prefix);
  }

  // ---- what verification handlers ask ------------------------------------------------------------

  isCore(core: number): boolean {
    return Number.isInteger(core) && core >= 0 && core < this.lists.length;
  }

  has(task: T): boolean {
    return this.homes.has(task);
  }

  /** The caller is no task's thread, or this task's own. */
  mayUse(task: T): boolean {
    const own = this.taskOfCaller();
    return own === null || own === task;
  }

  /** The task whose thread the caller is, or null. */
  taskOfCaller(): T | null {
    const { current } = this.kernel;
    for (const list of this.lists) {
      for (const task of list) if (task.thread === current) return task;
    }
    return null;
  }

  // ---- life --------------------------------------------------------------------------------------

  /** @param body what the thread does */
  *init(config: C, body: (task: T) => ThreadBody): Blocking<T | number> {
    const { kernel, kind } = this;
    const { domain, objects: pool, userMode, maxTasks = MAX_THREAD_TASKS } = this.config;
    const { name, core, stackBytes } = config;
    if (!this.isCore(core) || !(stackBytes > 0) || !kind.accepts(config)) return -EINVAL;
    // A core with tasks is not taken down: its LL thread is there as long as they are.
    const keeper = domain.thread(core);
    if (keeper === null) return -EINVAL;
    if (config.memory?.partitions.every((partition) => this.allows(partition)) === false) {
      return -EACCES;
    }
    if (this.homes.size >= maxTasks) return -ENOMEM;
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
    const task = kind.make(config, objects);
    this.makeThread(task, home, body);
    this.homes.set(task, home);
    this.change(task, () => this.listOf(core).push(task));
    yield* this.ticks.use(core);
    // Last of all: the thread finds everything in place, whatever core it starts on.
    yield* objects.thread.start();
    return task;
  }

  private allows(partition: MemPartition): boolean {
    const { config } = this;
    return config.allowsPartition === undefined || config.allowsPartition(partition);
  }

  private makeThread(task: T, home: MemDomain | null, body: (task: T) => ThreadBody): void {
    const { kernel } = this;
    const { thread, stack, event, lock, answer } = task.objects;
    kernel.createThread({
      object: thread,
      stack,
      name: task.name,
      entry: () => body(task),
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

  *cancel(task: T): Blocking {
    if (!this.has(task)) return -EINVAL;
    let moved = false;
    this.change(task, () => (moved = task.move("cancel")));
    if (!moved) return -EINVAL;
    if (task.thread === this.kernel.current) return 0;
    const rc = yield* this.lock(task);
    return rc === 0 ? yield* this.unlock(task) : rc;
  }

  *free(task: T): Blocking {
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
      const list = this.listOf(task.core);
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
    yield* this.ticks.unuse(task.core);
    return 0;
  }

  *abort(task: T): Blocking {
    if (!this.has(task)) return -EINVAL;
    yield* task.thread.abort();
    if (this.has(task)) this.change(task, () => this.bury(task));
    return 0;
  }

  *lock(task: T): Blocking {
    if (!this.has(task)) return -EINVAL;
    const { thread, lock } = task.objects;
    // A dead thread keeps nobody out, and gives nothing back.
    if (thread.dead) return 0;
    const rc = yield* lock.take(this.waitNs);
    if (!this.has(task)) return -EINVAL;
    return rc === 0 || thread.dead ? 0 : -ETIMEDOUT;
  }

  *unlock(task: T): Blocking {
    if (!this.has(task) || task.thread.dead) return 0;
    return yield* task.objects.lock.give();
  }

  *ipc(task: T, call: ThreadCall): Blocking {
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

  // ---- tick and run ------------------------------------------------------------------------------

  tick(core: number): void {
    const { kind } = this;
    const lock = this.locks[core] as Spinlock;
    const list = this.listOf(core);
    const key = lock.lock();
    for (let i = 0; i < list.length; i++) {
      const task = list[i] as T;
      if (task.objects.thread.dead) this.bury(task);
      else kind.tick(task);
    }
    lock.unlock(key);
  }

  /** Puts a task on the tick; `prepare` runs when that can be. */
  enqueue(task: T, prepare: () => void): number {
    if (!this.has(task)) return -EINVAL;
    const { state } = task;
    let accepted = false;
    this.change(task, () => {
      accepted = task.move("schedule");
      if (accepted) prepare();
    });
    if (accepted) return 0;
    if (state === ThreadTaskState.CANCEL) return -EBUSY;
    if (state === ThreadTaskState.DEAD) return -EIO;
    return state === ThreadTaskState.FREEING ? -EINVAL : -EALREADY;
  }

  /** The task's thread begins a run that a tick has triggered. @returns false when it was cancelled since */
  begin(task: T): boolean {
    const lock = this.locks[task.core] as Spinlock;
    const key = lock.lock();
    const begun = task.move("begin");
    lock.unlock(key);
    return begun;
  }

  end(task: T, again: RunAgain): void {
    const lock = this.locks[task.core] as Spinlock;
    const key = lock.lock();
    task.runs++;
    this.kind.ended(task);
    task.move(again === RunAgain.RESCHEDULE ? "end" : "complete");
    lock.unlock(key);
  }

  /** The thread was ended from outside: whoever waits for it need not. The spinlock is held. */
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

  private listOf(core: number): T[] {
    return this.lists[core] as T[];
  }
}
