import type { Sem } from "@sof-ts/kernel";

/** States of a low-latency task (SOF's `enum task_state`). */
export const TaskState = {
  /** Made, on no list. */
  INIT: "init",
  /** On its core's run list. */
  QUEUED: "queued",
  /** Its `run` is on the stack of the LL thread. */
  RUNNING: "running",
  /** Told to stop; off the list, or about to be when its run ends. */
  CANCEL: "cancel",
  /** A one-shot task that has run, or a periodic one that ended itself. */
  COMPLETED: "completed",
  /** Given back; not to be used again. */
  FREE: "free",
} as const;
export type TaskState = (typeof TaskState)[keyof typeof TaskState];

/** What a task's `run` asks for: another run after its period, or no more. */
export const RunAgain = { RESCHEDULE: 0, COMPLETED: 1 } as const;
export type RunAgain = (typeof RunAgain)[keyof typeof RunAgain];

/** What makes up a task. */
export interface LlTaskConfig {
  readonly name: string;
  readonly core: number;
  /** Lower runs first; a pipeline's trigger task is at -1, pipelines at 0..7. */
  readonly priority: number;
  /** Ticks between runs, 1 for every tick. */
  readonly periodTicks?: number;
  /**
   * Does the work of one period. Calling context: the LL thread of `core`; must not block.
   *
   * @returns whether to run again
   */
  run(): RunAgain;
  /** A run that may block, in place of `run`: for locking strategies that take locks inside the tick. */
  runBlocking?(): Generator<number, RunAgain, number>;
}

/**
 * A task of the low-latency scheduler. The LL scheduler of its core owns the mutable fields; everybody else
 * goes through the scheduler's functions.
 */
export class LlTask {
  readonly name: string;
  readonly core: number;
  readonly priority: number;
  readonly periodTicks: number;
  readonly run: () => RunAgain;
  readonly runBlocking: (() => Generator<number, RunAgain, number>) | undefined;
  state: TaskState = TaskState.INIT;
  /** Ticks until the next run. */
  ticksToRun = 0;
  /** Cycles that the last run cost, set by `run`; charged to the core when it ends. */
  cycles = 0;
  /** Runs so far. */
  runs = 0;
  /** Given when a run that somebody waits for has ended; made when first needed. */
  doneSem: Sem | null = null;
  /** A free waits for the run to end. */
  freeing = false;

  constructor(config: LlTaskConfig) {
    this.name = config.name;
    this.core = config.core;
    this.priority = config.priority;
    this.periodTicks = config.periodTicks ?? 1;
    this.run = config.run;
    this.runBlocking = config.runBlocking;
  }
}
