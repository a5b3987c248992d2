import type { RuntimeStats, Thread } from "@sof-ts/kernel";
import type { TaskObjects } from "./task-objects.js";
import { ThreadTaskState } from "./task-state.js";
import { ThreadScheduler, type ThreadSchedulerConfig } from "./thread-scheduler.js";
import { ThreadTask, type ThreadTaskConfig } from "./thread-task.js";

/** Priority of a thread that has budget left (CONFIG_TWB_THREAD_MEDIUM_PRIORITY). */
export const BUDGET_PRIORITY = 1;
/** Priority of a thread that has used its budget up (CONFIG_TWB_THREAD_LOW_PRIORITY). */
export const EXHAUSTED_PRIORITY = 12;

/**
 * Deadline of an exhausted thread, from the end of its budget: behind those of all data-processing threads,
 * which have the same priority. Half of what the RTOS can compare when its deadlines are 32 bits wide.
 */
const FAR_CYCLES = 2 ** 30;

export interface BudgetTaskConfig extends ThreadTaskConfig {
  /** Cycles per LL tick at {@link BUDGET_PRIORITY}, above 0 (`cycles_granted`). */
  readonly budgetCycles: number;
}

/** A task whose thread has a budget. Its scheduler owns it. */
export class BudgetTask extends ThreadTask {
  readonly budgetCycles: number;
  /** The budget of the present tick is used up. */
  exhausted = false;
  /** Cycles that its thread had executed when the budget was last filled. */
  refilledAt = 0;
  /** Ticks in which the budget did not last. */
  exhaustions = 0;

  constructor(config: BudgetTaskConfig, objects: TaskObjects) {
    super(config, objects);
    this.budgetCycles = config.budgetCycles;
  }
}

export interface BudgetSchedulerConfig extends ThreadSchedulerConfig {
  /**
   * Kernel ticks after which the use of a budget is looked at again, at most. The RTOS starts a slice anew
   * whenever its thread gets the CPU back, so a thread that is interrupted by better ones may use up to this
   * much beyond its budget. Default: the whole budget.
   */
  readonly quantumTicks?: number;
}

/**
 * The scheduler of threads with budget (SOF's `zephyr_twb_schedule`): each LL tick starts a run of every
 * task and fills its budget; a thread that uses its budget up before its run ends goes on below everything
 * else until the next tick.
 */
export class BudgetScheduler extends ThreadScheduler<BudgetTask, BudgetTaskConfig> {
  private readonly scheduleCall: (task: BudgetTask) => number;
  private readonly cyclesPerTick: number;
  private readonly quantumTicks: number;
  private readonly usage: RuntimeStats = { executionCycles: 0, totalCycles: 0, idleCycles: 0 };
  /** Runs in the timer interrupt at the end of a slice. */
  private readonly onSlice = (_thread: Thread, data: unknown): void =>
    this.sliceOver(data as BudgetTask);

  constructor(config: BudgetSchedulerConfig) {
    super(config, { prefix: "scheduler_twb", priority: BUDGET_PRIORITY });
    const { kernel } = this;
    this.cyclesPerTick = kernel.cyclesPerSecond / kernel.ticksPerSecond;
    this.quantumTicks = config.quantumTicks ?? Number.POSITIVE_INFINITY;
    this.scheduleCall = kernel.defineSyscall("scheduler_twb_task_schedule", {
      verify: (task: BudgetTask) => this.mayUse(task),
      run: (task: BudgetTask) => this.enqueue(task, () => {}),
    });
  }

  /**
   * Puts a task on the tick of its core: its first run starts at the next one. Calling context: a thread,
   * user mode included; does not block.
   *
   * @returns 0; -EALREADY when it is scheduled; -EBUSY while a cancelled run goes on; -EIO when its thread is
   *   dead; -EINVAL after its free
   */
  schedule(task: BudgetTask): number {
    return this.scheduleCall(task);
  }

  protected override accepts(config: BudgetTaskConfig): boolean {
    return super.accepts(config) && config.budgetCycles > 0;
  }

  protected makeTask(config: BudgetTaskConfig, objects: TaskObjects): BudgetTask {
    return new BudgetTask(config, objects);
  }

  protected tickTask(task: BudgetTask): void {
    switch (task.state) {
      case ThreadTaskState.QUEUED:
        this.refill(task);
        this.trigger(task);
        return;
      case ThreadTaskState.READY:
      case ThreadTaskState.RUNNING:
      case ThreadTaskState.CANCEL:
      case ThreadTaskState.FREEING:
        this.refill(task);
        return;
      default:
    }
  }

  protected runEnded(_task: BudgetTask): void {}

  private refill(task: BudgetTask): void {
    const { thread } = task;
    if (task.exhausted) {
      task.exhausted = false;
      thread.absoluteDeadlineSetNow(0);
      thread.prioritySetNow(BUDGET_PRIORITY);
    }
    task.refilledAt = this.executed(thread);
    thread.timeSliceSet(this.sliceTicks(task.budgetCycles), this.onSlice, task);
  }

  private sliceOver(task: BudgetTask): void {
    const { thread } = task;
    const left = task.budgetCycles - (this.executed(thread) - task.refilledAt);
    if (left > 0) {
      thread.timeSliceSet(this.sliceTicks(left), this.onSlice, task);
      return;
    }
    task.exhausted = true;
    task.exhaustions++;
    thread.absoluteDeadlineSetNow(this.kernel.now + FAR_CYCLES);
    thread.prioritySetNow(EXHAUSTED_PRIORITY);
    thread.timeSliceSet(0, this.onSlice, task);
  }

  private sliceTicks(cycles: number): number {
    return Math.min(this.quantumTicks, Math.max(1, Math.ceil(cycles / this.cyclesPerTick)));
  }

  private executed(thread: Thread): number {
    this.kernel.threadRuntimeStatsGet(thread, this.usage);
    return this.usage.executionCycles;
  }
}
