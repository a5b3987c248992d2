/** States of a task that has a thread of its own. */
export const ThreadTaskState = {
  /** Made; its thread waits and serves calls. */
  INIT: "init",
  /** Scheduled: each tick asks whether it may run. */
  QUEUED: "queued",
  /** A tick has told the thread to run; the thread has not begun. */
  READY: "ready",
  /** The thread is inside `run`. */
  RUNNING: "running",
  /** Cancelled inside `run`; over when that returns. */
  CANCEL: "cancel",
  /** Its `run` asked for no more runs. */
  COMPLETED: "completed",
  /** Its thread was ended by a fault or an abort. */
  DEAD: "dead",
  /** Told to end its thread; its memory is still in use. */
  FREEING: "freeing",
  /** Thread and kernel objects are gone. */
  FREE: "free",
} as const;
export type ThreadTaskState = (typeof ThreadTaskState)[keyof typeof ThreadTaskState];

/** What moves a task from state to state. */
export type ThreadTaskEvent =
  | "schedule"
  | "trigger"
  | "begin"
  | "end"
  | "complete"
  | "cancel"
  | "die"
  | "free"
  | "joined";

/**
 * The transition table; the state diagram in the README is generated from it. What is not in it does not
 * happen: above all, no event but `end` leads out of `cancel` to a state that can run again.
 */
export const threadTaskTransitions: Readonly<
  Record<ThreadTaskEvent, Readonly<Partial<Record<ThreadTaskState, ThreadTaskState>>>>
> = {
  schedule: { init: "queued", completed: "queued" },
  trigger: { queued: "ready" },
  begin: { ready: "running" },
  end: { running: "queued", cancel: "init", freeing: "freeing" },
  complete: { running: "completed", cancel: "init", freeing: "freeing" },
  cancel: {
    init: "init",
    queued: "init",
    ready: "init",
    running: "cancel",
    cancel: "cancel",
    completed: "init",
    dead: "dead",
  },
  die: {
    init: "dead",
    queued: "dead",
    ready: "dead",
    running: "dead",
    cancel: "dead",
    completed: "dead",
  },
  free: {
    init: "freeing",
    queued: "freeing",
    ready: "freeing",
    running: "freeing",
    cancel: "freeing",
    completed: "freeing",
    dead: "freeing",
    freeing: "freeing",
  },
  joined: { freeing: "free" },
};

/** @returns the state that `event` leads to from `state`, or null when it does not happen there */
export function nextThreadTaskState(
  state: ThreadTaskState,
  event: ThreadTaskEvent,
): ThreadTaskState | null {
  return threadTaskTransitions[event][state] ?? null;
}
