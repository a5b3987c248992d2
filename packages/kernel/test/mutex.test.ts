import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { K_FOREVER, K_MSEC, K_NO_WAIT, Mutex, Sem, SWITCH } from "../src/index.js";
import { TestMachine } from "./support/machine.js";

const EAGAIN = 11;

describe("mutex in the older inheritance model", () => {
  const options = { priorityInheritance: "saved-in-mutex" } as const;

  it("restores right only when unlocked in the opposite order", () => {
    const after = (fifo: boolean): number => {
      const m = new TestMachine({ options });
      const [a, b] = [new Mutex(m.kernel, "a"), new Mutex(m.kernel, "b")];
      let priority = 0;
      m.thread("owner", 10, function* (self) {
        yield* a.lock(K_FOREVER);
        yield* m.kernel.sleep(K_MSEC(5));
        // Boosted through a by now, which b takes for its own original priority.
        yield* b.lock(K_FOREVER);
        yield* (fifo ? a : b).unlock();
        yield* (fifo ? b : a).unlock();
        ({ priority } = self);
      });
      m.thread(
        "waiter",
        3,
        function* () {
          yield* a.lock(K_FOREVER);
          yield* a.unlock();
        },
        { delay: K_MSEC(1) },
      );
      m.run();
      return priority;
    };
    expect(after(false)).toBe(10);
    expect(after(true)).toBe(3);
  });

  it("does not boost through a waiting owner", () => {
    const m = new TestMachine({ options });
    const [a, b] = [new Mutex(m.kernel), new Mutex(m.kernel)];
    const first = m.thread("first", 10, function* () {
      yield* a.lock(K_FOREVER);
      yield* m.kernel.sleep(K_MSEC(50));
      yield* a.unlock();
    });
    const second = m.thread(
      "second",
      9,
      function* () {
        yield* b.lock(K_FOREVER);
        yield* a.lock(K_FOREVER);
      },
      { delay: K_MSEC(1) },
    );
    m.thread(
      "third",
      3,
      function* () {
        yield* b.lock(K_FOREVER);
      },
      { delay: K_MSEC(3) },
    );
    m.run(20_000);
    expect([first.priority, second.priority]).toEqual([9, 3]);
  });
});

