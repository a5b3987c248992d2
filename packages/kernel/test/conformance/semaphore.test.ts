/* oxlint-disable vitest/no-standalone-expect -- row() registers the test */
import { describe, expect } from "vitest";
import { K_FOREVER, K_MSEC, K_NO_WAIT, K_USEC, Sem } from "../../src/index.js";
import { type Machine, row } from "./support/harness.js";

const EAGAIN = 11;
const EBUSY = 16;
const EINVAL = 22;

/** A thread that waits for `sem` and leaves `name` when it has it. */
function taker(m: Machine, sem: Sem, name: string, priority: number): void {
  m.thread(name, priority, function* () {
    expect(yield* sem.take(K_FOREVER)).toBe(0);
    m.log.push(name);
  });
}

describe("semaphore", () => {
  row("T037", "one placed at build time has its count without an init", ({ machine }) => {
    const m = machine();
    const sem = new Sem(m.kernel, 3, 7);
    m.main(function* () {
      expect(sem.countGet()).toBe(3);
      expect(sem.initialised).toBe(true);
      yield* m.kernel.yield();
    });
  });

  row("T038", "init checks count and limit, and starts anew", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const sem = new Sem(k, 0, 1);
      expect(sem.init(2, 5)).toBe(0);
      expect(sem.countGet()).toBe(2);
      expect(sem.init(0, 0)).toBe(-EINVAL);
      expect(sem.init(6, 5)).toBe(-EINVAL);
      expect(sem.countGet()).toBe(2);
      yield* sem.give();
      expect(sem.init(0, 5)).toBe(0);
      expect(sem.countGet()).toBe(0);
    });
  });

  row("T040", "a give in an interrupt handler wakes the waiting thread", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const sem = new Sem(k, 0, 1);
      const raise = m.interrupt(() => expect(sem.giveNow()).toBe(0));
      let rc = -1;
      m.thread("taker", -1, function* () {
        rc = yield* sem.take(K_FOREVER);
      });
      yield* k.sleep(K_MSEC(1));
      expect(rc).toBe(-1);
      raise();
      yield* k.sleep(K_MSEC(1));
      expect(rc).toBe(0);
    });
  });

  row("T041", "after a reset nothing is there, and gives work as before", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const sem = new Sem(k, 1, 5);
      yield* sem.reset();
      expect(sem.countGet()).toBe(0);
      expect(yield* sem.take(K_NO_WAIT)).toBe(-EBUSY);
      expect(yield* sem.take(K_MSEC(1))).toBe(-EAGAIN);
      yield* sem.give();
      expect(sem.countGet()).toBe(1);
      expect(yield* sem.take(K_NO_WAIT)).toBe(0);
    });
  });

  row("T043", "the count rises to the limit and no further, and falls again", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const sem = new Sem(k, 0, 4);
      for (let i = 1; i <= 4; i++) {
        yield* sem.give();
        expect(sem.countGet()).toBe(i);
      }
      for (let i = 0; i < 3; i++) {
        yield* sem.give();
        expect(sem.countGet()).toBe(4);
      }
      for (let i = 3; i >= 0; i--) {
        expect(yield* sem.take(K_NO_WAIT)).toBe(0);
        expect(sem.countGet()).toBe(i);
      }
    });
  });

  row("T044", "five gives in handlers raise the count one by one", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const sem = new Sem(k, 0, 10);
      const raise = m.interrupt(() => void sem.giveNow());
      for (let i = 1; i <= 5; i++) {
        raise();
        yield* k.busy(1000);
        expect(sem.countGet()).toBe(i);
      }
    });
  });

  row("T046", "takes that may not wait lower the count", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const sem = new Sem(k, 5, 5);
      for (let i = 4; i >= 0; i--) {
        expect(yield* sem.take(K_NO_WAIT)).toBe(0);
        expect(sem.countGet()).toBe(i);
      }
    });
  });

  row("T047", "a take that may not wait fails on count 0 and leaves it there", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const sem = new Sem(k, 0, 5);
      for (let i = 0; i < 3; i++) {
        expect(yield* sem.take(K_NO_WAIT)).toBe(-EBUSY);
        expect(sem.countGet()).toBe(0);
      }
    });
  });

  row("T049", "a timed take that is served in time succeeds", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const sem = new Sem(k, 0, 1);
      m.thread("giver", 1, function* () {
        yield* sem.give();
      });
      expect(yield* sem.take(K_MSEC(100))).toBe(0);
      expect(sem.countGet()).toBe(0);
    });
  });

  row("T050", "a take without time-out waits for a giver that sleeps first", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const sem = new Sem(k, 0, 1);
      m.thread("giver", 1, function* () {
        yield* k.sleep(K_MSEC(1000));
        yield* sem.give();
      });
      expect(yield* sem.take(K_FOREVER)).toBe(0);
      expect(m.ms).toBeGreaterThanOrEqual(1000);
    });
  });

  row("T052", "one give wakes the best waiter, the longest waiting of equals", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const sem = new Sem(k, 0, 10);
      taker(m, sem, "low", 3);
      taker(m, sem, "middle", 2);
      taker(m, sem, "high, first", 1);
      yield* k.sleep(K_MSEC(1));
      taker(m, sem, "high, second", 1);
      yield* k.sleep(K_MSEC(1));
      yield* sem.give();
      yield* k.sleep(K_MSEC(10));
      expect(m.log).toEqual(["high, first"]);
      expect(sem.countGet()).toBe(0);
    });
  });

  row("T053", "further gives wake one waiter each, by priority", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const sem = new Sem(k, 0, 10);
      taker(m, sem, "low", 3);
      taker(m, sem, "middle", 2);
      taker(m, sem, "high, first", 1);
      yield* k.sleep(K_MSEC(1));
      taker(m, sem, "high, second", 1);
      yield* k.sleep(K_MSEC(1));
      const order = ["high, first", "high, second", "middle", "low"];
      for (let i = 1; i <= 4; i++) {
        yield* sem.give();
        yield* k.sleep(K_MSEC(1));
        expect(m.log).toEqual(order.slice(0, i));
      }
    });
  });

  row("T055", "a handler may give, and take without waiting", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const sem = new Sem(k, 0, 10);
      const give = m.interrupt(() => void sem.giveNow());
      const take = m.interrupt(() => expect(sem.takeNow(K_NO_WAIT)).toBe(0));
      for (let i = 1; i <= 5; i++) {
        give();
        yield* k.busy(1000);
        expect(sem.countGet()).toBe(i);
      }
      for (let i = 4; i >= 0; i--) {
        take();
        yield* k.busy(1000);
        expect(sem.countGet()).toBe(i);
      }
    });
  });

  row("T056", "five equal waiters are released by five gives, twice over", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const sem = new Sem(k, 0, 10);
      for (let round = 0; round < 2; round++) {
        m.log.length = 0;
        for (let i = 0; i < 5; i++) taker(m, sem, `taker ${i}`, 1);
        yield* k.sleep(K_MSEC(1));
        for (let i = 0; i < 5; i++) yield* sem.give();
        yield* k.sleep(K_MSEC(1));
        expect(m.log).toEqual([0, 1, 2, 3, 4].map((i) => `taker ${i}`));
        expect(sem.countGet()).toBe(0);
      }
    });
  });

  row("T058", "a take with a time-out of 1 s that is served at once is short", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const sem = new Sem(k, 0, 1);
      m.thread("giver", -1, function* () {
        yield* sem.give();
      });
      const before = m.ms;
      expect(yield* sem.take(K_MSEC(1000))).toBe(0);
      expect(m.ms - before).toBeLessThan(1000);
    });
  });

  row(
    "T059",
    "different time-outs on one semaphore end in order of their length",
    ({ machine }) => {
      const m = machine();
      m.main(function* (k) {
        const sem = new Sem(k, 0, 10);
        const lengths = [400, 100, 500, 200, 300];
        const ended: number[] = [];
        for (const length of lengths) {
          m.thread(`for ${length} ms`, 1, function* () {
            expect(yield* sem.take(K_MSEC(length))).toBe(-EAGAIN);
            ended.push(length);
          });
        }
        yield* k.sleep(K_MSEC(1000));
        expect(ended).toEqual([100, 200, 300, 400, 500]);
      });
    },
  );

  row(
    "T061",
    "a semaphore of 1 guards a variable that two threads change in two steps",
    ({ machine }) => {
      const m = machine();
      m.kernel.timeSliceSet(K_USEC(134), 0);
      const sem = new Sem(m.kernel, 1, 1);
      let shared = 0;
      for (const step of [1, -1]) {
        m.thread(`adds ${step}`, 1, function* () {
          for (let i = 0; i < 100; i++) {
            expect(yield* sem.take(K_FOREVER)).toBe(0);
            const seen = shared;
            yield* m.kernel.busy(7001);
            shared = seen + step;
            yield* sem.give();
          }
        });
      }
      m.run();
      expect(shared).toBe(0);
    },
  );

  row("T062", "each call with no semaphore ends the user thread", ({ machine }) => {
    const m = machine();
    const calls = ["init", "give", "take", "reset", "count_get"].map((name) => `k_sem_${name}`);
    for (const call of calls) {
      m.thread(
        call,
        1,
        function* () {
          m.kernel.syscall(call, null, 0, 1);
          m.log.push("came back");
          yield* m.kernel.yield();
        },
        { user: true },
      );
    }
    m.run();
    expect(m.log).toEqual([]);
    expect(m.fatals.map((fatal) => fatal.thread.name)).toEqual(calls);
  });

  row("T064", "many givers do not push the count over its limit", ({ machine }) => {
    const m = machine({ cpus: 2 });
    const sem = new Sem(m.kernel, 0, 7);
    for (let i = 0; i < 10; i++) {
      m.thread(`giver ${i}`, i % 3, function* () {
        for (let n = 0; n < 10; n++) {
          yield* sem.give();
          expect(sem.countGet()).toBeLessThanOrEqual(7);
        }
      });
    }
    m.run();
    expect(sem.count).toBe(7);
  });
});
