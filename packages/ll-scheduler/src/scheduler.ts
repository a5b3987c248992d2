import { assert, EALREADY, EBUSY, EINVAL, ENOMEM, ETIMEDOUT } from "@sof-ts/kit";
import {
  type Cpu,
  K_FOREVER,
  K_USEC,
  type Kernel,
  type Sem,
  SWITCH,
  type Thread,
} from "@sof-ts/kernel";
import type { LockingStrategy } from "./locking.js";
import { RunList } from "./run-list.js";
import { LlTask, type LlTaskConfig, RunAgain, TaskState } from "./task.js";

/** Periods that a free waits for the run of its task to end, as SOF's `zephyr_ll_task_free`. */
const FREE_WAIT_PERIODS = 100;

/** What a core's ticks have cost so far. Cycles are those of the core clock. */
export interface LlStats {
  /** Ticks run. */
  ticks: number;
  /** Ticks that were due while an earlier one was still running. */
  overruns: number;
  lastCycles: number;
  maxCycles: number;
  totalCycles: number;
}

/**
 * The low-latency scheduler of one core (SOF's `zephyr_ll`). It keeps the run list; its domain's thread
 * walks it once a period. Functions named `…Locked` want the core's graph lock held by the caller; the
 * generator functions take it themselves and may block.
 */
export class LlScheduler {
  readonly core: number;
  readonly periodUs: number;
  /** Where the object lies; 0 where nobody counts. */
  readonly address: number;
  readonly runList: RunList;
  readonly stats: LlStats = { ticks: 0, overruns: 0, lastCycles: 0, maxCycles: 0, totalCycles: 0 };
  /** The task whose run is under way, null between runs. */
  running: LlTask | null = null;
  /** Whether a tick is under way. */
  inTick = false;
  /** Its thread has ended by a fault: nothing is scheduled any more. */
  lost = false;
  /** Tasks made and not yet freed. */
  taskCount = 0;
  /** The core's LL thread; set by its domain. */
  thread: Thread | null = null;
  /** Makes the semaphore that a waiting free needs; set by the domain, which grants it to both sides. */
  makeSem: ((name: string) => Sem | null) | null = null;
  /** Takes such a semaphore back; set by the domain. */
  freeSem: ((sem: Sem) => void) | null = null;
  /** Instruments the tasks of a checked run; set by the domain. */
  watchTask: ((task: LlTask) => LlTask) | null = null;
  /** Runs at the end of each tick, outside the lock: the watchdog is fed here. */
  onTickDone: (() => void) | null = null;
  private readonly kernel: Kernel;
  private readonly locking: LockingStrategy;

  constructor(
    kernel: Kernel,
    locking: LockingStrategy,
    core: number,
    periodUs: number,
    address = 0,
    runList = new RunList(),
  ) {
    this.runList = runList;
    this.address = address;
    this.kernel = kernel;
    this.locking = locking;
    this.core = core;
    this.periodUs = periodUs;
  }

  /** Makes a task in state INIT (`schedule_task_init_ll`). Does not block. */
  createTask(config: LlTaskConfig): LlTask {
    assert(
      config.core === this.core,
      `task ${config.name} is for core ${config.core}, not ${this.core}`,
    );
    this.taskCount++;
    const task = new LlTask(config);
    return this.watchTask === null ? task : this.watchTask(task);
  }

  /**
   * Puts a task on the run list; it runs at the next tick, or in the one under way when it sorts behind the
   * task that runs.
   *
   * @returns 0; -EALREADY when it is queued; -EBUSY when its run is under way; -EINVAL after its free
   */
  scheduleLocked(task: LlTask): number {
    const refused = this.checkSchedulable(task);
    if (refused !== 0) return refused;
    task.state = TaskState.QUEUED;
    task.ticksToRun = 0;
    this.runList.insert(task);
    return 0;
  }

  /** As {@link scheduleLocked}, beside another queued task (`schedule_task_before`, `schedule_task_after`). */
  scheduleBesideLocked(task: LlTask, anchor: LlTask, where: "before" | "after"): number {
    const refused = this.checkSchedulable(task);
    if (refused !== 0) return refused;
    if (!this.runList.has(anchor)) return -EINVAL;
    task.state = TaskState.QUEUED;
    task.ticksToRun = 0;
    this.runList.insertBeside(task, anchor, where);
    return 0;
  }

  /**
   * Stops a task. One that is not running leaves the list at once; one that runs leaves it when its run
   * ends, whatever that run returns.
   *
   * @returns 0; -EINVAL after its free
   */
  cancelLocked(task: LlTask): number {
    if (task.state === TaskState.FREE) return -EINVAL;
    if (task.state === TaskState.QUEUED) this.runList.remove(task);
    if (task.state !== TaskState.INIT) task.state = TaskState.CANCEL;
    return 0;
  }

  *schedule(task: LlTask): Generator<number, number, number> {
    yield* this.locking.lock(this.core);
    const rc = this.scheduleLocked(task);
    yield* this.locking.unlock(this.core);
    return rc;
  }

  *cancel(task: LlTask): Generator<number, number, number> {
    yield* this.locking.lock(this.core);
    const rc = this.cancelLocked(task);
    yield* this.locking.unlock(this.core);
    return rc;
  }

