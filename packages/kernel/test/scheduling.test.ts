import { describe, expect, it } from "vitest";
import { defaultCosts, K_FOREVER, K_MSEC, K_NO_WAIT, Sem, zeroCosts } from "../src/index.js";
import { TestMachine } from "./support/machine.js";

describe("order on one CPU", () => {
  it("leaves a preempted thread at the head of its equals", () => {
    const m = new TestMachine();
    m.worker("first", 5, 3000);
    m.worker("second", 5, 1000);
    m.worker("better", 3, 500, { delay: K_MSEC(1) });
    m.run();
    // Delays count from the next tick: the better thread comes at 2 ms.
    expect(m.log).toEqual(["better 2500", "first 3500", "second 4500"]);
  });

  it("puts a thread whose priority is set anew behind its equals", () => {
    const m = new TestMachine();
    m.thread("first", 5, function* (self) {
      yield* self.prioritySet(5);
      m.say("first");
    });
    m.worker("second", 5, 10);
    m.run();
    expect(m.log).toEqual(["second 10", "first 10"]);
  });

  it("lets an earlier deadline of the same priority preempt, a later one not", () => {
    const m = new TestMachine();
    const { kernel: k } = m;
    const sems = [new Sem(k, 0, 1), new Sem(k, 0, 1)];
    [1_000, 9_000].forEach((deadline, i) => {
      const thread = m.thread(`due ${deadline}`, 5, function* () {
        yield* (sems[i] as Sem).take(K_FOREVER);
        m.say(`due ${deadline}`);
      });
      thread.absoluteDeadlineSetNow(deadline);
    });
    const main = m.thread("due 5000", 5, function* () {
      yield* k.sleep(K_MSEC(1));
      yield* (sems[1] as Sem).give();
      m.say("gave to the later");
      yield* (sems[0] as Sem).give();
      m.say("gave to the earlier");
    });
    main.absoluteDeadlineSetNow(5_000);
    m.run();
    expect(m.log.map((line) => line.replace(/ \d+$/, ""))).toEqual([
      "gave to the later",
      "due 1000",
      "gave to the earlier",
      "due 9000",
    ]);
  });

  it("compares 32-bit deadlines by signed difference, 64-bit ones by value", () => {
    for (const [deadlineBits, expected] of [
      [32, "wrapped,plain"],
      [64, "plain,wrapped"],
    ] as const) {
      const m = new TestMachine({ options: { deadlineBits } });
      const plain = m.worker("plain", 5, 1);
      const wrapped = m.worker("wrapped", 5, 1);
      plain.absoluteDeadlineSetNow(1000);
      wrapped.absoluteDeadlineSetNow(0xffff_f000);
      m.run();
      expect(m.log.map((line) => line.split(" ")[0]).join()).toBe(expected);
    }
  });

  it("keeps a deadline that passed until it is set anew", () => {
    const m = new TestMachine();
    const thread = m.thread("late", 5, function* () {
      yield* m.kernel.sleep(K_MSEC(50));
    });
    thread.absoluteDeadlineSetNow(10);
    m.run();
    expect(thread.deadline).toBe(10);
  });

  it("sorts a waiting thread by its new priority, in older kernels not", () => {
    for (const resortPending of [true, false]) {
      const m = new TestMachine({ options: { resortPending } });
      const sem = new Sem(m.kernel, 0, 10);
      const waiters = [3, 4, 5].map((priority) =>
        m.thread(`was ${priority}`, priority, function* () {
          yield* sem.take(K_FOREVER);
          m.say(`was ${priority}`);
        }),
      );
      m.thread("main", 9, function* () {
        yield* (waiters[2] as (typeof waiters)[0]).prioritySet(1);
        for (let i = 0; i < 3; i++) yield* sem.give();
      });
      m.run();
      const order = m.log.map((line) => line[4]).join("");
      expect(order).toBe(resortPending ? "534" : "345");
    }
  });
});

