import { type Cycles, EventQueue, SimEvent } from "@sof-ts/kit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type CostTable,
  K_FOREVER,
  K_MSEC,
  K_NO_WAIT,
  Sem,
  SWITCH,
  type Thread,
  zeroCosts,
} from "../src/index.js";
import { TestMachine } from "./support/machine.js";

const IRQ = 7;
const WAY = { ...zeroCosts, isrEntry: 30, isrExit: 20, contextSwitch: 100 };

/** A machine with a device that interrupts `cpu` at given cycles; `taken` is when the handler ran. */
function machine(instants: readonly number[], costs: CostTable = zeroCosts, cpus = 1) {
  const events = new EventQueue();
  const m = new TestMachine({ costs, events, cpus });
  const cpu = cpus - 1;
  const taken: number[] = [];
  const given = new Sem(m.kernel, 0, 1000);
  m.kernel.irqConnect(cpu, IRQ, () => {
    taken.push(m.kernel.now);
    given.giveNow();
    m.say("handler");
  });
  m.kernel.irqEnable(cpu, IRQ);
  for (const at of instants)
    events.schedule(new SimEvent("device", () => m.kernel.irqRaise(cpu, IRQ)), at as Cycles);
  return { m, taken, given };
}

/** A thread that waits for the handler and says when it runs. */
function better(m: TestMachine, given: Sem, priority: number): Thread {
  return m.thread("better", priority, function* () {
    for (;;) {
      yield* given.take(K_FOREVER);
      m.say("better");
    }
  });
}

describe("a computation", () => {
  it.each([
    ["a supervisor's", false, 1],
    ["a user thread's", true, 1],
    ["one on another CPU", false, 2],
  ])("is interrupted at the very cycle and loses none of its own: %s", (_whose, user, cpus) => {
    const offsets = fc.array(fc.integer({ min: 0, max: 3_999 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(offsets, (random) => {
        const instants = random.map((offset, index) => 5_000 * (index + 1) + offset);
        const { m, taken, given } = machine(instants, WAY, cpus);
        m.worker("long", 5, 100_000, { user });
        if (cpus > 1) m.worker("beside", 5, 100_000, { user });
        m.run();
        expect(taken).toEqual(instants.map((at) => at + 30));
        const interrupted = m.log
          .filter((line) => /^(long|beside)/.test(line))
          .map((line) => Number(line.split(" ")[1]));
        expect(Math.max(...interrupted)).toBe(100 + 100_000 + 50 * instants.length);
        expect(given.countGet()).toBe(instants.length);
      }),
      { seed: 1, numRuns: 40 },
    );
  });

  it("gives way to a better thread when the interrupt returns, and goes on with the rest", () => {
    const { m, given } = machine([12_345], WAY);
    better(m, given, 3);
    m.worker("long", 5, 50_000);
    m.run();
    // In and out of the better thread's first wait; the handler; there and back again.
    expect(m.log).toEqual(["handler 12375", "better 12495", `long ${200 + 50_000 + 50 + 200}`]);
  });

  it("does not give way to an equal or worse thread, nor of a cooperative thread to a better one", () => {
    for (const [mine, theirs] of [
      [5, 5],
      [5, 6],
      [-1, -2],
    ] as const) {
      const { m, given } = machine([12_345]);
      better(m, given, theirs);
      m.worker("long", mine, 50_000);
      m.run();
      expect(m.log).toEqual(["handler 12345", "long 50000", "better 50000"]);
    }
  });

  it("is not preempted while the scheduler is locked, but interrupted", () => {
    const { m, given } = machine([1_000]);
    better(m, given, 3);
    m.thread("locker", 5, function* () {
      m.kernel.schedLock();
      yield* m.kernel.busy(5_000);
      m.say("unlocks");
      yield* m.kernel.schedUnlock();
      m.say("locker");
    });
    m.run();
    expect(m.log).toEqual(["handler 1000", "unlocks 5000", "better 5000", "locker 5000"]);
  });
});

describe("an operation", () => {
  it("is never interrupted inside: what comes meanwhile is taken at its end, in plain calls too", () => {
    const costs = { ...zeroCosts, semGive: 100 };
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 99 }), { minLength: 1, maxLength: 8 }),
        (random) => {
          const instants = random.map((offset, index) => 1_000 * (index + 1) + offset);
          // The handler's give takes 100 cycles too, so operations stay on the grid.
          const { m, taken } = machine(instants, costs);
          const sem = new Sem(m.kernel, 0, 1_000);
          m.thread("busy", 5, function* () {
            for (let i = 0; i < 200; i++) if (sem.giveNow() === SWITCH) yield SWITCH;
          });
          m.run();
          expect(taken).toEqual(instants.map((at) => Math.ceil(at / 100) * 100));
          expect(sem.countGet()).toBe(200);
        },
      ),
      { seed: 2, numRuns: 40 },
    );
  });

  it("is followed by the interrupt before the next statement of the thread", () => {
    const costs = { ...zeroCosts, semTake: 100 };
    const { m } = machine([50], costs);
    const sem = new Sem(m.kernel, 1, 1);
    m.thread("thread", 5, function* () {
      yield* sem.take(K_NO_WAIT);
      m.say("took");
      yield* sem.take(K_NO_WAIT);
    });
    m.run();
    expect(m.log).toEqual(["handler 100", "took 100"]);
  });

  it("is not followed by one where interrupts are locked", () => {
    const costs = { ...zeroCosts, semTake: 100 };
    const { m } = machine([50], costs);
    const sem = new Sem(m.kernel, 1, 1);
    m.thread("thread", 5, function* () {
      const key = m.kernel.irqLock();
      // A plain call never asks to give way here, though the interrupt is due before it ends.
      expect(sem.takeNow(K_NO_WAIT)).toBe(0);
      m.say("took");
      m.kernel.irqUnlock(key);
      m.say("unlocked");
      yield* sem.take(K_NO_WAIT);
      m.say("after");
    });
    m.run();
    expect(m.log).toEqual(["took 100", "unlocked 100", "handler 200", "after 200"]);
  });
});

