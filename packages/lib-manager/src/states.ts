import { assert } from "@sof-ts/kit";

/** Where an event leads from each state that it may come in. */
type Table<State extends string, Event extends string> = Readonly<
  Record<Event, { readonly from: readonly State[]; readonly to: State }>
>;

/** How far the loading of a library has got. */
export type LoadState = "idle" | "prepared" | "manifest" | "rest" | "checking" | "registering";

export type LoadEvent =
  | "prepare"
  | "load"
  | "manifest-read"
  | "image-read"
  | "accepted"
  | "registered"
  | "failed";

/** The loading of a library; the first diagram in the README is made from this. */
export const loadTransitions: Table<LoadState, LoadEvent> = {
  prepare: { from: ["idle", "prepared"], to: "prepared" },
  load: { from: ["prepared"], to: "manifest" },
  "manifest-read": { from: ["manifest"], to: "rest" },
  "image-read": { from: ["rest"], to: "checking" },
  accepted: { from: ["checking"], to: "registering" },
  registered: { from: ["registering"], to: "idle" },
  failed: { from: ["prepared", "manifest", "rest", "checking", "registering"], to: "idle" },
};

/** Whether the code of a unit is in place. */
export type LinkState = "unlinked" | "linking" | "linked";

export type LinkEvent = "first-use" | "in-place" | "failed" | "last-use-gone";

/** The life of a unit's code; the second diagram in the README is made from this. */
export const linkTransitions: Table<LinkState, LinkEvent> = {
  "first-use": { from: ["unlinked"], to: "linking" },
  "in-place": { from: ["linking"], to: "linked" },
  failed: { from: ["linking"], to: "unlinked" },
  "last-use-gone": { from: ["linked"], to: "unlinked" },
};

/** The state that an event leads to; one that cannot come in this state is a mistake of ours. */
export function nextState<State extends string, Event extends string>(
  table: Table<State, Event>,
  state: State,
  event: Event,
): State {
  const { from, to } = table[event];
  assert(from.includes(state), `${event} cannot come while ${state}`);
  return to;
}
