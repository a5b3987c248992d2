import type { Thread } from "@sof-ts/kernel";
import type { RunAgain } from "@sof-ts/ll-scheduler";
import type { MemoryGrant } from "./memory-domains.js";
import type { TaskObjects } from "./task-objects.js";
import { type ThreadTaskEvent, nextThreadTaskState, ThreadTaskState } from "./task-state.js";
import type { ThreadCall } from "./thread-call.js";

/** Why a task's thread is woken. Posted, never set, so that no bit replaces another. */
export const TaskBit = {
  /** A tick wants a run. */
  PROCESS: 1,
  /** The thread is to end. */
  CANCEL: 2,
  /** A caller wants an operation done by the thread. */
  IPC: 4,
} as const;

/** What the thread of a task does. */
export interface ThreadWork {
  /**
   * One run. Calling context: the task's own thread, which may be preempted and may block; computation is
   * charged with `kernel.busy`.
   *
   * @returns whether the task stays scheduled
   */
  run(): Generator<number, RunAgain, number>;
}

/** What every task with a thread of its own is made of. */
export interface ThreadTaskConfig {
  readonly name: string;
  /** Core that its thread is pinned to. */
  readonly core: number;
  readonly work: ThreadWork;
  /** Bytes of stack (DP_DATA `stack_bytes`). */
  readonly stackBytes: number;
  /** Memory that its thread may use in user mode; null leaves it with the domain of the caller. */
  readonly memory: MemoryGrant | null;
}

/**
 * A task with a thread of its own. Its scheduler owns it: all fields are kernel memory, which user threads
 * reach through the scheduler's system calls only.
 */
export class ThreadTask {
  readonly name: string;
  readonly core: number;
  readonly work: ThreadWork;
  readonly memory: MemoryGrant | null;
  readonly objects: TaskObjects;
  state: ThreadTaskState = ThreadTaskState.INIT;
  /** Runs that have ended. */
  runs = 0;
  /** The call that the thread is to carry out next. */
  call: ThreadCall | null = null;

  constructor(config: ThreadTaskConfig, objects: TaskObjects) {
    this.name = config.name;
    this.core = config.core;
    this.work = config.work;
    this.memory = config.memory;
    this.objects = objects;
  }

  get thread(): Thread {
    return this.objects.thread;
  }

  /** Moves by the transition table. @returns whether `event` happens in the present state */
  move(event: ThreadTaskEvent): boolean {
    const next = nextThreadTaskState(this.state, event);
    if (next === null) return false;
    this.state = next;
    return true;
  }

  /** Tells the thread of a queued task to run. Calling context: kernel, spinlock held. */
  trigger(): void {
    if (this.move("trigger")) this.objects.event.postNow(TaskBit.PROCESS);
  }
}