describe("meta-IRQ threads", () => {
  const setUp = (blocks: boolean): TestMachine => {
    const m = new TestMachine({ options: { metaIrqPriorities: 1 } });
    const { kernel: k } = m;
    const meta = new Sem(k, 0, 1);
    const better = new Sem(k, 0, 1);
    m.thread("meta", -16, function* () {
      yield* meta.take(K_FOREVER);
      m.say("meta");
      yield* better.give();
    });
    m.thread("better coop", -9, function* () {
      yield* better.take(K_FOREVER);
      m.say("better coop");
    });
    m.thread("coop", -3, function* () {
      yield* k.sleep(K_MSEC(1));
      yield* meta.give();
      m.say("coop");
      if (blocks) yield* k.sleep(K_MSEC(1));
      m.say("coop's end");
    });
    return m;
  };

  it("give the CPU back to the cooperative thread that they preempted", () => {
    const m = setUp(false);
    m.run();
    expect(m.log.map((line) => line.replace(/ \d+$/, ""))).toEqual([
      "meta",
      "coop",
      "coop's end",
      "better coop",
    ]);
  });

  it("do not hold a better one up when the preempted thread blocks", () => {
    const m = setUp(true);
    m.run();
    expect(m.log.map((line) => line.replace(/ \d+$/, ""))).toEqual([
      "meta",
      "coop",
      "better coop",
      "coop's end",
    ]);
  });
});

describe("time slices", () => {
  it("make a cooperative thread with a slice of its own take turns", () => {
    const m = new TestMachine();
    const a = m.worker("a", -3, 5000);
    m.worker("b", -3, 1000);
    a.timeSliceSet(2);
    m.run();
    expect(m.log).toEqual(["b 3000", "a 6000"]);
  });

  it("start anew at each switch to the thread", () => {
    const m = new TestMachine();
    const ends: number[] = [];
    const sliced = m.worker("sliced", 5, 8000);
    sliced.timeSliceSet(3, () => void ends.push(m.kernel.now));
    m.worker("better", 3, 500, { delay: K_MSEC(1) });
    m.run();
    // Preempted from 2000 to 2500, in tick 2: the slice that starts there ends in tick 5.
    expect(ends).toEqual([5000, 8000]);
    expect(m.log).toEqual(["better 2500", "sliced 8500"]);
  });

  it("may lower the thread and end its slicing in the call-back", () => {
    const m = new TestMachine();
    const budget = m.worker("budget", 1, 5000);
    budget.timeSliceSet(2, (thread) => {
      m.say("used up");
      thread.prioritySetNow(12);
      thread.timeSliceSet(0);
    });
    m.worker("other", 5, 1000);
    m.run();
    expect(m.log).toEqual(["used up 2000", "other 3000", "budget 6000"]);
    expect(budget.priority).toBe(12);
  });

  it("end on another CPU through an interrupt to it", () => {
    const m = new TestMachine({ cpus: 2 });
    const { kernel: k } = m;
    m.worker("first", 5, 4000);
    const second = m.worker("second", 5, 4000);
    second.timeSliceSet(2, () => m.say("slice"));
    m.worker("third", 5, 500);
    m.run(3000);
    expect(m.log).toEqual(["slice@1 2000", "third@1 2500"]);
    expect(k.cpus[1]?.ipis).toBeGreaterThan(0);
    m.run();
    expect(m.log.slice(2)).toEqual(["first@0 4000", "slice@1 4000", "second@1 4500"]);
  });
});

