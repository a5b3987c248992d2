import { checkDeterminism, explore } from "@sof-ts/explorer";
import type { Chooser } from "@sof-ts/kernel";
import { describe, expect, it } from "vitest";
import { Machine, MS, TestModule, US } from "./machine.js";

const ETIMEDOUT = 116;
const ENODEV = 19;
const SECOND = -33;

/**
 * An operation that ends about when its caller gives up, another module's operation right behind it, and
 * both freed: whatever comes first, no request sees another's completion and nothing is left.
 */
function race(cycles: number, cpus: number, caller: number) {
  return (chooser: Chooser): string => {
    const m = new Machine({ cpus, chooser, kernel: { skew: 400 } });
    const slow = new TestModule();
    const quick = new TestModule();
    slow.result = -5;
    quick.result = SECOND;
    const heaps = [m.heap(), m.heap()];
    const outcome: (number | string)[] = [];
    m.ipc(caller, function* () {
      const first = yield* m.made(0, slow, { heap: heaps[0] as never });
      const second = yield* m.made(0, quick, { heap: heaps[1] as never });
      slow.lastOperationCycles = cycles;
      outcome.push(yield* first.setConfiguration(1, "single", 4, m.mailbox.subarray(0, 4)));
      const { state } = first;
      slow.lastOperationCycles = 0;
      expect(yield* second.reset()).toBe(SECOND);
      expect(yield* first.reset()).toBe(state === "dead" ? -ENODEV : -5);
      yield* first.free();
      expect(yield* second.prepare([], [])).toBe(SECOND);
      yield* second.free();
      outcome.push(state);
    });
    m.run();
    expect(m.fatals).toEqual([]);
    m.expectClean(heaps);
    // A lost operation is never carried out twice, and a dead module is not asked again.
    const config = "set 1 single 4 0,0,0,0";
    expect(slow.log).toEqual(outcome[1] === "dead" ? [config] : [config, "reset", "free"]);
    return outcome.join(" ");
  };
}

describe("time-out against completion against free", () => {
  const done = "-5 ready";
  const late = `${-ETIMEDOUT} dead`;

  it.each([1, 2])("has two outcomes and no third, on %i cores", (cpus) => {
    const seen = new Set<string>();
    // From well before the caller's patience ends to well behind it, closely around that moment.
    for (let cycles = 5 * MS - 40 * US; cycles <= 5.2 * MS; cycles += 8 * US) {
      const { outcomes } = explore(race(cycles, cpus, 0), {
        strategy: "exhaustive",
        maxChanges: 1,
        maxRuns: 12,
      });
      for (const { value } of outcomes.values()) seen.add(value);
    }
    expect(seen).toEqual(new Set([done, late]));
  });

  it("has the same two when the caller is on another core", () => {
    const seen = new Set<string>();
    for (let cycles = 5 * MS; cycles <= 5.2 * MS; cycles += 16 * US) {
      const { outcomes } = explore(race(cycles, 2, 1), {
        strategy: "sparse",
        maxChanges: 3,
        maxRuns: 15,
        seed: cycles,
      });
      for (const { value } of outcomes.values()) seen.add(value);
    }
    expect(seen).toEqual(new Set([done, late]));
  });

  it("is decided by the order of the machine's steps alone", () => {
    for (const pick of [0, 1]) {
      const schedule = Array<number>(40).fill(pick);
      expect(() => checkDeterminism(race(5 * MS + 20 * US, 2, 0), schedule)).not.toThrow();
    }
  });
});

describe("modules on all cores at once", () => {
  it.each([2, 3, 5])("never see one another, in any order, on %i cores", (cpus) => {
    const scenario = (chooser: Chooser): number => {
      const m = new Machine({ cpus, chooser, kernel: { skew: 2000 } });
      for (let core = 0; core < cpus; core++) {
        m.ipc(core, function* () {
          const module = new TestModule(() => {
            const { current, currentCpu } = m.kernel;
            expect([current.name, currentCpu?.id]).toEqual([`userspace_proxy${core}`, core]);
          });
          const handle = yield* m.made(core, module);
          for (let i = 1; i <= 3; i++) {
            module.result = -(core * 10 + i);
            expect(yield* handle.setConfigParam(i, core)).toBe(-(core * 10 + i));
          }
          yield* handle.free();
          expect(module.log).toEqual([1, 2, 3].map((i) => `set param ${i} ${core}`).concat("free"));
        });
      }
      m.run();
      expect([m.fatals, m.lost]).toEqual([[], []]);
      m.expectClean();
      return m.proxy.stats.operations;
    };
    const { outcomes, runs } = explore(scenario, { strategy: "random", maxRuns: 40 });
    expect(runs).toBe(40);
    expect([...outcomes.keys()]).toEqual([String(cpus * 5)]);
  });

  it("fail in some order with the single worker: the explorer finds it", () => {
    const scenario = (chooser: Chooser): string => {
      const m = new Machine({
        cpus: 2,
        chooser,
        kernel: { skew: 2000 },
        proxy: { workers: "single" },
      });
      const results: number[] = [];
      for (const core of [0, 1]) {
        m.ipc(core, function* () {
          const made = yield* m.create(core, new TestModule());
          results.push(typeof made === "number" ? made : 0);
          if (typeof made !== "number") yield* made.free();
        });
      }
      m.kernel.run(20 * MS);
      return results.every((rc) => rc === 0) && results.length === 2 ? "worked" : "failed";
    };
    const { outcomes } = explore(scenario, { strategy: "random", maxRuns: 60 });
    expect([...outcomes.values()].map(({ value }) => value)).toContain("failed");
  });
});
