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
  for (;;) {
    const cores = coresAround(component);
    for (const core of cores) yield* locking.lock(core);
    // A message that overstayed on another core may have changed the connections meanwhile.
    const now = coresAround(component);
    if (now.length === cores.length && now.every((core, i) => core === cores[i])) return cores;
    yield* unlockCores(locking, cores);
  }
}

/** Undoes {@link lockPair} or {@link lockAround}, the highest core first. */
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
  return [...cores].sort((a, b) => a - b);
}