describe("several CPUs", () => {
  it("run the best threads that their masks allow", () => {
    const m = new TestMachine({ cpus: 2 });
    const held = { delay: K_FOREVER };
    const a = m.worker("a", 1, 1000, held);
    const b = m.worker("b", 2, 1000, held);
    const c = m.worker("c", 3, 1000, held);
    expect([a.cpuPin(0), b.cpuPin(0), c.cpuPin(1)]).toEqual([0, 0, 0]);
    for (const thread of [a, b, c]) thread.startNow();
    m.run();
    expect(m.log).toEqual(["a@0 1000", "c@1 1000", "b@0 2000"]);
  });

  it("put a preempted thread behind its equals", () => {
    const m = new TestMachine({ cpus: 2 });
    const { kernel: k } = m;
    for (const name of ["a", "b", "c"]) m.worker(name, 5, 3000);
    m.thread(
      "better",
      1,
      function* () {
        yield* k.busy(100);
      },
      { delay: K_MSEC(1) },
    );
    m.run();
    // CPU 0 takes the better thread at 2000; its own thread goes behind c.
    expect(m.log).toEqual(["b@1 3000", "a@1 4000", "c@0 5100"]);
  });

  it("keep a cooperative thread on its CPU and hand what is ready to the next free one", () => {
    const m = new TestMachine({ cpus: 2 });
    m.worker("coop", -1, 3000);
    m.worker("preemptible", 5, 3000);
    m.worker("better coop", -5, 1000, { delay: K_MSEC(1) });
    m.run();
    expect(m.log).toEqual(["coop@0 3000", "better coop@1 3000", "preemptible@0 4000"]);
  });

  it("interrupt only CPUs that may take the thread, if so built", () => {
    const ipis = (ipiOptimize: boolean): (number | undefined)[] => {
      const m = new TestMachine({ cpus: 3, options: { ipiOptimize } });
      const { kernel: k } = m;
      const sem = new Sem(k, 0, 1);
      const sleeper = m.thread(
        "sleeper",
        5,
        function* () {
          yield* sem.take(K_FOREVER);
        },
        { delay: K_FOREVER },
      );
      expect(sleeper.cpuPin(1)).toBe(0);
      sleeper.startNow();
      m.thread("giver", 1, function* () {
        yield* k.busy(1000);
        yield* sem.give();
      });
      m.run(500);
      const before = k.cpus.map((cpu) => cpu.ipis);
      m.run();
      return k.cpus.map((cpu, i) => cpu.ipis - (before[i] as number));
    };
    expect(ipis(false)).toEqual([0, 1, 1]);
    expect(ipis(true)).toEqual([0, 1, 0]);
  });

  it("give yielding threads their turns", () => {
    const m = new TestMachine({ cpus: 2, costs: { ...zeroCosts, yield: 10 } });
    const turns: string[] = [];
    for (const name of ["a", "b", "c"]) {
      m.thread(name, -1, function* () {
        for (let i = 0; i < 4; i++) {
          turns.push(name);
          yield* m.kernel.yield();
        }
      });
    }
    m.run();
    for (const name of ["a", "b", "c"])
      expect(turns.filter((turn) => turn === name)).toHaveLength(4);
    expect(turns.slice(0, 4).toSorted()).toEqual(["a", "a", "b", "c"]);
  });

  it("run each thread on one CPU at a time, whatever happens", () => {
    const m = new TestMachine({ cpus: 4, costs: defaultCosts, options: { timesliceNs: 2e6 } });
    const { kernel: k } = m;
    const sems = Array.from({ length: 5 }, () => new Sem(k, 1, 3));
    const inside = new Set<string>();
    for (let t = 0; t < 12; t++) {
      m.thread(`t${t}`, (t % 4) - 1, function* (self) {
        for (let i = 0; i < 40; i++) {
          expect(inside.has(self.name)).toBe(false);
          inside.add(self.name);
          yield* k.busy(137 * ((t * 7 + i) % 11));
          expect(inside.delete(self.name)).toBe(true);
          const sem = sems[(t + i) % 5] as Sem;
          if (i % 3 === 0) yield* k.yield();
          else if (i % 3 === 1) yield* sem.take(K_MSEC(i % 7));
          else yield* sem.give();
        }
        m.say(self.name);
      });
    }
    m.run();
    expect(m.log).toHaveLength(12);
    expect(K_NO_WAIT).toBe(0);
  });

  it("assert on two CPUs for a thread that is pinned by construction", () => {
    const m = new TestMachine({ cpus: 2, options: { pinOnly: true } });
    const thread = m.worker("pinned", 1, 10, { delay: K_FOREVER });
    expect(() => thread.cpuMaskEnableAll()).toThrow("runs on one CPU");
    expect(thread.cpuPin(1)).toBe(0);
    thread.startNow();
    m.run();
    expect(m.log).toEqual(["pinned@1 10"]);
  });
});
