import { EINVAL } from "@sof-ts/kit";

/** States of a component (SOF's `COMP_STATE_*`). */
export const ComponentState = {
  READY: "ready",
  PREPARE: "prepare",
  PRE_ACTIVE: "pre-active",
  ACTIVE: "active",
  PAUSED: "paused",
} as const;
export type ComponentState = (typeof ComponentState)[keyof typeof ComponentState];

/** What moves a component from state to state: preparation, the stream triggers and the reset. */
export type ComponentCommand =
  | "prepare"
  | "pre-start"
  | "start"
  | "pause"
  | "pre-release"
  | "release"
  | "stop"
  | "reset";

interface Transition {
  readonly from: readonly ComponentState[];
  readonly to: ComponentState;
}

const { READY, PREPARE, PRE_ACTIVE, ACTIVE, PAUSED } = ComponentState;

/** The transition table; the state diagram in the README is generated from it. */
export const componentTransitions: Readonly<Record<ComponentCommand, Transition>> = {
  prepare: { from: [READY], to: PREPARE },
  "pre-start": { from: [PREPARE], to: PRE_ACTIVE },
  start: { from: [PRE_ACTIVE], to: ACTIVE },
  pause: { from: [ACTIVE], to: PAUSED },
  "pre-release": { from: [PAUSED], to: PRE_ACTIVE },
  release: { from: [PRE_ACTIVE], to: ACTIVE },
  stop: { from: [ACTIVE, PAUSED], to: PREPARE },
  reset: { from: [READY, PREPARE, PRE_ACTIVE, ACTIVE, PAUSED], to: READY },
};

/**
 * The state that `command` leads to (SOF's `comp_set_state`).
 *
 * @returns the new state; the same state when the command asks for what is already so; -EINVAL when the
 *   command does not fit the state
 */
export function nextComponentState(
  state: ComponentState,
  command: ComponentCommand,
): ComponentState | number {
  const { from, to } = componentTransitions[command];
  if (from.includes(state) || state === to) return to;
  return -EINVAL;
}