describe("mutex", () => {
  it("lends no more than the ceiling", () => {
    for (const [priorityCeiling, expected] of [
      [5, 5],
      [-127, 2],
      [15, 10],
    ] as const) {
      const m = new TestMachine({ options: { priorityCeiling } });
      const mutex = new Mutex(m.kernel);
      const owner = m.thread("owner", 10, function* () {
        yield* mutex.lock(K_FOREVER);
        yield* m.kernel.sleep(K_MSEC(50));
      });
      m.thread(
        "waiter",
        2,
        function* () {
          yield* mutex.lock(K_FOREVER);
        },
        { delay: K_MSEC(1) },
      );
      m.run(10_000);
      expect(owner.priority).toBe(expected);
    }
  });

  it("asserts on a cycle of owners that all wait forever, when built to", () => {
    const m = new TestMachine({ options: { mutexDeadlockDetect: true } });
    const [a, b] = [new Mutex(m.kernel, "a"), new Mutex(m.kernel, "b")];
    for (const [mine, other] of [
      [a, b],
      [b, a],
    ] as const) {
      m.thread(`has ${mine.name}`, 5, function* () {
        yield* mine.lock(K_FOREVER);
        yield* m.kernel.sleep(K_MSEC(2));
        yield* other.lock(K_FOREVER);
      });
    }
    const result = m.run();
    expect([result.reason, result.fatal?.reason]).toEqual(["halted", 4]);
    expect(result.fatal?.message).toContain("deadlock");
  });

  it("keeps an owner boosted until the timed-out waiter has a CPU", () => {
    const m = new TestMachine();
    const mutex = new Mutex(m.kernel);
    const seen: number[] = [];
    const owner = m.thread("owner", 10, function* () {
      yield* mutex.lock(K_FOREVER);
      yield* m.kernel.sleep(K_MSEC(50));
    });
    m.thread(
      "waiter",
      3,
      function* () {
        expect(yield* mutex.lock(K_MSEC(2))).toBe(-EAGAIN);
        seen.push(owner.priority);
      },
      { delay: K_MSEC(1) },
    );
    m.thread(
      "better",
      1,
      function* () {
        yield* m.kernel.busy(10_000);
        seen.push(owner.priority);
      },
      { delay: K_MSEC(2) },
    );
    m.run();
    expect(seen).toEqual([3, 10]);
  });

  it("is free after a second init, and forgets owner and waiters", () => {
    const m = new TestMachine();
    const mutex = new Mutex(m.kernel);
    const other = new Mutex(m.kernel);
    m.thread("owner", 5, function* (self) {
      yield* mutex.lock(K_FOREVER);
      yield* other.lock(K_FOREVER);
      yield* m.kernel.sleep(K_MSEC(5));
      mutex.init();
      expect([mutex.owner, mutex.waiters.head]).toEqual([null, null]);
      expect(yield* mutex.lock(K_NO_WAIT)).toBe(0);
      yield* mutex.unlock();
      yield* other.unlock();
      expect([self.held, self.priority]).toEqual([null, 5]);
      m.log.push("owner");
    });
    for (const timeout of [10, 20]) {
      m.thread(
        `waiter ${timeout}`,
        6,
        function* () {
          m.log.push(`${timeout}: ${yield* mutex.lock(K_MSEC(timeout))}`);
        },
        { delay: K_MSEC(1) },
      );
    }
    m.run();
    expect(m.log).toEqual(["owner", "10: -11", "20: -11"]);
  });

  it("keeps its owner's priority right under any use", () => {
    const use = fc.record({
      priority: fc.integer({ min: 0, max: 9 }),
      locks: fc.array(fc.nat(3), { minLength: 1, maxLength: 4 }),
      pause: fc.nat(4),
      timeout: fc.constantFrom(0, 1, 3, 7, K_FOREVER),
    });
    fc.assert(
      fc.property(fc.array(use, { minLength: 2, maxLength: 6 }), (uses) => {
        const m = new TestMachine();
        const mutexes = [0, 1, 2, 3].map((i) => new Mutex(m.kernel, `m${i}`));
        let inside = 0;
        uses.forEach(({ priority, locks, pause, timeout }, t) => {
          // Ascending order, so that no cycle of waits forever can come up.
          const order = [...new Set(locks)].toSorted((a, b) => a - b);
          m.thread(`t${t}`, priority, function* (self) {
            for (let round = 0; round < 3; round++) {
              const held: Mutex[] = [];
              for (const index of order) {
                const mutex = mutexes[index] as Mutex;
                const wait = timeout === K_FOREVER ? K_FOREVER : K_MSEC(timeout);
                const rc = yield* mutex.lock(wait);
                expect(rc === 0).toBe(mutex.owner === self);
                if (rc === 0) held.push(mutex);
                inside++;
                yield* m.kernel.sleep(K_MSEC(pause));
              }
              // Any order of unlocking.
              for (const mutex of held) expect(yield* mutex.unlock()).toBe(0);
              expect(self.priority).toBe(priority);
              expect(self.held).toBe(null);
            }
          });
        });
        expect(m.run().reason).toBe("idle");
        expect(inside).toBe(uses.reduce((sum, { locks }) => sum + 3 * new Set(locks).size, 0));
        for (const mutex of mutexes)
          expect([mutex.owner, mutex.waiters.head]).toEqual([null, null]);
      }),
      { numRuns: 60 },
    );
  });
});

describe("a mutex whose owner has ended", () => {
  it("stays locked until it is recovered, and goes to the best waiter then", () => {
    const m = new TestMachine();
    const mutex = new Mutex(m.kernel, "left behind");
    m.thread("owner", 1, function* () {
      yield* mutex.lock(K_FOREVER);
      yield* mutex.lock(K_FOREVER);
      expect(mutex.recover()).toBe(-16);
      throw new TypeError("wild pointer");
    });
    const waiter = (name: string, priority: number) =>
      m.thread(name, priority, function* () {
        m.log.push(`${name} ${yield* mutex.lock(K_FOREVER)}`);
        yield* mutex.unlock();
      });
    waiter("late", 6);
    waiter("best", 5);
    m.thread(
      "kernel",
      9,
      function* () {
        m.log.push("recovers");
        const rc = mutex.recover();
        if (rc === SWITCH) yield SWITCH;
        m.log.push(`free ${mutex.recover()}`);
      },
      { delay: K_MSEC(5) },
    );
    m.run();
    expect(m.log).toEqual(["recovers", "best 0", "late 0", "free -22"]);
  });

  it("is decided about by a fatal error handler that is privileged and cannot block", () => {
    const seen: unknown[] = [];
    const m = new TestMachine({
      onFatal: (info) => {
        m.kernel.irqDisable(0, 3);
        seen.push(info.thread.name, given.giveNow());
        return "abort-thread";
      },
    });
    const given = new Sem(m.kernel, 0, 1, "not granted to the thread");
    m.thread(
      "user",
      1,
      function* () {
        throw new TypeError("wild pointer");
      },
      { user: true },
    );
    m.run();
    expect(seen).toEqual(["user", 0]);
    expect(given.count).toBe(1);
  });
});
