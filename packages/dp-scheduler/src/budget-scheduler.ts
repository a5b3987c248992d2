import type { Kernel, RuntimeStats, Thread } from "@sof-ts/kernel";
import type { TaskObjects } from "./task-objects.js";
import { ThreadTaskState } from "./task-state.js";
import type { TaskKind } from "./task-kernel.js";
import { ThreadScheduler } from "./thread-scheduler.js";
import type { ThreadSchedulerConfig } from "./thread-scheduler-config.js";
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

/** Budgets: the kernel's side of threads that have one. */
class BudgetKind implements TaskKind<BudgetTask, BudgetTaskConfig> {
  readonly prefix = "scheduler_twb";
  readonly priority = BUDGET_PRIORITY;
  private readonly kernel: Kernel;
  private readonly cyclesPerTick: number;
  private readonly quantumTicks: number;
  private readonly usage: RuntimeStats = { executionCycles: 0, totalCycles: 0, idleCycles: 0 };
  /** Runs in the timer interrupt at the end of a slice. */
  private readonly onSlice = (_thread: Thread, data: unknown): void =>
    this.sliceOver(data as BudgetTask);

  constructor({ kernel, quantumTicks = Number.POSITIVE_INFINITY }: BudgetSchedulerConfig) {
    this.kernel = kernel;
    this.cyclesPerTick = kernel.cyclesPerSecond / kernel.ticksPerSecond;
    this.quantumTicks = quantumTicks;
  }

  accepts({ budgetCycles }: BudgetTaskConfig): boolean {
    return budgetCycles > 0;
  }

  make(config: BudgetTaskConfig, objects: TaskObjects): BudgetTask {
    return new BudgetTask(config, objects);
  }

  tick(task: BudgetTask): void {
    switch (task.state) {
      case ThreadTaskState.QUEUED:
        this.refill(task);
        task.trigger();
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

  ended(): void {}

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

/**
 * The scheduler of threads with budget (SOF's `zephyr_twb_schedule`): each LL tick starts a run of every
 * task and fills its budget; a thread that uses its budget up before its run ends goes on below everything
 * else until the next tick.
 */
export class BudgetScheduler extends ThreadScheduler<BudgetTask, BudgetTaskConfig> {
  /**
   * Puts a task on the tick of its core: its first run starts at the next one
   * (`scheduler_twb_task_schedule`). Calling context: a thread, user mode included; does not block.
   *
   * @returns 0; -EALREADY when it is scheduled; -EBUSY while a cancelled run goes on; -EIO when its thread is
   *   dead; -EINVAL after its free
   */
  readonly schedule: (task: BudgetTask) => number;

  constructor(config: BudgetSchedulerConfig) {
    super(config, new BudgetKind(config));
    const { kernel, half } = this;
    this.schedule = kernel.defineSyscall("scheduler_twb_task_schedule", {
      verify: (task: BudgetTask) => half.mayUse(task),
      run: (task: BudgetTask) => half.enqueue(task, () => {}),
    });
  }
}
