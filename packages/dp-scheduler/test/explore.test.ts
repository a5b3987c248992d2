import { checkDeterminism, explore, type ExploreOptions, type Scenario } from "@sof-ts/explorer";
import { type Blocking, type Chooser, defaultCosts } from "@sof-ts/kernel";
import { assert } from "@sof-ts/kit";
import { describe, expect, it } from "vitest";
import { type Locking, Machine, type MachineOptions, MS } from "./machine.js";
import { DpStream, type StreamOptions } from "./stream.js";

/** A cycle range in which cores may overtake one another: several kernel operations. */
const SKEW = 3000;

function explorable(chooser: Chooser, options: MachineOptions = {}): Machine {
  return new Machine({
    cores: 2,
    costs: defaultCosts,
    chooser,
    kernel: { skew: SKEW },
    ...options,
  });
}

/** Starts each body in an IPC thread of its core and runs until all have ended. */
function together(
  machine: Machine,
  bodies: readonly (readonly [number, () => Blocking<unknown>])[],
): void {
  let left = bodies.length;
  for (const [core, body] of bodies) {
    machine.ipc(
      function* () {
        yield* body();
        left--;
      },
      { core },
    );
  }
  const done = machine.kernel.runUntil(() => left === 0, machine.kernel.now + 400 * MS);
  assert(done, `${left} of ${bodies.length} operations never end`);
}

/** Runs the default order, every order with one decision off it, and random ones with several. */
function exploreAll<T>(scenario: Scenario<T>, random = 40): Set<string> {
  const outcomes = new Set<string>();
  const plans: ExploreOptions[] = [
    { strategy: "exhaustive", maxChanges: 1, maxRuns: 100 },
    { strategy: "sparse", maxChanges: 6, maxRuns: random },
    { strategy: "random", maxRuns: random },
  ];
  for (const plan of plans) {
    for (const key of explore(scenario, plan).outcomes.keys()) outcomes.add(key);
  }
  return outcomes;
}

const blockOfOne: StreamOptions = {
  core: 0,
  dpCore: 1,
  blockMs: 1,
  inputs: 1,
  cycles: 0.3 * MS,
};

/** Instants around the tick at 3 ms: before it, as it comes, in the run that it starts, after that. */
const instants = [2.99, 3.012, 3.02, 3.33];

describe("free against tick and run, in every order", () => {
  it.each([
    ["user-ll", 0],
    ["user-ll", 1],
    ["kernel-ll", 1],
  ] as const)("%s, from core %i", (locking: Locking, from) => {
    for (const ms of instants) {
      const outcomes = exploreAll((chooser) => {
        const machine = explorable(chooser, { locking });
        const stream = new DpStream(machine, blockOfOne);
        const before = machine.resources;
        machine.do(() => stream.setUp(), 1);
        machine.runTo(ms);
        together(machine, [[from, () => stream.free()]]);
        const { runs } = stream.module;
        machine.runTo(6.5);
        assert(stream.module.runs === runs, "a run after the free");
        assert(stream.module.freed === 1, "freed once");
        assert(stream.heap.blocks === 0, "rings are back");
        // A free that had to wait for the LL thread has made a semaphore for it that stays.
        const { objects: _, ...after } = machine.resources;
        const { objects: __, ...first } = before;
        assert(JSON.stringify(after) === JSON.stringify(first), "nothing is left");
        const [zero, one] = [machine.scheduler(0).stats, machine.scheduler(1).stats];
        return [zero.ticks, one.ticks, zero.overruns + one.overruns];
      }, 20);
      expect(outcomes).toEqual(new Set(["[6,6,0]"]));
    }
  });
});

describe("stop, operations and the tick, in every order", () => {
  it.each([false, true])("play the same audio afterwards, by DP thread: %s", (ipcByDpThread) => {
    for (const ms of [2.99, 3.02]) {
      const outcomes = exploreAll((chooser) => {
        const machine = explorable(chooser);
        const stream = new DpStream(machine, { ...blockOfOne, ipcByDpThread });
        machine.do(() => stream.setUp(), 1);
        machine.runTo(ms);
        const results: number[] = [];
        together(machine, [
          [
            1,
            function* () {
              results.push(yield* stream.stop());
            },
          ],
          [
            0,
            function* () {
              results.push(yield* stream.dp.setConfigParam(1, 0));
              results.push(yield* stream.dp.getConfigParam(1));
            },
          ],
        ]);
        machine.do(() => stream.start(), 1);
        machine.runTo(12.5);
        const { samples } = stream;
        assert(samples.length >= 6 * 96, "the stream plays again");
        const expected = stream.expected(samples.length);
        assert(
          samples.every((value, i) => value === expected[i]),
          "audio differs",
        );
        return [...results, stream.dp.stats.underruns, stream.module.resets];
      }, 30);
      expect(outcomes).toEqual(new Set(["[0,0,0,0,1]"]));
    }
  });
});

describe("callers of a module that is freed meanwhile, in every order", () => {
  it("all come back: with an answer, or told that the module is gone", () => {
    const outcomes = exploreAll((chooser) => {
      const machine = explorable(chooser);
      const stream = new DpStream(machine, { ...blockOfOne, ipcByDpThread: true });
      machine.do(() => stream.setUp(), 1);
      machine.runTo(3.01);
      const results: (number | string)[] = [];
      const { task } = stream.dp;
      const call = (value: number) =>
        function* (): Blocking<void> {
          const answer = machine.dp.call(task, function* () {
            yield* machine.kernel.busy(2000);
            return value;
          });
          results.push(yield* answer);
        };
      together(machine, [
        [0, call(7)],
        [1, call(7)],
        [
          1,
          function* () {
            yield* stream.drop();
            const rc = yield* machine.dp.free(task);
            assert(rc === 0, `free: ${rc}`);
          },
        ],
      ]);
      assert(task.state === "free", "the task is gone");
      const gone = results.filter((result) => result === -22 || result === -5);
      assert(gone.length + results.filter((result) => result === 7).length === 2, `${results}`);
      return machine.kernel.now < 10 * MS;
    }, 60);
    // Nobody had to wait for a time-out.
    expect(outcomes).toEqual(new Set(["true"]));
  });
});

describe("making a task on another core", () => {
  it("DP-10: its thread finds everything in place, in every order", () => {
    const outcomes = exploreAll((chooser) => {
      const machine = explorable(chooser);
      const streams = [0, 1].map(
        (core) =>
          new DpStream(machine, { ...blockOfOne, core, dpCore: 1 - core, name: `s${core}` }),
      );
      together(
        machine,
        streams.map((stream, core) => [core, () => stream.setUp()] as const),
      );
      machine.runTo(8.5);
      for (const stream of streams) {
        const { samples } = stream;
        const expected = stream.expected(samples.length);
        assert(
          samples.length >= 4 * 96 && samples.every((value, i) => value === expected[i]),
          "audio differs",
        );
      }
      return streams.map((stream) => stream.dp.deadlines.misses);
    }, 40);
    expect(outcomes).toEqual(new Set(["[0,0]"]));
  });
});

describe("determinism", () => {
  it("holds: two runs of one schedule decide alike", () => {
    const scenario = (chooser: Chooser): void => {
      const machine = explorable(chooser);
      const stream = new DpStream(machine, blockOfOne);
      machine.do(() => stream.setUp(), 1);
      machine.runTo(4.02);
      machine.do(() => stream.free());
    };
    for (const schedule of [[], [0, 1, 0, 1, 1], [1, 1, 1, 0, 0, 1, 0, 1]]) {
      expect(() => checkDeterminism(scenario, schedule)).not.toThrow();
    }
  });
});
