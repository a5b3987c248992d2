import { explore } from "@sof-ts/explorer";
import type { Chooser } from "@sof-ts/kernel";
import { beforeAll, describe, expect, it } from "vitest";
import { everything, limitedAlone } from "./everything.js";

let limited: Int32Array;
beforeAll(() => {
  limited = limitedAlone();
});

describe("all that the firmware does at once, on five cores", () => {
  it.each([1, 2, 3])("leaves every stream whole, and nothing behind, by seed %i", (seed) => {
    everything({ seed, limited });
    expect(limited).toHaveLength(8000);
  });

  it.each(["kernel-ll", "component-mutex"] as const)("does so with %s", (locking) => {
    everything({ seed: 5, limited, locking });
    expect(limited).toHaveLength(8000);
  });

  it("does so in orders that are picked at random, with clocks 50 us apart", () => {
    const run = (chooser: Chooser): void => {
      let open = false;
      const window: Chooser = {
        choose: (kind, count) => (open ? chooser.choose(kind, count) : 0),
      };
      everything({
        seed: 4,
        limited,
        chooser: window,
        skewCycles: 20_000,
        window: (now) => {
          open = now;
        },
      });
    };
    const result = explore(run, { strategy: "sparse", maxChanges: 20, maxRuns: 3, seed: 1 });
    expect(result.runs).toBe(3);
  });
});
