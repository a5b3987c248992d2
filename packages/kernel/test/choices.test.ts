import { EventQueue, Random } from "@sof-ts/kit";
import { describe, expect, it } from "vitest";
import {
  type ChoiceKind,
  type Chooser,
  defaultCosts,
  K_FOREVER,
  K_MSEC,
  Kernel,
  type KernelConfig,
  Mutex,
  Sem,
  Timer,
} from "../src/index.js";
import { TestMachine } from "./support/machine.js";

/** Takes what a list says, then the first; notes what it was asked. */
class Listed implements Chooser {
  readonly asked: string[] = [];
  private readonly picks: number[];

  constructor(picks: readonly number[]) {
    this.picks = [...picks];
  }

  choose(kind: ChoiceKind, count: number): number {
    this.asked.push(`${kind} ${count}`);
    return Math.min(this.picks.shift() ?? 0, count - 1);
  }
}

class Seeded implements Chooser {
  private readonly random: Random;

  constructor(seed: number) {
    this.random = new Random(seed);
  }

  choose(_kind: ChoiceKind, count: number): number {
    return this.random.below(count);
  }
}

describe("open orders", () => {
  it("are asked for only where there is a choice", () => {
    const chooser = new Listed([]);
    const m = new TestMachine({ chooser });
    m.worker("a", 1, 100);
    m.worker("b", 1, 100);
    m.run();
    expect(chooser.asked).toEqual([]);
  });

  it("decide which idle CPU takes a thread", () => {
    const cpuOf = (picks: readonly number[]): string | undefined => {
      const m = new TestMachine({ cpus: 3, chooser: new Listed(picks) });
      m.run();
      m.worker("worker", 1, 10);
      m.run();
      return m.log[0];
    };
    expect(cpuOf([])).toBe("worker@0 10");
    expect(cpuOf([0, 0, 2])).toBe("worker@2 10");
  });

  it("are asked for among all pending interrupts, the tick included", () => {
    const chooser = new Listed([2, 1]);
    const m = new TestMachine({ chooser });
    const { kernel: k } = m;
    for (const irq of [7, 3]) {
      k.irqConnect(0, irq, () => m.log.push(`irq ${irq}`));
      k.irqEnable(0, irq);
    }
    new Timer(k, () => m.log.push("tick")).startNow(K_MSEC(1), 0);
    m.thread("masks", 1, function* () {
      const key = k.irqLock();
      k.irqRaise(0, 7);
      k.irqRaise(0, 3);
      yield* k.busy(1500);
      k.irqUnlock(key);
      yield* k.busy(1);
    });
    m.run();
    expect(chooser.asked).toEqual(["irq 3", "irq 2"]);
    expect(m.log).toEqual(["irq 7", "irq 3", "tick"]);
  });

  it("decide which of several interrupts comes first", () => {
    const order = (pick: number): string => {
      const chooser: Chooser = { choose: (kind) => (kind === "irq" ? pick : 0) };
      const m = new TestMachine({ chooser });
      const { kernel: k } = m;
      for (const irq of [1, 2]) {
        k.irqConnect(0, irq, () => m.log.push(`${irq}`));
        k.irqEnable(0, irq);
        k.irqRaise(0, irq);
      }
      m.run();
      return m.log.join("");
    };
    expect([order(0), order(1)]).toEqual(["12", "21"]);
  });

  /** Two threads on two CPUs store to their own word and load the other's. */
  function storeBuffer(config: Partial<KernelConfig>): string {
    const m = new TestMachine({ cpus: 2, costs: defaultCosts, ...config });
    const words = [0, 0];
    const seen = ["", ""];
    for (let i = 0; i < 2; i++) {
      m.thread(`t${i}`, 1, function* () {
        words[i] = 1;
        yield* m.kernel.busy(10);
        seen[i] = String(words[1 - i]);
      });
    }
    m.run();
    return seen.join("");
  }

  it("have exactly the outcomes of sequential consistency when CPUs may run apart", () => {
    const tied = new Set<string>();
    const apart = new Set<string>();
    for (let seed = 0; seed < 60; seed++) {
      tied.add(storeBuffer({ chooser: new Seeded(seed) }));
      apart.add(storeBuffer({ chooser: new Seeded(seed), options: { skew: 1e6 } }));
    }
    expect(tied).toEqual(new Set(["11"]));
    expect(apart).toEqual(new Set(["11", "01", "10"]));
  });

  it("lose an update between a load and a store on two CPUs, and only without the lock", () => {
    const count = (seed: number, locked: boolean): number => {
      const m = new TestMachine({ cpus: 2, chooser: new Seeded(seed), options: { skew: 1e6 } });
      const { kernel: k } = m;
      const mutex = new Mutex(k);
      let shared = 0;
      for (let i = 0; i < 2; i++) {
        m.thread(`t${i}`, 1, function* () {
          if (locked) yield* mutex.lock(K_FOREVER);
          const before = shared;
          yield* k.busy(10);
          shared = before + 1;
          if (locked) yield* mutex.unlock();
        });
      }
      m.run();
      return shared;
    };
    const seeds = Array.from({ length: 60 }, (_, seed) => seed);
    expect(new Set(seeds.map((seed) => count(seed, false)))).toEqual(new Set([1, 2]));
    expect(new Set(seeds.map((seed) => count(seed, true)))).toEqual(new Set([2]));
  });

  it("make the same run when they are decided the same way", () => {
    const drive = (seed: number): string[] => {
      const log: string[] = [];
      const k = new Kernel({
        cpus: 3,
        cyclesPerSecond: 1e6,
        ticksPerSecond: 1000,
        events: new EventQueue(),
        chooser: new Seeded(seed),
        options: { skew: 2000, timesliceNs: 3e6 },
        trace: {
          threadSwitch: (time, cpu, from, to) =>
            void log.push(`${time} ${cpu} ${from.name}>${to.name}`),
        },
      });
      k.startCpu(1);
      k.startCpu(2);
      const sem = new Sem(k, 2, 5);
      const mutex = new Mutex(k);
      for (let t = 0; t < 6; t++) {
        k.createThread({
          name: `t${t}`,
          priority: (t % 3) - 1,
          *entry() {
            for (let i = 0; i < 8; i++) {
              yield* sem.take(K_MSEC(4));
              yield* k.busy(300 + 100 * t);
              yield* mutex.lock(K_FOREVER);
              yield* k.busy(50);
              yield* mutex.unlock();
              yield* sem.give();
              yield* k.sleep(K_MSEC(t));
            }
          },
        });
      }
      expect(k.run().reason).toBe("idle");
      return log;
    };
    const runs = [1, 2, 3].map((seed) => drive(seed));
    expect([1, 2, 3].map((seed) => drive(seed))).toEqual(runs);
    expect(runs[0]).not.toEqual(runs[1]);
    expect(runs[0]?.length).toBeGreaterThan(100);
  });
});