  /**
   * Gives a task back (`schedule_task_free`). A task that runs on its core is waited for, at most
   * 100 periods; a task may free itself from its own run.
   *
   * @returns 0, after which the scheduler has forgotten the task; -ETIMEDOUT when its run did not end: it is
   *   cancelled but still in use, and the caller keeps its memory and may try again; -ENOMEM when it could not
   *   be waited for; -EBUSY while another free of it waits; -EINVAL when it was freed before
   */
  *free(task: LlTask): Generator<number, number, number> {
    yield* this.locking.lock(this.core);
    if (task.state === TaskState.FREE) {
      yield* this.locking.unlock(this.core);
      return -EINVAL;
    }
    if (task.freeing) {
      yield* this.locking.unlock(this.core);
      return -EBUSY;
    }
    this.cancelLocked(task);
    if (this.running !== task) {
      this.forget(task);
      yield* this.locking.unlock(this.core);
      return 0;
    }
    task.freeing = true;
    if (this.runsTask(task)) {
      yield* this.locking.unlock(this.core);
      return 0;
    }
    const done = this.doneSemOf(task);
    if (done === null) {
      task.freeing = false;
      yield* this.locking.unlock(this.core);
      return -ENOMEM;
    }
    yield* this.locking.unlock(this.core);
    const waited = yield* done.take(K_USEC(FREE_WAIT_PERIODS * this.periodUs));
    let result = 0;
    if (waited !== 0) {
      yield* this.locking.lock(this.core);
      // The run may have ended since the wait did.
      if (!isFree(task)) {
        task.freeing = false;
        result = -ETIMEDOUT;
      }
      yield* this.locking.unlock(this.core);
    }
    task.doneSem = null;
    this.freeSem?.(done);
    return result;
  }

  /**
   * The body of the core's LL thread: waits for the tick, walks the run list, for ever. One generator deep,
   * because every level costs on every tick.
   *
   * @param tick given by the core's timer interrupt once a period
   */
  *run(tick: Sem): Generator<number, void, number> {
    const { runList, locking, core, kernel, stats } = this;
    const cpu = kernel.cpus[core] as Cpu;
    for (;;) {
      if (tick.takeNow(K_FOREVER) === SWITCH) yield SWITCH;
      this.inTick = true;
      const start = cpu.time;
      locking.assertCore(core);
      if (locking.tickEnter(core) === SWITCH) yield SWITCH;
      for (let task = runList.first(); task !== null; task = runList.next()) {
        if (task.ticksToRun > 0) {
          task.ticksToRun--;
          continue;
        }
        task.state = TaskState.RUNNING;
        this.running = task;
        if (locking.taskEnter(core) === SWITCH) yield SWITCH;
        const again = task.runBlocking === undefined ? task.run() : yield* task.runBlocking();
        if (kernel.charge(task.cycles) === SWITCH) yield SWITCH;
        if (locking.taskExit(core) === SWITCH) yield SWITCH;
        this.running = null;
        task.runs++;
        if (task.state === TaskState.RUNNING && again === RunAgain.RESCHEDULE) {
          task.state = TaskState.QUEUED;
          task.ticksToRun = task.periodTicks - 1;
        } else {
          this.finish(task);
          // Whoever waits learns of the end only when nothing of the task is in use any more.
          if (task.doneSem !== null && task.doneSem.giveNow() === SWITCH) yield SWITCH;
        }
      }
      if (locking.tickExit(core) === SWITCH) yield SWITCH;
      this.inTick = false;
      stats.ticks++;
      const cost = cpu.time - start;
      stats.lastCycles = cost;
      stats.totalCycles += cost;
      if (cost > stats.maxCycles) stats.maxCycles = cost;
      this.onTickDone?.();
    }
  }

  /** Its thread is gone: the run under way has ended, and nothing is scheduled any more. */
  abandon(): void {
    const { running } = this;
    this.lost = true;
    this.running = null;
    this.inTick = false;
    if (running === null) return;
    running.state = TaskState.CANCEL;
    this.finish(running);
    running.doneSem?.giveNow();
  }

  private finish(task: LlTask): void {
    this.runList.remove(task);
    if (task.state === TaskState.RUNNING) task.state = TaskState.COMPLETED;
    if (task.freeing) this.forget(task);
  }

  private checkSchedulable(task: LlTask): number {
    if (this.lost) return -EINVAL;
    assert(task.core === this.core, `task ${task.name} belongs to core ${task.core}`);
    if (task.state === TaskState.FREE || task.freeing) return -EINVAL;
    if (task.state === TaskState.QUEUED) return -EALREADY;
    if (this.running === task) return -EBUSY;
    return 0;
  }

  private forget(task: LlTask): void {
    this.runList.remove(task);
    task.state = TaskState.FREE;
    this.taskCount--;
  }

  private runsTask(task: LlTask): boolean {
    return this.running === task && this.kernel.current === this.thread;
  }

  private doneSemOf(task: LlTask): Sem | null {
    assert(this.makeSem !== null, `core ${this.core} has no LL domain`);
    task.doneSem ??= this.makeSem(`${task.name} done`);
    return task.doneSem;
  }
}

/** A function, because the state changes while a caller waits and the type checker does not know. */
function isFree(task: LlTask): boolean {
  return task.state === TaskState.FREE;
}
