/* oxlint-disable vitest/no-standalone-expect -- row() registers the test */
import { describe, expect } from "vitest";
import { K_FOREVER, K_MSEC, K_NO_WAIT, Sem, type Thread } from "../../src/index.js";
import { type Machine, row } from "./support/harness.js";

/** A thread that leaves its name when it runs. */
function marker(m: Machine, name: string, priority: number, delay = K_NO_WAIT): Thread {
  return m.thread(
    name,
    priority,
    function* () {
      m.log.push(name);
      yield* m.kernel.yield();
    },
    { delay },
  );
}

describe("deadlines", () => {
  row("T148", "equal deadlines take turns at each yield", ({ machine }) => {
    const m = machine();
    m.main(
      function* (k) {
        const threads: Thread[] = [];
        for (const name of ["a", "b", "c", "d"]) {
          threads.push(
            m.thread(
              name,
              5,
              function* () {
                for (let round = 0; round < 3; round++) {
                  m.log.push(name);
                  yield* k.yield();
                }
              },
              { delay: K_FOREVER },
            ),
          );
        }
        for (const thread of threads) {
          yield* thread.absoluteDeadlineSet(1_000_000);
          yield* thread.start();
        }
        expect(m.log).toEqual([]);
        yield* k.sleep(K_MSEC(10));
        expect(m.log.join("")).toBe("abcdabcdabcd");
      },
      { priority: -1 },
    );
  });

  row("T149", "a deadline set on a thread that is not ready counts once it is", ({ machine }) => {
    const m = machine();
    m.main(
      function* (k) {
        const late = marker(m, "late", 5, K_MSEC(5));
        const early = marker(m, "early", 5, K_MSEC(5));
        const held = marker(m, "first", 5, K_FOREVER);
        yield* late.deadlineSet(9_000_000);
        yield* early.deadlineSet(6_000_000);
        yield* held.deadlineSet(3_000_000);
        yield* k.busy(4_000_000);
        expect(m.log).toEqual([]);
        yield* held.start();
        yield* k.sleep(K_MSEC(20));
        expect(m.log).toEqual(["first", "early", "late"]);
      },
      { priority: -1 },
    );
  });
});

describe("preemption", () => {
  row("T151", "a woken equal does not preempt", ({ machine }) => {
    const m = machine();
    m.main(
      function* (k) {
        const sem = new Sem(k, 0, 1);
        m.thread("equal", 1, function* () {
          yield* sem.take(K_FOREVER);
          m.log.push("equal");
        });
        yield* k.yield();
        yield* sem.give();
        yield* k.busy(1_000_000);
        m.log.push("caller");
        yield* k.sleep(K_MSEC(1));
        expect(m.log).toEqual(["caller", "equal"]);
      },
      { priority: 1 },
    );
  });

  row("T152", "with the scheduler locked only a meta-IRQ thread preempts", ({ machine }) => {
    const m = machine({ options: { metaIrqPriorities: 2 } });
    m.main(
      function* (k) {
        const sems = [-16, -5, 0].map((priority) => {
          const sem = new Sem(k, 0, 1);
          m.thread(`at ${priority}`, priority, function* () {
            yield* sem.take(K_FOREVER);
            m.log.push(`at ${priority}`);
          });
          return sem;
        });
        yield* k.sleep(K_MSEC(1));
        k.schedLock();
        for (const sem of sems.toReversed()) yield* sem.give();
        expect(m.log).toEqual(["at -16"]);
        yield* k.schedUnlock();
        expect(m.log).toEqual(["at -16", "at -5", "at 0"]);
      },
      { priority: 3 },
    );
  });
});

