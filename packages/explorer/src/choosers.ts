import { assert, Random } from "@sof-ts/kit";
import type { Chooser, ChoiceKind } from "@sof-ts/kernel";
import type { Choice, Schedule } from "./schedule.js";

/** A chooser that keeps what it chose. One instance serves one run. */
export abstract class RecordingChooser implements Chooser {
  readonly choices: Choice[] = [];

  choose(kind: ChoiceKind, count: number): number {
    const pick = this.pick(kind, count, this.choices.length);
    assert(pick >= 0 && pick < count, `picked ${pick} of ${count}`);
    this.choices.push({ kind, count, pick });
    return pick;
  }

  /** The picks so far. */
  get schedule(): Schedule {
    return this.choices.map((choice) => choice.pick);
  }

  protected abstract pick(kind: ChoiceKind, count: number, index: number): number;
}

/** Follows a schedule, then the default rule. A pick that is out of range falls back to the default. */
export class ReplayChooser extends RecordingChooser {
  private readonly planned: Schedule;

  constructor(planned: Schedule) {
    super();
    this.planned = planned;
  }

  protected pick(_kind: ChoiceKind, count: number, index: number): number {
    const planned = this.planned[index] ?? 0;
    return planned < count ? planned : 0;
  }
}

/** Picks uniformly, from a seed. */
export class RandomChooser extends RecordingChooser {
  private readonly random: Random;

  constructor(seed: number) {
    super();
    this.random = new Random(seed);
  }

  protected pick(_kind: ChoiceKind, count: number, _index: number): number {
    return this.random.below(count);
  }
}

/**
 * Follows the default rule except at a few points of the run, picked from a seed: most defects of
 * concurrency need few unusual decisions, and long runs drown uniform picks in noise (after Burckhardt et
 * al., "A randomized scheduler with probabilistic guarantees of finding bugs").
 */
export class SparseChooser extends RecordingChooser {
  private readonly random: Random;
  private readonly points = new Set<number>();

  /** @param length decisions in a typical run @param changes points at which to leave the default rule */
  constructor(seed: number, length: number, changes: number) {
    super();
    this.random = new Random(seed);
    for (let i = 0; i < changes; i++) this.points.add(this.random.below(Math.max(1, length)));
  }

  protected pick(_kind: ChoiceKind, count: number, index: number): number {
    return this.points.has(index) ? this.random.below(count) : 0;
  }
}

/** Walks the tree of all schedules depth first, with at most so many decisions off the default rule. */
export class ExhaustiveSearch {
  private next: number[] | null = [];
  private readonly maxChanges: number;

  constructor(maxChanges = Number.POSITIVE_INFINITY) {
    this.maxChanges = maxChanges;
  }

  /** @returns the chooser of the next run, or null when every schedule has been run */
  begin(): ReplayChooser | null {
    return this.next === null ? null : new ReplayChooser(this.next);
  }

  /** Plans the run after the one that `chooser` has just recorded. */
  end(chooser: RecordingChooser): void {
    const { choices } = chooser;
    for (let i = choices.length - 1; i >= 0; i--) {
      const { pick, count } = choices[i] as Choice;
      const before = choices.slice(0, i);
      const changes = before.filter((choice) => choice.pick !== 0).length;
      if (pick + 1 < count && changes < this.maxChanges) {
        this.next = [...before.map((choice) => choice.pick), pick + 1];
        return;
      }
    }
    this.next = null;
  }
}
