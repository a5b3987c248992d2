import { explore } from "@sof-ts/explorer";
import type { Chooser } from "@sof-ts/kernel";
import { describe, expect, it } from "vitest";
import { HostStreams, type LockingName } from "../src/index.js";
import { MixedSource, NumberedMixer } from "./mixed-streams.js";
import { RawHost } from "./raw-host.js";
import { run, setCore } from "./stream.js";
import { Window } from "./window.js";

/**
 * Two streams of two cores in one mixer; the first stops and is deleted, then it starts again. Every order of
 * events that the window leaves open is the chooser's.
 */
function founding(
  chooser: Chooser,
  skewCycles: number,
  [a, b, mix]: readonly [number, number, number],
  locking: LockingName = "user-ll",
): readonly string[] {
  const window = new Window(chooser);
  const host = new RawHost({ config: { platform: "ptl", locking }, chooser: window, skewCycles });
  host.boot();
  for (let core = 1; core <= Math.max(a, b, mix); core++) setCore(host, core, true);
  const streams = new HostStreams(host.firmware.soc);
  const idle = host.firmware.resources;
  const mixer = new NumberedMixer(host, 0, mix);
  mixer.create();
  const second = new MixedSource(host, streams, 1, b, 1);
  second.create(mixer);
  const first = new MixedSource(host, streams, 0, a, 0);
  first.create(mixer);
  second.startWith(mixer);
  first.start();
  run(host, 6, [first, second]);
  second.steady = true;
  window.open = true;
  first.stop();
  first.destroy();
  run(host, 2, [second]);
  first.create(mixer);
  first.start();
  run(host, 3, [first, second]);
  window.open = false;
  run(host, 3, [first, second]);
  const faults = [...first.faults, ...second.faults];
  expect(faults).toEqual([]);
  expect(host.notifications).toEqual([]);
  for (const stream of [first, second]) {
    stream.stop();
    stream.destroy();
  }
  mixer.stop();
  mixer.destroy();
  expect(host.firmware.resources).toEqual(idle);
  return faults;
}

describe("two streams in one mixer, the first of which stops and starts again", () => {
  it("are whole in every order with one turn off the default rule", () => {
    const result = explore((chooser) => founding(chooser, 0, [0, 1, 0]), {
      maxChanges: 1,
      maxRuns: 400,
    });
    expect(result.exhausted).toBe(true);
    expect(result.runs).toBeGreaterThan(20);
  });

  it.each([
    [[0, 1, 0] as const, 1, "user-ll"],
    [[1, 0, 1] as const, 2, "user-ll"],
    [[1, 0, 2] as const, 3, "user-ll"],
    [[0, 1, 0] as const, 4, "kernel-ll"],
    [[1, 0, 2] as const, 5, "component-mutex"],
  ] as const)(
    "are whole on cores %j with clocks 50 us apart, in orders picked from seed %i, with %s",
    (cores, seed, locking) => {
      const result = explore((chooser) => founding(chooser, 20_000, cores, locking), {
        strategy: "sparse",
        maxChanges: 20,
        maxRuns: 15,
        seed: seed * 1000,
      });
      expect(result.runs).toBe(15);
    },
  );

  it("are whole in random orders of everything", () => {
    const result = explore((chooser) => founding(chooser, 20_000, [1, 0, 1]), {
      strategy: "random",
      maxRuns: 15,
      seed: 5,
    });
    expect(result.runs).toBe(15);
  });
});