describe("scheduling", () => {
  row("T154", "a cooperative caller yields to better and equal threads", ({ machine }) => {
    const m = machine();
    m.main(
      function* (k) {
        for (const priority of [-2, -1, 0, 1]) marker(m, `${priority}`, priority);
        expect(m.log).toEqual([]);
        yield* k.yield();
        expect(m.log).toEqual(["-2", "-1"]);
        yield* k.sleep(K_MSEC(1));
      },
      { priority: -1 },
    );
  });

  row("T155", "while the caller sleeps every ready thread may run", ({ machine }) => {
    const m = machine();
    m.main(
      function* (k) {
        for (const priority of [-2, -1, 0, 1]) marker(m, `${priority}`, priority);
        yield* k.sleep(K_MSEC(100));
        expect(m.log).toEqual(["-2", "-1", "0", "1"]);
      },
      { priority: -1 },
    );
  });

  row("T157", "a wake-up starts a delayed thread at once", ({ machine }) => {
    const m = machine();
    m.main(
      function* (k) {
        const high = marker(m, "high", 0, K_MSEC(10_000));
        const low = marker(m, "low", 2, K_MSEC(10_000));
        yield* k.sleep(K_MSEC(10));
        expect(m.log).toEqual([]);
        yield* high.wakeup();
        expect(m.log).toEqual(["high"]);
        yield* low.abort();
      },
      { priority: 1 },
    );
  });

  row("T158", "a wake-up does not end a wait for a semaphore", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const sem = new Sem(k, 0, 1);
      const thread = m.thread("pending", -1, function* () {
        m.log.push(`took ${yield* sem.take(K_FOREVER)}`);
      });
      yield* k.sleep(K_MSEC(1));
      yield* thread.wakeup();
      yield* k.sleep(K_MSEC(1));
      expect(m.log).toEqual([]);
      expect(thread.stateString()).toBe("pending");
      yield* sem.give();
      yield* k.sleep(K_MSEC(1));
      expect(m.log).toEqual(["took 0"]);
    });
  });

  row("T160", "without time slices an equal thread waits for ever", ({ machine }) => {
    const m = machine();
    m.main(
      function* (k) {
        k.timeSliceSet(0, 0);
        marker(m, "equal", 1);
        yield* k.spawnThread({
          name: "high",
          priority: 0,
          *entry() {
            m.log.push("high");
            yield* k.yield();
          },
        });
        expect(m.log).toEqual(["high"]);
        yield* k.busy(500 * 400_000);
        expect(m.log).toEqual(["high"]);
        yield* k.sleep(K_MSEC(1));
      },
      { priority: 1 },
    );
  });

  row("T161", "with the scheduler locked nobody else runs until unlock or sleep", ({ machine }) => {
    const m = machine();
    m.main(
      function* (k) {
        k.schedLock();
        for (const priority of [-2, 0, 1, 2]) marker(m, `${priority}`, priority);
        yield* k.busy(100 * 400_000);
        expect(m.log).toEqual([]);
        yield* k.sleep(K_MSEC(10));
        expect(m.log).toEqual(["-2", "0", "1", "2"]);
        yield* k.schedUnlock();
      },
      { priority: 1 },
    );
  });

  row("T163", "a lock taken twice is open after the second unlock", ({ machine }) => {
    const m = machine();
    m.main(
      function* (k) {
        k.schedLock();
        k.schedLock();
        for (const priority of [0, 1, 2]) marker(m, `${priority}`, priority);
        yield* k.schedUnlock();
        expect(m.log).toEqual([]);
        yield* k.schedUnlock();
        yield* k.yield();
        expect(m.log).toEqual(["0", "1"]);
        yield* k.sleep(K_MSEC(1));
      },
      { priority: 1 },
    );
  });

  row(
    "T164",
    "a better new thread waits for a cooperative caller, not for a preemptible one",
    ({ machine }) => {
      const m = machine();
      m.main(
        function* (k) {
          yield* k.spawnThread({ priority: -3, entry: () => markerBody(m, "better coop") });
          expect(m.log).toEqual([]);
          yield* k.sleep(K_MSEC(1));
          expect(m.log).toEqual(["better coop"]);
        },
        { priority: -2 },
      );
      const n = machine();
      n.main(
        function* (k) {
          yield* k.spawnThread({ priority: 2, entry: () => markerBody(n, "worse") });
          expect(n.log).toEqual([]);
          yield* k.spawnThread({ priority: 0, entry: () => markerBody(n, "better") });
          expect(n.log).toEqual(["better"]);
          yield* k.sleep(K_MSEC(1));
        },
        { priority: 1 },
      );
    },
  );

  row("T166", "ready threads run strictly by priority", ({ machine }) => {
    const m = machine();
    m.main(
      function* (k) {
        for (const priority of [7, 3, 9, 1, 5, 8, 2, 4, 6]) marker(m, `${priority}`, priority);
        yield* k.sleep(K_MSEC(10));
        expect(m.log.join("")).toBe("123456789");
      },
      { priority: -1 },
    );
  });

  row("T167", "equal busy threads get one slice each in turn, round after round", ({ machine }) => {
    const m = machine();
    const { kernel: k } = m;
    k.timeSliceSet(K_MSEC(1), 0);
    const slice = 400_000;
    for (const name of ["a", "b", "c"]) {
      m.thread(name, 5, function* (self) {
        let used = 0;
        for (let round = 0; round < 25; round++) {
          yield* k.busy(slice / 10);
          used += slice / 10;
          if (m.log.at(-1) !== name) m.log.push(name);
        }
        expect(self.cycles).toBeGreaterThanOrEqual(used - slice);
      });
    }
    m.run();
    expect(m.log.join("")).toBe("abcabcabc");
  });

  row(
    "T169",
    "a slice of 64 ticks of its own calls back, and the call-back may abort",
    ({ machine }) => {
      const m = machine();
      m.main(
        function* (k) {
          const sem = new Sem(k, 0, 1);
          const ticks: number[] = [];
          let started = 0;
          const thread = m.thread("sliced", 3, function* () {
            started = k.uptimeTicks();
            for (;;) yield* k.busy(1000);
          });
          const data = { key: 42 };
          thread.timeSliceSet(
            64,
            (expired, own) => {
              expect(expired).toBe(thread);
              expect(own).toBe(data);
              ticks.push(k.uptimeTicks() - started);
              if (ticks.length === 2) {
                expired.abortNow();
                sem.giveNow();
              }
            },
            data,
          );
          expect(yield* sem.take(K_MSEC(1000))).toBe(0);
          expect(ticks).toHaveLength(2);
          expect(Math.abs((ticks[0] as number) - 64)).toBeLessThanOrEqual(4);
          expect(Math.abs((ticks[1] as number) - 128)).toBeLessThanOrEqual(8);
          expect(thread.dead).toBe(true);
        },
        { priority: 2 },
      );
    },
  );

  row("T170", "priorities from the best to the worst of applications are valid", ({ machine }) => {
    const m = machine({ options: { coopPriorities: 16, preemptPriorities: 15 } });
    const { kernel: k } = m;
    expect([-16, 0, 14].map((priority) => k.validPriority(priority))).toEqual([true, true, true]);
    expect(k.validPriority(15, true)).toBe(true);
    expect([-17, 16, 15, 0.5].map((priority) => k.validPriority(priority))).toEqual([
      false,
      false,
      false,
      false,
    ]);
    expect(() => m.thread("bad", 15, () => markerBody(m, "x"))).toThrow("priority 15");
  });

  row("T172", "an out-of-range priority ends the user thread", ({ machine }) => {
    const m = machine();
    m.thread(
      "user",
      5,
      function* (self) {
        yield* self.prioritySet(16);
        m.log.push("came back");
      },
      { user: true },
    );
    m.run();
    expect(m.log).toEqual([]);
    expect(m.fatals.map((fatal) => fatal.reason)).toEqual([3]);
  });

  row("T173", "raising a priority ends the user thread", ({ machine }) => {
    const m = machine();
    m.thread(
      "user",
      5,
      function* (self) {
        yield* self.prioritySet(6);
        m.log.push(`now ${self.priorityGet()}`);
        yield* self.prioritySet(5);
        m.log.push("came back");
      },
      { user: true },
    );
    m.run();
    expect(m.log).toEqual(["now 6"]);
    expect(m.fatals.map((fatal) => fatal.reason)).toEqual([3]);
  });

  row("T175", "a wake-up after the sleep is over is harmless", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const thread = m.thread("sleeper", -1, function* (self) {
        m.log.push(`woke with ${yield* k.sleep(K_MSEC(5))}`);
        yield* self.suspend();
        m.log.push("resumed");
      });
      yield* k.sleep(K_MSEC(10));
      yield* thread.wakeup();
      yield* k.sleep(K_MSEC(10));
      expect(m.log).toEqual(["woke with 0"]);
      yield* thread.abort();
      yield* thread.wakeup();
    });
  });
});

function* markerBody(m: Machine, name: string): Generator<number, void, number> {
  m.log.push(name);
  yield* m.kernel.yield();
}
