import type { TaskObjects } from "./task-objects.js";
import { ThreadTaskState } from "./task-state.js";
import type { TaskKind } from "./task-kernel.js";
import { ThreadScheduler } from "./thread-scheduler.js";
import type { ThreadSchedulerConfig } from "./thread-scheduler-config.js";
import { ThreadTask, type ThreadTaskConfig, type ThreadWork } from "./thread-task.js";

/** Priority of data-processing threads; among them the earliest deadline goes first. */
export const DP_THREAD_PRIORITY = 12;

/** The work of a data-processing task, and what its scheduler has to know of it. */
export interface DpWork extends ThreadWork {
  /**
   * Whether there is enough input and enough room for output for one run. Calling context: kernel, with a
   * spinlock held, only while the task is queued; looks at ring levels and calls no code of a module.
   */
  ready(): boolean;
  /** Microseconds until its output is missed: what is still buffered behind it. Calling context as `ready`. */
  slackUs(): number;
}

export interface DpTaskConfig extends ThreadTaskConfig {
  readonly work: DpWork;
}

/** What a task's deadlines did since it was scheduled. Times in cycles of the core clock. */
export interface DpStats {
  /** Runs that have ended. */
  runs: number;
  /** Deadlines that passed before the run ended. */
  misses: number;
  /** Longest time by which a run was late. */
  maxLateCycles: number;
  /** Longest time from readiness to the end of the run. */
  maxResponseCycles: number;
}

/** A data-processing task. Its scheduler owns it. */
export class DpTask extends ThreadTask {
  override readonly work: DpWork;
  /** Length of one run's output; set when the task is scheduled. */
  periodCycles = 0;
  /** Instant at which the run under way was found ready. */
  readySince = 0;
  /** Instant by which it has to end. */
  deadline = 0;
  /** The deadline of the run under way has been counted as missed. */
  missed = false;
  readonly stats: DpStats = { runs: 0, misses: 0, maxLateCycles: 0, maxResponseCycles: 0 };

  constructor(config: DpTaskConfig, objects: TaskObjects) {
    super(config, objects);
    this.work = config.work;
  }

  /** A new stream with runs of `periodCycles`. */
  restart(periodCycles: number): void {
    const { stats } = this;
    this.periodCycles = periodCycles;
    stats.runs = 0;
    stats.misses = 0;
    stats.maxLateCycles = 0;
    stats.maxResponseCycles = 0;
  }
}

export interface DpSchedulerConfig extends ThreadSchedulerConfig {
  /** Told once for each deadline that passes. Calling context: kernel, spinlock held; must not wait. */
  onDeadlineMiss?(task: DpTask): void;
}

/** Deadlines: the kernel's side of data-processing tasks. */
class DpKind implements TaskKind<DpTask, DpTaskConfig> {
  readonly prefix = "scheduler_dp";
  readonly priority = DP_THREAD_PRIORITY;
  private readonly config: DpSchedulerConfig;

  constructor(config: DpSchedulerConfig) {
    this.config = config;
  }

  accepts(): boolean {
    return true;
  }

  make(config: DpTaskConfig, objects: TaskObjects): DpTask {
    return new DpTask(config, objects);
  }

  tick(task: DpTask): void {
    const { state } = task;
    if (state === ThreadTaskState.QUEUED) {
      if (task.work.ready()) this.release(task);
    } else if (state === ThreadTaskState.READY || state === ThreadTaskState.RUNNING) {
      this.checkDeadline(task);
    }
  }

  ended(task: DpTask): void {
    const { stats } = task;
    const { now } = this.config.kernel;
    this.checkDeadline(task);
    stats.runs++;
    stats.maxLateCycles = Math.max(stats.maxLateCycles, now - task.deadline);
    stats.maxResponseCycles = Math.max(stats.maxResponseCycles, now - task.readySince);
  }

  /**
   * Gives a ready task its deadline and wakes its thread. The deadline is where its output will be missed:
   * one period from now while the stream flows, less when an earlier run was late or input came late, never
   * less than an LL tick.
   */
  private release(task: DpTask): void {
    const { kernel, domain } = this.config;
    const { now } = kernel;
    const slack = kernel.cyclesOf(task.work.slackUs() * 1000);
    const tick = kernel.cyclesOf((domain.scheduler(task.core)?.periodUs ?? 0) * 1000);
    task.readySince = now;
    task.deadline = now + Math.max(tick, Math.min(slack, task.periodCycles));
    task.missed = false;
    task.thread.absoluteDeadlineSetNow(task.deadline);
    task.trigger();
  }

  private checkDeadline(task: DpTask): void {
    const { kernel, onDeadlineMiss } = this.config;
    if (task.missed || kernel.now <= task.deadline) return;
    task.missed = true;
    task.stats.misses++;
    onDeadlineMiss?.(task);
  }
}

/**
 * The data-processing scheduler (SOF's `zephyr_dp_schedule`): module instances whose period is longer than
 * the LL tick run in threads of their own. At the end of each LL tick of their core, those that have enough
 * input and room get a deadline and are woken; EDF among them and the LL thread above them do the rest.
 */
export class DpScheduler extends ThreadScheduler<DpTask, DpTaskConfig> {
  /**
   * Puts a task on the tick of its core; statistics start anew (`scheduler_dp_task_schedule`). Calling
   * context: a thread, user mode included; does not block.
   *
   * @param periodUs length of the output of one run, above 0
   * @returns 0; -EALREADY when it is scheduled; -EBUSY while a cancelled run goes on; -EIO when its thread is
   *   dead; -EINVAL after its free
   */
  readonly schedule: (task: DpTask, periodUs: number) => number;

  constructor(config: DpSchedulerConfig) {
    super(config, new DpKind(config));
    const { kernel, half } = this;
    this.schedule = kernel.defineSyscall("scheduler_dp_task_schedule", {
      verify: (task: DpTask, periodUs: number) => periodUs > 0 && half.mayUse(task),
      run: (task: DpTask, periodUs: number) =>
        half.enqueue(task, () => task.restart(kernel.cyclesOf(periodUs * 1000))),
    });
  }

  /** Whether the task's thread was ended by a fault or an abort. Any context. */
  isDead(task: DpTask): boolean {
    return task.state === ThreadTaskState.DEAD || task.thread.dead;
  }
}
