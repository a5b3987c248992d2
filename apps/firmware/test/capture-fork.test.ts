import { describe, expect, it } from "vitest";
import type { LockingName } from "../src/index.js";
import {
  type CaptureBranch,
  CaptureTrunk,
  type ForkPoint,
  forkPoints,
  type Way,
  ways,
} from "./capture-fork.js";
import { Lab } from "./protocol/lab.js";
import { strategies } from "./strategies.js";
import { run } from "./stream.js";

interface Place {
  readonly trunk: number;
  /** Cores of the branches. */
  readonly branches: readonly number[];
}

const places: readonly Place[] = [
  { trunk: 0, branches: [0, 0, 0] },
  { trunk: 0, branches: [1, 0, 2] },
  { trunk: 2, branches: [0, 1, 1] },
  { trunk: 1, branches: [2, 2, 0] },
];

/** Three branches, the last of which comes and goes in every way. */
function scene(locking: LockingName, point: ForkPoint, { trunk: core, branches }: Place) {
  const lab = new Lab({ config: { platform: "ptl", locking } });
  lab.cores(1, 2);
  const idle = lab.firmware.resources;
  const trunk = new CaptureTrunk(lab, point, core);
  trunk.create();
  const all = branches.map((on, queue) => trunk.branch(queue, on));
  return { lab, idle, trunk, all };
}

describe.each(strategies)("a capture stream that forks, with %s", (locking) => {
  const cases = forkPoints.flatMap((point) => places.map((place) => ({ point, ...place })));

  it.each(cases)(
    "at its $point on core $trunk goes on in two branches while the third on $branches comes and goes",
    ({ point, ...place }) => {
      const { lab, idle, trunk, all } = scene(locking, point, place);
      const [first, second, third] = all as [CaptureBranch, CaptureBranch, CaptureBranch];
      first.create();
      second.create();
      trunk.start();
      first.start();
      second.start();
      run(lab.host, 8, all);
      lab.notifications();
      let heard = 0;
      for (const [life, way] of ways.entries()) {
        third.create();
        run(lab.host, 0.3 + life * 0.37, all);
        third.start();
        run(lab.host, 7.1, all);
        third.pause();
        run(lab.host, 1.3, all);
        third.release();
        run(lab.host, 4.1, all);
        third.stop();
        third.destroy(way);
        run(lab.host, 2.7, all);
        expect(third.check.frames - heard).toBeGreaterThan(48 * 7);
        heard = third.check.frames;
      }
      for (const branch of all) expect(branch.check.faults).toEqual([]);
      for (const branch of [first, second]) expect(branch.check.frames).toBeGreaterThan(48 * 45);
      expect(lab.notifications()).toEqual([]);
      for (const branch of [first, second]) branch.stop();
      trunk.stop();
      for (const branch of [first, second]) branch.destroy("unbind first");
      trunk.destroy();
      expect(lab.firmware.resources).toEqual(idle);
    },
  );

  const orders = ways.flatMap((way) =>
    [
      ["trunk", "branch", "other"],
      ["branch", "trunk", "other"],
      ["branch", "other", "trunk"],
    ].map((order) => ({ way, order })),
  );

  it.each(orders)("is stopped and freed in any order: $order, $way", ({ way, order }) => {
    for (const point of forkPoints) {
      const { lab, idle, trunk, all } = scene(locking, point, { trunk: 1, branches: [0, 2] });
      const [branch, other] = all as [CaptureBranch, CaptureBranch];
      branch.create();
      other.create();
      trunk.start();
      branch.start();
      other.start();
      run(lab.host, 6, all);
      const parts = {
        trunk: {
          end: (): void => {
            trunk.stop();
            trunk.destroy();
          },
        },
        branch: { end: (): void => end(branch, way) },
        other: { end: (): void => end(other, way) },
      };
      let trunkGone = false;
      for (const name of order) {
        // What its trunk took along cannot be unbound any more.
        if (name !== "trunk" && trunkGone && way === "unbind first")
          end(name === "branch" ? branch : other, "delete the pipeline");
        else parts[name as keyof typeof parts].end();
        trunkGone ||= name === "trunk";
        run(lab.host, 2.3, all);
      }
      for (const each of all) expect(each.check.faults).toEqual([]);
      expect(lab.firmware.resources).toEqual(idle);
    }
  });
});

function end(branch: CaptureBranch, way: Way): void {
  branch.stop();
  branch.destroy(way);
}
