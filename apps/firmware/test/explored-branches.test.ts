import { explore } from "@sof-ts/explorer";
import type { Chooser } from "@sof-ts/kernel";
import { describe, expect, it } from "vitest";
import type { LockingName } from "../src/index.js";
import { CaptureTrunk, type ForkPoint, forkPoints, ways } from "./capture-fork.js";
import { MixedSource, NumberedMixer } from "./mixed-streams.js";
import { Lab } from "./protocol/lab.js";
import { strategies } from "./strategies.js";
import { run } from "./stream.js";
import { Window } from "./window.js";

const SKEW = 20_000;

interface Run {
  readonly chooser: Chooser;
  readonly skewCycles: number;
  readonly locking: LockingName;
  /** Which way the branch goes. */
  readonly way: number;
}

function boot({ chooser, skewCycles, locking }: Run): { lab: Lab; window: Window } {
  const window = new Window(chooser);
  const lab = new Lab({ config: { platform: "ptl", locking }, chooser: window, skewCycles });
  lab.cores(1, 2);
  return { lab, window };
}

/** A branch of a capture stream is stopped, freed, made and started again while the other one goes on. */
function captureFork(point: ForkPoint, options: Run): void {
  const { lab, window } = boot(options);
  const way = ways[options.way % ways.length] ?? ways[0];
  const idle = lab.firmware.resources;
  const trunk = new CaptureTrunk(lab, point, 1);
  trunk.create();
  const steady = trunk.branch(0, 0);
  const branch = trunk.branch(1, options.way % 3);
  for (const each of [steady, branch]) each.create();
  trunk.start();
  for (const each of [steady, branch]) each.start();
  run(lab.host, 5, [steady, branch]);
  window.open = true;
  branch.stop();
  branch.destroy(way);
  run(lab.host, 1, [steady]);
  branch.create();
  branch.start();
  run(lab.host, 2, [steady, branch]);
  window.open = false;
  run(lab.host, 3, [steady, branch]);
  expect([...steady.check.faults, ...branch.check.faults]).toEqual([]);
  expect(steady.check.frames).toBeGreaterThan(48 * 8);
  for (const each of [branch, steady]) each.stop();
  trunk.stop();
  for (const each of [branch, steady]) each.destroy(way);
  trunk.destroy();
  expect(lab.firmware.resources).toEqual(idle);
}

/** One of three mixouts of a mixin is stopped, freed, made and started again while the others go on. */
function mixinFork(options: Run): void {
  const { lab, window } = boot(options);
  const idle = lab.firmware.resources;
  const mixers = [0, 1, 2].map((core) => new NumberedMixer(lab.host, core, core));
  for (const mixer of mixers) mixer.create();
  const source = new MixedSource(lab.host, lab.streams, 0, options.way % 3, 0);
  source.create(...mixers);
  source.startWith(...mixers);
  run(lab.host, 6, [source]);
  source.steady = true;
  const branch = mixers.pop() as NumberedMixer;
  window.open = true;
  source.leave(branch);
  branch.stop();
  branch.destroy();
  run(lab.host, 1, [source]);
  branch.create();
  source.join(branch);
  branch.start();
  run(lab.host, 2, [source]);
  window.open = false;
  run(lab.host, 3, [source]);
  expect(source.faults).toEqual([]);
  expect(lab.notifications()).toEqual([]);
  for (const mixer of mixers) expect(source.heardAt(mixer)).toBeGreaterThan(48 * 8);
  source.stop();
  source.destroy();
  for (const mixer of [...mixers, branch]) {
    mixer.stop();
    mixer.destroy();
  }
  expect(lab.firmware.resources).toEqual(idle);
}

const forks = [
  ...forkPoints.map((point) => ({
    what: `a capture stream at its ${point}`,
    fork: (options: Run) => captureFork(point, options),
  })),
  { what: "a mixin with three mixouts", fork: mixinFork },
];

describe.each(forks)("a fork of $what", ({ fork }) => {
  it.each(strategies)(
    "loses nothing in its other branches, in orders picked at random with clocks 50 us apart: %s",
    (locking) => {
      let runs = 0;
      const result = explore(
        (chooser) => fork({ chooser, skewCycles: SKEW, locking, way: runs++ }),
        { strategy: "sparse", maxChanges: 20, maxRuns: 6, seed: 31 },
      );
      expect(result.runs).toBe(6);
    },
  );

  it("loses nothing in random orders of everything", () => {
    let runs = 0;
    const result = explore(
      (chooser) => fork({ chooser, skewCycles: SKEW, locking: "user-ll", way: runs++ }),
      { strategy: "random", maxRuns: 6, seed: 7 },
    );
    expect(result.runs).toBe(6);
  });
});
