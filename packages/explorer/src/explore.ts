import { assert } from "@sof-ts/kit";
import type { Chooser } from "@sof-ts/kernel";
import {
  ExhaustiveSearch,
  RandomChooser,
  type RecordingChooser,
  ReplayChooser,
  SparseChooser,
} from "./choosers.js";
import { type Choice, encodeSchedule, type Schedule, trimSchedule } from "./schedule.js";

/**
 * One run of what is explored: builds its machine on `chooser`, runs it and throws when something is wrong.
 * The value it returns is its outcome. It must depend on nothing but the chooser.
 */
export type Scenario<T> = (chooser: Chooser) => T;

export interface ExploreOptions {
  /**
   * `exhaustive`: every schedule, up to `maxChanges` decisions off the default rule; `random`: uniform picks;
   * `sparse`: a few off-default decisions per run.
   */
  readonly strategy?: "exhaustive" | "random" | "sparse";
  /** Runs at most. */
  readonly maxRuns?: number;
  /** Seed of the first run of `random` and `sparse`; the following runs count up from it. */
  readonly seed?: number;
  /** Decisions off the default rule per run, for `exhaustive` and `sparse`. */
  readonly maxChanges?: number;
  /** Called after each run, for progress. */
  readonly onRun?: (runs: number) => void;
}

export interface Exploration<T> {
  readonly runs: number;
  /** Whether every schedule within the bounds was run. */
  readonly exhausted: boolean;
  /** Outcome of each distinct result, by its JSON text, with one schedule that leads there. */
  readonly outcomes: ReadonlyMap<string, { readonly value: T; readonly schedule: Schedule }>;
}

/** A scenario failed under some schedule. The message holds what `replay` needs. */
export class ScenarioFailed extends Error {
  override readonly name = "ScenarioFailed";
  readonly schedule: Schedule;
  readonly runs: number;

  constructor(schedule: Schedule, runs: number, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`${reason} [run ${runs}; replay with schedule "${encodeSchedule(schedule)}"]`, { cause });
    this.schedule = schedule;
    this.runs = runs;
  }
}

/** Runs a scenario once under a schedule. @throws what the scenario throws */
export function replay<T>(scenario: Scenario<T>, schedule: Schedule): T {
  return scenario(new ReplayChooser(schedule));
}

/**
 * Runs a scenario under many schedules.
 *
 * @returns what was covered and every distinct outcome
 * @throws ScenarioFailed for the first run that throws, its schedule shrunk to the decisions that matter
 */
export function explore<T>(scenario: Scenario<T>, options: ExploreOptions = {}): Exploration<T> {
  const { strategy = "exhaustive", maxRuns = 10_000, seed = 1, maxChanges, onRun } = options;
  const search = new ExhaustiveSearch(maxChanges);
  const outcomes = new Map<string, { value: T; schedule: Schedule }>();
  let length = 0;
  let runs = 0;
  for (; runs < maxRuns; runs++) {
    const chooser: RecordingChooser | null =
      strategy === "exhaustive"
        ? search.begin()
        : strategy === "random"
          ? new RandomChooser(seed + runs)
          : runs === 0
            ? new ReplayChooser([])
            : new SparseChooser(seed + runs, length, maxChanges ?? 3);
    if (chooser === null) return { runs, exhausted: true, outcomes };
    try {
      const value = scenario(chooser);
      const key = JSON.stringify(value) ?? "undefined";
      if (!outcomes.has(key))
        outcomes.set(key, { value, schedule: trimSchedule(chooser.schedule) });
    } catch (cause) {
      const schedule = shrink(scenario, chooser.schedule);
      throw new ScenarioFailed(schedule, runs + 1, cause);
    }
    length = Math.max(length, chooser.choices.length);
    search.end(chooser);
    onRun?.(runs + 1);
  }
  return { runs, exhausted: strategy === "exhaustive" && search.begin() === null, outcomes };
}

/**
 * Makes a failing schedule small: takes decisions back to the default rule, in blocks that get smaller,
 * while the scenario still fails.
 */
export function shrink<T>(scenario: Scenario<T>, failing: Schedule): Schedule {
  const fails = (schedule: Schedule): boolean => {
    try {
      replay(scenario, schedule);
      return false;
    } catch {
      return true;
    }
  };
  let best = trimSchedule(failing);
  if (!fails(best)) return failing;
  for (let block = Math.max(1, best.length >> 1); ; block >>= 1) {
    for (let start = 0; start < best.length; start += block) {
      if (best.slice(start, start + block).every((pick) => pick === 0)) continue;
      const candidate = trimSchedule(
        best.map((pick, i) => (i >= start && i < start + block ? 0 : pick)),
      );
      if (fails(candidate)) best = candidate;
    }
    if (block === 1) return best;
  }
}

/**
 * Runs a scenario twice under one schedule and compares every decision point: a difference means that
 * something outside the choice port steers the machine.
 *
 * @throws InvariantError naming the first decision point that differs
 */
export function checkDeterminism<T>(scenario: Scenario<T>, schedule: Schedule): void {
  const record = (): readonly Choice[] => {
    const chooser = new ReplayChooser(schedule);
    scenario(chooser);
    return chooser.choices;
  };
  const first = record();
  const again = record();
  const differs = first.findIndex(
    (choice, i) => JSON.stringify(choice) !== JSON.stringify(again[i]),
  );
  assert(
    differs < 0 && first.length === again.length,
    `nondeterminism outside the choice port at decision ${differs < 0 ? Math.min(first.length, again.length) : differs}`,
  );
}
