import type { Chooser } from "@sof-ts/kernel";
import { describe, expect, it } from "vitest";
import { checkDeterminism, explore, replay, ScenarioFailed } from "./explore.js";
import { decodeSchedule, encodeSchedule } from "./schedule.js";

/** Two threads of plain steps, interleaved by the chooser. */
function interleave(chooser: Chooser, a: (() => void)[], b: (() => void)[]): void {
  const left = [[...a], [...b]].filter((steps) => steps.length > 0);
  while (left.length > 0) {
    const index = left.length === 1 ? 0 : chooser.choose("step", left.length);
    const steps = left[index] as (() => void)[];
    (steps.shift() as () => void)();
    if (steps.length === 0) left.splice(index, 1);
  }
}

/** Both threads add 1 to a variable with a load and a store that are not one step. */
function lostUpdate(chooser: Chooser): number {
  let shared = 0;
  const thread = (): (() => void)[] => {
    let loaded = 0;
    return [() => (loaded = shared), () => (shared = loaded + 1)];
  };
  interleave(chooser, thread(), thread());
  return shared;
}

describe("explore", () => {
  it("finds the whole set of outcomes of a lost update, and no other", () => {
    const { outcomes, exhausted, runs } = explore(lostUpdate);
    expect(new Set(outcomes.keys())).toEqual(new Set(["1", "2"]));
    expect(exhausted).toBe(true);
    // Two threads of two steps each interleave in 4! / (2! 2!) ways.
    expect(runs).toBe(6);
  });

  it("finds every outcome of two stores and two loads in program order", () => {
    const { outcomes } = explore((chooser) => {
      let x = 0;
      let y = 0;
      let seenX = -1;
      let seenY = -1;
      interleave(chooser, [() => (x = 1), () => (seenY = y)], [() => (y = 1), () => (seenX = x)]);
      return `${seenX}${seenY}`;
    });
    expect(new Set(outcomes.keys())).toEqual(new Set(['"01"', '"10"', '"11"']));
  });

  it("reports a failure with a schedule that fails again, shrunk to what matters", () => {
    const scenario = (chooser: Chooser): void => {
      for (let i = 0; i < 20; i++) chooser.choose("step", 2);
      if (chooser.choose("step", 3) === 2) throw new Error("boom");
    };
    let failure: unknown;
    try {
      explore(scenario, { strategy: "random", seed: 7, maxRuns: 100 });
    } catch (error) {
      failure = error;
    }
    expect(failure).toBeInstanceOf(ScenarioFailed);
    const { schedule, message } = failure as ScenarioFailed;
    expect(encodeSchedule(schedule)).toBe("20x0.2");
    expect(message).toContain('replay with schedule "20x0.2"');
    expect(() => replay(scenario, decodeSchedule("20x0.2"))).toThrow("boom");
  });

  it("stops at the asked number of runs and says that more are left", () => {
    const result = explore(lostUpdate, { maxRuns: 2 });
    expect(result).toMatchObject({ runs: 2, exhausted: false });
  });

  it("bounds the decisions off the default rule", () => {
    const deep = (chooser: Chooser): number => {
      let off = 0;
      for (let i = 0; i < 6; i++) off += chooser.choose("step", 2);
      return off;
    };
    const { runs, outcomes, exhausted } = explore(deep, { maxChanges: 1 });
    expect({ runs, exhausted }).toEqual({ runs: 7, exhausted: true });
    expect(new Set(outcomes.keys())).toEqual(new Set(["0", "1"]));
  });

  it("names the decision at which a scenario is not deterministic", () => {
    let calls = 0;
    expect(() =>
      checkDeterminism((chooser) => {
        chooser.choose("step", 2);
        chooser.choose("step", calls++ === 0 ? 2 : 3);
      }, []),
    ).toThrow("decision 1");
  });
});

describe("schedule text", () => {
  it("round-trips and folds runs", () => {
    for (const schedule of [[], [1], [0, 0, 0, 1, 0, 2], [3, 3, 3, 3]]) {
      expect(decodeSchedule(encodeSchedule(schedule))).toEqual(schedule);
    }
    expect(encodeSchedule([0, 0, 0, 1, 0, 2])).toBe("3x0.1.0.2");
  });

  it("refuses text that no run printed", () => {
    expect(() => decodeSchedule("1.x")).toThrow('"x" is no part of a schedule');
  });
});
