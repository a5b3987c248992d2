import type { LockingStrategy } from "@sof-ts/ll-scheduler";
import type { Component } from "./component.js";

/** What a graph that is locked tells about where its components are. */
export interface Homes {
  readonly locking: LockingStrategy;
  /** The core that a component is copied on: its pipeline's; null without a pipeline. */
  copyingCore(component: Component): number | null;
}

/**
 * Locks the graphs of all cores that components are on or are copied on, which a host may have made two. Always
 * the lower core first, so that two callers cannot block each other. Calling context: an IPC thread; blocks.
 *
 * @param components called anew once the locks are held, as others may have come meanwhile
 * @returns what {@link unlockCores} takes
 */
export function* lockHomes(
  homes: Homes,
  components: () => Iterable<Component>,
): Generator<number, readonly number[], number> {
  for (;;) {
    const cores = coresOf(homes, components());
    yield* homes.locking.lockAll(cores);
    // A message that overstayed on another core may have changed the graph meanwhile.
    const now = coresOf(homes, components());
    if (now.length === cores.length && now.every((core, i) => core === cores[i])) return cores;
    yield* unlockCores(homes.locking, cores);
  }
}

/** As {@link lockHomes} for a component and its direct neighbours: rings and formats are shared with them. */
export function* lockAround(
  homes: Homes,
  component: Component,
): Generator<number, readonly number[], number> {
  return yield* lockHomes(homes, () => around(component));
}

/** Undoes {@link lockHomes} or {@link lockAround}, the highest core first. */
export function* unlockCores(
  locking: LockingStrategy,
  cores: readonly number[],
): Generator<number, void, number> {
  for (let i = cores.length - 1; i >= 0; i--) yield* locking.unlock(cores[i] as number);
}

/** The own locks of two components, in the order of their ids; their graphs are locked. */
export function* lockEnds(a: Component, b: Component): Generator<number, void, number> {
  const [first, second] = a.id <= b.id ? [a, b] : [b, a];
  yield* first.lock();
  if (second !== first) yield* second.lock();
}

/** Undoes {@link lockEnds}. */
export function* unlockEnds(a: Component, b: Component): Generator<number, void, number> {
  const [first, second] = a.id <= b.id ? [a, b] : [b, a];
  if (second !== first) yield* second.unlock();
  yield* first.unlock();
}

/**
 * Looks at every component of a graph, one after the other, with the tick excluded from it. One that comes or goes
 * meanwhile may be left out. Calling context: an IPC thread or a kernel thread, no graph locked; blocks.
 */
export function* forEachComponent(
  graph: Homes & { readonly components: readonly Component[] },
  look: (component: Component) => void,
): Generator<number, void, number> {
  for (const component of graph.components.slice()) {
    const cores = yield* lockHomes(graph, () => [component]);
    // Gone while the lock was waited for, and its own lock with it.
    if (graph.components.includes(component)) {
      yield* component.lock();
      look(component);
      yield* component.unlock();
    }
    yield* unlockCores(graph.locking, cores);
  }
}

function around(component: Component): readonly Component[] {
  const found = [component];
  for (const { sink } of component.sinks) if (sink !== null) found.push(sink);
  for (const { source } of component.sources) if (source !== null) found.push(source);
  return found;
}

/** The cores that components are on or are copied on, ascending. */
export function coresOf(homes: Homes, components: Iterable<Component>): readonly number[] {
  const cores = new Set<number>();
  for (const component of components) {
    cores.add(component.core);
    const copying = homes.copyingCore(component);
    if (copying !== null) cores.add(copying);
  }
  return [...cores].sort((a, b) => a - b);
}
