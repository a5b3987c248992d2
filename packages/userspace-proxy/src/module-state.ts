/** Life of an isolated instance as its handle sees it. */
export const ModuleState = {
  /** Its memory domain and work item exist; init has not returned. */
  STARTING: "starting",
  READY: "ready",
  /** An operation is under way. */
  BUSY: "busy",
  /** An operation was lost: it did not end in time, or its thread died. Nothing of it runs any more. */
  DEAD: "dead",
  /** Everything is given back. */
  FREED: "freed",
} as const;
export type ModuleState = (typeof ModuleState)[keyof typeof ModuleState];

/** What moves an instance from state to state. */
export type ModuleEvent = "initialised" | "refused" | "invoke" | "done" | "lost" | "free";

const { STARTING, READY, BUSY, DEAD, FREED } = ModuleState;

/** The transition table; the state diagram in the README is generated from it. */
export const moduleTransitions: readonly (readonly [
  from: ModuleState,
  event: ModuleEvent,
  to: ModuleState,
])[] = [
  [STARTING, "initialised", READY],
  [STARTING, "refused", FREED],
  [READY, "invoke", BUSY],
  [BUSY, "done", READY],
  [BUSY, "lost", DEAD],
  [READY, "free", FREED],
  [DEAD, "free", FREED],
];

/** @returns the state that `event` leads to; null when it does not happen in `state` */
export function nextModuleState(state: ModuleState, event: ModuleEvent): ModuleState | null {
  return moduleTransitions.find(([from, what]) => from === state && what === event)?.[2] ?? null;
}
