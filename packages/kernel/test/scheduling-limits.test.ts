import { describe, expect, it } from "vitest";
import { K_FOREVER, K_MSEC, Mutex, P4wq, P4wqWork } from "../src/index.js";
import { TestMachine } from "./support/machine.js";

const names = (m: TestMachine): string[] => m.log.map((line) => line.replace(/(@\S+)? \d+$/, ""));

describe("a cooperative thread that changes its own priority", () => {
  for (const cpus of [1, 2]) {
    it(`gives way to a better one when it lowers itself below it, ${cpus} CPU(s)`, () => {
      const m = new TestMachine({ cpus });
      const { kernel: k } = m;
      const pinned = (
        priority: number,
        name: string,
        body: () => Generator<number, void, number>,
      ) => {
        const thread = m.thread(name, priority, body, { delay: K_FOREVER });
        expect(thread.cpuPin(0)).toBe(0);
        return thread;
      };
      const better = pinned(-3, "better", function* () {
        m.say("better");
      });
      const low = pinned(-5, "low", function* () {
        yield* better.start();
        m.say("low before");
        yield* k.current.prioritySet(-4);
        m.say("low at -4");
        yield* k.current.prioritySet(-2);
        m.say("low at -2");
      });
      low.startNow();
      m.run();
      expect(names(m)).toEqual(["low before", "low at -4", "better", "low at -2"]);
    });
  }

  it("keeps its CPU with the scheduler locked, and when it only meets an equal", () => {
    const m = new TestMachine();
    const { kernel: k } = m;
    const better = m.worker("better", -3, 1, { delay: K_FOREVER });
    m.thread("low", -5, function* (self) {
      yield* better.start();
      yield* self.prioritySet(-3);
      m.say("low at -3");
      k.schedLock();
      yield* self.prioritySet(-2);
      m.say("low, locked");
      yield* k.schedUnlock();
      m.say("low, unlocked");
    });
    m.run();
    expect(names(m)).toEqual(["low at -3", "low, locked", "low, unlocked", "better"]);
  });
});

describe("a slice that ends while its thread may not be sliced", () => {
  it("waits for the scheduler's unlock and takes effect with the next tick", () => {
    const m = new TestMachine();
    const { kernel: k } = m;
    k.timeSliceSet(K_MSEC(2), 0);
    m.thread("locker", 5, function* () {
      k.schedLock();
      yield* k.busy(6_000);
      m.say("locker unlocks");
      yield* k.schedUnlock();
      yield* k.busy(3_000);
      m.say("locker ends");
    });
    m.worker("equal", 5, 500);
    m.run();
    expect(names(m)).toEqual(["locker unlocks", "equal", "locker ends"]);
    expect(Number(m.log[1]?.split(" ").at(-1))).toBeLessThanOrEqual(7_500);
  });

  it("does not turn out a thread that has become cooperative", () => {
    const m = new TestMachine();
    const { kernel: k } = m;
    k.timeSliceSet(K_MSEC(2), 0);
    m.thread("first", 5, function* (self) {
      yield* self.prioritySet(-1);
      yield* k.busy(6_000);
      m.say("first");
    });
    m.worker("equal", 5, 500);
    m.thread(
      "cooperative",
      -1,
      function* () {
        m.say("cooperative");
      },
      { delay: K_MSEC(1) },
    );
    m.run();
    expect(names(m)).toEqual(["first", "cooperative", "equal"]);
  });
});

describe("a thread that a CPU still has", () => {
  for (const suspendWaits of [true, false]) {
    it(`runs on one CPU when a handler suspends and resumes it, suspendWaits ${suspendWaits}`, () => {
      for (const target of [0, 1]) {
        const m = new TestMachine({ cpus: 3, options: { suspendWaits } });
        const { kernel: k } = m;
        let inside = 0;
        let steps = 0;
        const thread = m.thread(
          "t",
          5,
          function* () {
            for (; steps < 40; steps++) {
              inside++;
              expect(inside).toBe(1);
              yield* k.busy(100);
              inside--;
            }
          },
          { delay: K_FOREVER },
        );
        thread.cpuPin(0);
        thread.startNow();
        m.run(500);
        // From now on any CPU may have it.
        thread.cpuMask = -1;
        k.irqConnect(target, 7, () => {
          thread.suspendNow();
          thread.resumeNow();
        });
        k.irqEnable(target, 7);
        k.irqRaise(target, 7);
        m.run(900);
        expect(k.cpus.filter((cpu) => cpu.current === thread).length).toBeLessThanOrEqual(1);
        m.run();
        expect(thread.dead).toBe(true);
        expect(m.fatals).toEqual([]);
        expect(k.now).toBe(4_000);
      }
    });
  }

  it("may be ended and its object used again at once by the machine around the kernel", () => {
    const m = new TestMachine({ cpus: 2 });
    const { kernel: k } = m;
    const thread = m.worker("first use", 5, 10_000);
    m.run(500);
    thread.abortNow();
    m.thread(
      "second use",
      5,
      function* () {
        yield* k.busy(1_000);
        m.say("second use");
        yield* k.busy(1_000);
        m.say("done");
      },
      { object: thread },
    );
    m.run(600);
    expect(k.cpus.filter((cpu) => cpu.current === thread)).toHaveLength(1);
    m.run();
    expect(names(m)).toEqual(["second use", "done"]);
  });
});

describe("workers and mutexes", () => {
  it("lets a pool worker be enabled again while it runs", () => {
    const m = new TestMachine({ cpus: 3 });
    const { kernel: k } = m;
    const pool = new P4wq(k, { threads: 1, userCpuMask: true });
    let running = 0;
    const work = new P4wqWork(
      k,
      function* () {
        running++;
        expect(running).toBe(1);
        yield* k.busy(2_000);
        running--;
        m.say("handled");
      },
      { priority: 3 },
    );
    pool.enableStaticThread(0, 7);
    m.run(10);
    pool.submitNow(work);
    m.run(1_000);
    pool.enableStaticThread(0, 7);
    m.run(1_200);
    expect(k.cpus.filter((cpu) => cpu.current === pool.threads[0])).toHaveLength(1);
    m.run();
    expect(names(m)).toEqual(["handled"]);
    expect(m.fatals).toEqual([]);
  });

  it("keeps the held mutexes of a new thread on the object of an owner that died", () => {
    const m = new TestMachine();
    const { kernel: k } = m;
    const [stale, held, next] = [new Mutex(k), new Mutex(k), new Mutex(k)];
    const owner = m.thread("owner", 5, function* () {
      yield* stale.lock(K_FOREVER);
    });
    m.run();
    m.thread(
      "again",
      5,
      function* (self) {
        yield* held.lock(K_FOREVER);
        expect(stale.init()).toBe(0);
        expect(self.held).toBe(held);
        yield* next.lock(K_FOREVER);
        yield* next.unlock();
        yield* held.unlock();
        expect(self.held).toBeNull();
        m.say("unlocked");
      },
      { object: owner },
    );
    m.run();
    expect(names(m)).toEqual(["unlocked"]);
  });

  it("counts a thread object's second thread from nothing and adds it to the totals once", () => {
    const m = new TestMachine();
    const { kernel: k } = m;
    const mutex = new Mutex(k);
    const body = function* () {
      yield* mutex.lock(K_FOREVER);
      yield* mutex.unlock();
    };
    const thread = m.thread("one", 5, body);
    m.run();
    expect(k.counters.lockOps).toBe(2);
    m.thread("two", 5, body, { object: thread });
    expect(thread.counters.lockOps).toBe(0);
    m.run();
    expect(k.counters.lockOps).toBe(4);
  });
});