describe("a system call", () => {
  it.each([false, true])(
    "lets the better thread that it woke run before it returns, user mode %s",
    (user) => {
      const costs = { ...zeroCosts, semGive: 10, syscall: 200, contextSwitch: 100 };
      const m = new TestMachine({ costs });
      const sem = new Sem(m.kernel, 0, 1);
      m.thread("better", 3, function* () {
        yield* sem.take(K_FOREVER);
        m.say("better");
      });
      const caller = m.thread(
        "caller",
        5,
        function* () {
          m.say("calls");
          yield* sem.give();
          m.say("returned");
        },
        { user, delay: K_FOREVER },
      );
      m.kernel.accessGrant(sem, caller);
      caller.startNow();
      m.run();
      const call = user ? 210 : 10;
      expect(m.log).toEqual([
        "calls 200",
        `better ${200 + call + 100}`,
        `returned ${200 + call + 200}`,
      ]);
    },
  );

  it("is a whole: an interrupt during the trap is taken at its end", () => {
    const costs = { ...zeroCosts, semTake: 10, syscall: 200 };
    const { m, given } = machine([100], costs);
    const caller = m.thread(
      "caller",
      5,
      function* () {
        yield* given.take(K_NO_WAIT);
        m.say("returned");
      },
      { user: true, delay: K_FOREVER },
    );
    m.kernel.accessGrant(given, caller);
    caller.startNow();
    m.run();
    expect(m.log).toEqual(["handler 210", "returned 210"]);
    expect(given.countGet()).toBe(1);
  });
});

describe("an interrupt handler", () => {
  it("runs to its end before the thread that it woke", () => {
    const { m, given } = machine([]);
    better(m, given, 3);
    m.kernel.irqConnect(0, IRQ, () => {
      given.giveNow();
      m.kernel.charge(500);
      m.say("still in it");
    });
    m.kernel.irqEnable(0, IRQ);
    m.kernel.events.schedule(
      new SimEvent("device", () => m.kernel.irqRaise(0, IRQ)),
      1_000 as Cycles,
    );
    m.worker("long", 5, 5_000);
    m.run();
    expect(m.log).toEqual(["still in it 1500", "better 1500", "long 5500"]);
  });
});

describe("idle time", () => {
  it("is skipped: an hour of sleep takes as few steps as a millisecond, and is accounted for", () => {
    const steps = (ms: number) => {
      const m = new TestMachine({ cpus: 4 });
      m.thread("sleeper", 5, function* () {
        for (let i = 0; i < 3; i++) yield* m.kernel.sleep(K_MSEC(ms));
        m.say("done");
      });
      let count = 0;
      while (m.kernel.run(Number.POSITIVE_INFINITY, 1).reason === "steps") count++;
      return { count, idle: m.kernel.cpus.map((cpu) => cpu.idleCycles as number), log: m.log };
    };
    const hour = steps(3_600_000);
    expect(hour.count).toBe(steps(1).count);
    expect(hour.count).toBeLessThan(30);
    // 1000 cycles a millisecond, and a tick for the one that is partly over.
    expect(hour.log).toEqual([expect.stringMatching(/ 10800003000$/)]);
    expect(Math.max(...hour.idle)).toBe(10_800_003_000);
  });

  it("ends at the event's own instant", () => {
    const { m, taken } = machine([123_456_789_012]);
    m.run();
    expect(taken).toEqual([123_456_789_012]);
    expect(m.kernel.cpus[0]?.idleCycles).toBe(123_456_789_012);
  });
});
