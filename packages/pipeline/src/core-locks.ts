import type { LockingStrategy } from "@sof-ts/ll-scheduler";
import type { Component } from "./component.js";

/**
 * Locks the graphs of two cores, which may be the same. Always the lower core first, so that two callers cannot
 * block each other. Calling context: an IPC thread; blocks.
 *
 * @returns what {@link unlockCores} takes
 */
export function* lockPair(
  locking: LockingStrategy,
  a: number,
  b: number,
): Generator<number, readonly number[], number> {
  const cores = a === b ? [a] : [Math.min(a, b), Math.max(a, b)];
  for (const core of cores) yield* locking.lock(core);
  return cores;
}

/**
 * Locks the graphs of all cores that a component and its direct neighbours are on: rings and formats are shared
 * with them. Order and calling context as {@link lockPair}.
 *
 * @returns what {@link unlockCores} takes
 */
export function* lockAround(
  locking: LockingStrategy,
  component: Component,
): Generator<number, readonly number[], number> {
  return yield* lockCores(locking, () => coresAround(component));
}

/**
 * Locks the graphs of all cores that components are on. Order and calling context as {@link lockPair}.
 *
 * @param components read anew once the locks are held, as others may have come meanwhile
 * @returns what {@link unlockCores} takes
 */
export function* lockAll(
  locking: LockingStrategy,
  components: readonly Component[],
): Generator<number, readonly number[], number> {
  return yield* lockCores(locking, () => ascending(components.map(({ core }) => core)));
}

function* lockCores(
  locking: LockingStrategy,
  wanted: () => readonly number[],
): Generator<number, readonly number[], number> {
  for (;;) {
    const cores = wanted();
    for (const core of cores) yield* locking.lock(core);
    // A message that overstayed on another core may have changed the graph meanwhile.
    const now = wanted();
    if (now.length === cores.length && now.every((core, i) => core === cores[i])) return cores;
    yield* unlockCores(locking, cores);
  }
}

/** Undoes {@link lockPair}, {@link lockAround} or {@link lockAll}, the highest core first. */
export function* unlockCores(
  locking: LockingStrategy,
  cores: readonly number[],
): Generator<number, void, number> {
  for (let i = cores.length - 1; i >= 0; i--) yield* locking.unlock(cores[i] as number);
}

/** Ascending. */
function coresAround(component: Component): readonly number[] {
  const cores = new Set([component.core]);
  for (const { sink } of component.sinks) if (sink !== null) cores.add(sink.core);
  for (const { source } of component.sources) if (source !== null) cores.add(source.core);
  return ascending(cores);
}

const ascending = (cores: Iterable<number>): readonly number[] =>
  [...new Set(cores)].sort((a, b) => a - b);
