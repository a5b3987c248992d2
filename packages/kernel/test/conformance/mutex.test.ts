/* oxlint-disable vitest/no-standalone-expect -- row() registers the test */
import { describe, expect } from "vitest";
import {
  FatalReason,
  K_FOREVER,
  K_MSEC,
  K_NO_WAIT,
  KEvent,
  Mutex,
  Sem,
  type Thread,
} from "../../src/index.js";
import { type Machine, row } from "./support/harness.js";
import { at, sysMutexes, waiterFor } from "./support/sys-mutexes.js";

const EPERM = 1;
const EAGAIN = 11;
const EBUSY = 16;
const EINVAL = 22;

describe("mutex", () => {
  row(
    "T001",
    "a second user thread waits forever and gets the mutex at the unlock",
    ({ machine }) => {
      const m = machine();
      const mutex = new Mutex(m.kernel, "mutex");
      const second = m.thread(
        "second",
        1,
        function* () {
          expect(yield* mutex.lock(K_FOREVER)).toBe(0);
          m.log.push("second has it");
          expect(yield* mutex.unlock()).toBe(0);
        },
        { user: true, delay: K_FOREVER },
      );
      const creator = m.thread(
        "creator",
        2,
        function* () {
          expect(mutex.init()).toBe(0);
          expect(yield* mutex.lock(K_FOREVER)).toBe(0);
          yield* second.start();
          yield* m.kernel.sleep(K_MSEC(10));
          m.log.push("creator unlocks");
          expect(yield* mutex.unlock()).toBe(0);
        },
        { user: true },
      );
      m.kernel.threadAccessGrant(creator, mutex, second);
      m.kernel.threadAccessGrant(second, mutex);
      m.run();
      expect(m.log).toEqual(["creator unlocks", "second has it"]);
      expect(m.fatals).toEqual([]);
    },
  );

  row("T002", "a lock that may not wait fails at once while another owns it", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const mutex = new Mutex(k);
      expect(yield* mutex.lock(K_FOREVER)).toBe(0);
      let rc = 0;
      const other = m.thread("other", -1, function* () {
        const before = k.now;
        rc = yield* mutex.lock(K_NO_WAIT);
        expect(k.now - before).toBeLessThan(1000);
      });
      yield* other.join(K_FOREVER);
      expect(rc).toBe(-EBUSY);
      expect(mutex.owner?.name).toBe("main");
    });
  });

  row("T004", "a time-out longer than the holding time is enough", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const mutex = new Mutex(k);
      expect(yield* mutex.lock(K_FOREVER)).toBe(0);
      let rc = -1;
      m.thread("other", 1, function* () {
        rc = yield* mutex.lock(K_MSEC(200));
      });
      yield* k.sleep(K_MSEC(100));
      yield* mutex.unlock();
      yield* k.sleep(K_MSEC(10));
      expect(rc).toBe(0);
    });
  });

  row(
    "T005",
    "plain lock and unlock of a mutex initialised at run time or at build time",
    ({ machine }) => {
      const m = machine();
      const placed = new Mutex(m.kernel, "placed");
      m.main(function* (k) {
        const made = new Mutex(k, "made");
        expect(made.init()).toBe(0);
        for (const mutex of [placed, made]) {
          expect(yield* mutex.lock(K_FOREVER)).toBe(0);
          expect(yield* mutex.unlock()).toBe(0);
          expect(yield* mutex.lock(K_NO_WAIT)).toBe(0);
          expect(yield* mutex.unlock()).toBe(0);
        }
      });
    },
  );

  row("T007", "a mutex locked twice changes hands at the second unlock only", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const mutex = new Mutex(k);
      expect(yield* mutex.lock(K_NO_WAIT)).toBe(0);
      expect(yield* mutex.lock(K_NO_WAIT)).toBe(0);
      let got = false;
      m.thread("waiter", -1, function* () {
        expect(yield* mutex.lock(K_FOREVER)).toBe(0);
        got = true;
        yield* mutex.unlock();
      });
      yield* k.sleep(K_MSEC(5));
      expect(yield* mutex.unlock()).toBe(0);
      yield* k.sleep(K_MSEC(5));
      expect(got).toBe(false);
      expect(yield* mutex.unlock()).toBe(0);
      yield* k.sleep(K_MSEC(5));
      expect(got).toBe(true);
    });
  });

  row("T008", "a low owner has the priority of the high waiter until it unlocks", ({ machine }) => {
    const m = machine();
    const mutex = new Mutex(m.kernel);
    const low = m.thread("low", 10, function* (self) {
      yield* mutex.lock(K_FOREVER);
      yield* m.kernel.sleep(K_MSEC(20));
      expect(self.priorityGet()).toBe(5);
      yield* mutex.unlock();
      expect(self.priorityGet()).toBe(10);
    });
    const high = m.thread(
      "high",
      5,
      function* (self) {
        expect(yield* mutex.lock(K_FOREVER)).toBe(0);
        expect(mutex.owner).toBe(self);
        m.log.push("high owns it");
        yield* mutex.unlock();
      },
      { delay: K_MSEC(10) },
    );
    m.run();
    expect(m.log).toEqual(["high owns it"]);
    expect([low.dead, high.dead]).toEqual([true, true]);
  });

  row(
    "T010",
    "a waiter that times out took its boost along; another gets the mutex later",
    ({ machine }) => {
      const m = machine();
      const mutex = new Mutex(m.kernel);
      const priorities: number[] = [];
      m.thread("low", 10, function* (self) {
        yield* mutex.lock(K_FOREVER);
        yield* m.kernel.sleep(K_MSEC(30));
        priorities.push(self.priorityGet());
        yield* m.kernel.sleep(K_MSEC(60));
        priorities.push(self.priorityGet());
        yield* mutex.unlock();
      });
      m.thread(
        "high",
        3,
        function* () {
          expect(yield* mutex.lock(K_MSEC(50))).toBe(-EAGAIN);
          m.log.push("high gave up");
        },
        { delay: K_MSEC(10) },
      );
      m.thread(
        "medium",
        7,
        function* () {
          expect(yield* mutex.lock(K_FOREVER)).toBe(0);
          m.log.push("medium has it");
          yield* mutex.unlock();
        },
        { delay: K_MSEC(15) },
      );
      m.run();
      expect(priorities).toEqual([3, 7]);
      expect(m.log).toEqual(["high gave up", "medium has it"]);
    },
  );

  row("T011", "who does not own it may not unlock it", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const mutex = new Mutex(k);
      yield* mutex.lock(K_FOREVER);
      let rc = 0;
      const other = m.thread("other", -1, function* () {
        rc = yield* mutex.unlock();
      });
      yield* other.join(K_FOREVER);
      expect(rc).toBe(-EPERM);
      expect(yield* mutex.unlock()).toBe(0);
      expect(yield* mutex.unlock()).toBe(-EINVAL);
    });
  });

  for (const [id, call] of [
    ["T013", "k_mutex_init"],
    ["T014", "k_mutex_lock"],
  ] as const) {
    row(id, `${call} of nothing or of what is no mutex ends the user thread`, ({ machine }) => {
      const m = machine();
      const sem = new Sem(m.kernel, 0, 1, "a semaphore");
      for (const handle of [null, { address: 0x1000 }, sem]) {
        const user = m.thread(
          "user",
          1,
          function* () {
            m.kernel.syscall(call, handle, K_FOREVER);
            m.log.push("came back");
            yield* m.kernel.yield();
          },
          { user: true },
        );
        m.kernel.accessGrant(sem, user);
      }
      m.run();
      expect(m.log).toEqual([]);
      expect(m.fatals.map((fatal) => fatal.reason)).toEqual([3, 3, 3]);
      expect(FatalReason.KERNEL_OOPS).toBe(3);
    });
  }
});

describe("mutex priority inheritance by lists of held mutexes", () => {
  /** Threads that each own one mutex and then wait for that of the one before; the last is the best. */
  function chain(m: Machine, hops: number) {
    const k = m.kernel;
    const mutexes = Array.from({ length: hops }, (_, i) => new Mutex(k, `m${i}`));
    const threads: Thread[] = [];
    for (let i = 0; i <= hops; i++) {
      threads.push(
        m.thread(
          `t${i}`,
          14 - (i === hops ? 13 : 0),
          function* () {
            const own = mutexes[i];
            if (own !== undefined) yield* own.lock(K_FOREVER);
            const wanted = mutexes[i - 1];
            if (wanted === undefined) yield* k.sleep(K_MSEC(100));
            else {
              expect(yield* wanted.lock(K_FOREVER)).toBe(0);
              yield* wanted.unlock();
            }
            if (own !== undefined) yield* own.unlock();
          },
          { delay: K_MSEC(1 + i) },
        ),
      );
    }
    return { mutexes, threads };
  }

  row("T022", "a boost goes through a waiting owner to the owner it waits for", ({ machine }) => {
    const m = machine();
    const { threads } = chain(m, 2);
    m.run(400_000 * 50);
    expect(threads.map((thread) => thread.priority)).toEqual([1, 1, 1]);
    m.run();
    expect(threads.map((thread) => thread.dead)).toEqual([true, true, true]);
  });

  row("T023", "a boost reaches an owner three mutexes away", ({ machine }) => {
    const m = machine();
    const { threads } = chain(m, 3);
    m.run(400_000 * 50);
    expect(threads.map((thread) => thread.priority)).toEqual([1, 1, 1, 1]);
    m.run();
    expect(threads.every((thread) => thread.dead)).toBe(true);
  });

  row("T025", "who is handed a mutex waits for none any more", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const mutex = new Mutex(k);
      yield* mutex.lock(K_FOREVER);
      const waiter = m.thread("waiter", -1, function* () {
        yield* mutex.lock(K_FOREVER);
        yield* k.sleep(K_MSEC(10));
        yield* mutex.unlock();
      });
      yield* k.sleep(K_MSEC(1));
      expect(waiter.waitMutex).toBe(mutex);
      yield* mutex.unlock();
      expect(waiter.waitMutex).toBe(null);
      expect(mutex.owner).toBe(waiter);
    });
  });

  row("T026", "who timed out waits for no mutex any more", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const mutex = new Mutex(k);
      yield* mutex.lock(K_FOREVER);
      const waiter = m.thread("waiter", -1, function* () {
        expect(yield* mutex.lock(K_MSEC(5))).toBe(-EAGAIN);
        yield* k.sleep(K_MSEC(50));
      });
      yield* k.sleep(K_MSEC(1));
      expect(waiter.waitMutex).toBe(mutex);
      yield* k.sleep(K_MSEC(20));
      expect(waiter.waitMutex).toBe(null);
      yield* mutex.unlock();
    });
  });

  row("T028", "a mutex locked twice is held once, until the last unlock", ({ machine }) => {
    const m = machine();
    m.main(function* (k, self) {
      const mutex = new Mutex(k);
      yield* mutex.lock(K_FOREVER);
      yield* mutex.lock(K_FOREVER);
      expect(self.held).toBe(mutex);
      expect(mutex.heldNext).toBe(null);
      yield* mutex.unlock();
      expect(self.held).toBe(mutex);
      yield* mutex.unlock();
      expect(self.held).toBe(null);
    });
  });

  row(
    "T029",
    "after a time-out the owner keeps what the waiters of its other mutexes lend",
    ({ machine }) => {
      const m = machine();
      const k = m.kernel;
      const a = new Mutex(k, "a");
      const b = new Mutex(k, "b");
      const seen: number[] = [];
      m.thread("owner", 10, function* (self) {
        yield* a.lock(K_FOREVER);
        yield* b.lock(K_FOREVER);
        yield* k.sleep(K_MSEC(20));
        seen.push(self.priority);
        yield* k.sleep(K_MSEC(40));
        seen.push(self.priority);
        yield* a.unlock();
        seen.push(self.priority);
        yield* b.unlock();
        seen.push(self.priority);
      });
      m.thread(
        "for a",
        6,
        function* () {
          expect(yield* a.lock(K_FOREVER)).toBe(0);
          yield* a.unlock();
        },
        { delay: K_MSEC(5) },
      );
      m.thread(
        "for b",
        3,
        function* () {
          expect(yield* b.lock(K_MSEC(30))).toBe(-EAGAIN);
        },
        { delay: K_MSEC(10) },
      );
      m.run();
      expect(seen).toEqual([3, 6, 10, 10]);
    },
  );

  for (const [id, finite] of [
    ["T031", 1],
    ["T032", 2],
  ] as const) {
    row(id, `a cycle with a finite wait at thread ${finite} of 3 is no deadlock`, ({ machine }) => {
      const m = machine({ options: { mutexDeadlockDetect: true } });
      const k = m.kernel;
      const mutexes = [0, 1, 2].map((i) => new Mutex(k, `m${i}`));
      const results: number[] = [];
      for (let i = 0; i < 3; i++) {
        m.thread(`t${i}`, 5 + i, function* () {
          const own = mutexes[i] as Mutex;
          const wanted = mutexes[(i + 1) % 3] as Mutex;
          yield* own.lock(K_FOREVER);
          yield* k.sleep(K_MSEC(10 * (3 - i)));
          const rc = yield* wanted.lock(i === finite ? K_MSEC(50) : K_FOREVER);
          results[i] = rc;
          if (rc === 0) yield* wanted.unlock();
          yield* own.unlock();
        });
      }
      m.run();
      expect(m.fatals).toEqual([]);
      expect(results.map((rc, i) => [i, rc])).toEqual(
        [0, 1, 2].map((i) => [i, i === finite ? -EAGAIN : 0]),
      );
    });
  }

  row("T034", "a chain longer than 16 owners is boosted only so far", ({ machine }) => {
    const m = machine();
    const { threads } = chain(m, 20);
    m.run(400_000 * 80);
    const boosted = threads.filter((thread) => thread.priority === 1);
    // The waiter itself and the 16 owners nearest to it.
    expect(boosted).toHaveLength(17);
    expect(threads.slice(0, 4).map((thread) => thread.priority)).toEqual([14, 14, 14, 14]);
    m.run();
    expect(threads.every((thread) => thread.dead)).toBe(true);
  });

  row(
    "T035",
    "the best waiter over all held mutexes counts, not that of the latest",
    ({ machine }) => {
      const m = machine();
      const k = m.kernel;
      const mutexes = [0, 1, 2].map((i) => new Mutex(k, `m${i}`));
      const seen: number[] = [];
      m.thread("owner", 12, function* (self) {
        for (const mutex of mutexes) yield* mutex.lock(K_FOREVER);
        yield* k.sleep(K_MSEC(20));
        seen.push(self.priority);
        yield* (mutexes[2] as Mutex).unlock();
        seen.push(self.priority);
        yield* (mutexes[0] as Mutex).unlock();
        seen.push(self.priority);
        yield* (mutexes[1] as Mutex).unlock();
        seen.push(self.priority);
      });
      [4, 8, 6].forEach((priority, i) => {
        m.thread(
          `waiter ${i}`,
          priority,
          function* () {
            yield* (mutexes[i] as Mutex).lock(K_FOREVER);
            yield* (mutexes[i] as Mutex).unlock();
          },
          { delay: K_MSEC(5) },
        );
      });
      m.run();
      expect(seen).toEqual([4, 4, 8, 12]);
    },
  );
});

describe("sys_mutex", () => {
  // Rows of this suite use events only to keep step; the objects under test are sys_mutexes.
  row("T016", "each better waiter raises the owner of four mutexes further", ({ machine }) => {
    const m = machine();
    const { kernel: k } = m;
    const locks = sysMutexes(m, 4);
    m.main(
      function* (_, self) {
        const seen: number[] = [];
        for (const [lock, waiters] of [
          [0, [9]],
          [1, [8]],
          [2, [7]],
          [3, [6, 5]],
        ] as const) {
          expect(yield* at(locks, lock).lock(K_NO_WAIT)).toBe(0);
          for (const priority of waiters) waiterFor(m, at(locks, lock), priority, K_FOREVER);
          yield* k.sleep(K_MSEC(1000));
          seen.push(self.priorityGet());
        }
        expect(seen).toEqual([9, 8, 7, 5]);
        for (const lock of locks.toReversed()) expect(yield* lock.unlock()).toBe(0);
        expect(self.priorityGet()).toBe(10);
      },
      { priority: 10 },
    );
  });

  row(
    "T017",
    "the owner falls to the next best of all waiters when one times out",
    ({ machine }) => {
      const m = machine();
      const { kernel: k } = m;
      const locks = sysMutexes(m, 4);
      m.main(
        function* (_, self) {
          for (const lock of locks) yield* lock.lock(K_NO_WAIT);
          const timedOut: number[] = [];
          waiterFor(m, at(locks, 0), 9, K_FOREVER);
          waiterFor(m, at(locks, 1), 8, K_FOREVER);
          waiterFor(m, at(locks, 2), 7, K_MSEC(3000), timedOut);
          waiterFor(m, at(locks, 3), 6, K_MSEC(2000), timedOut);
          waiterFor(m, at(locks, 3), 5, K_MSEC(1000), timedOut);
          const seen: number[] = [];
          for (let i = 0; i < 4; i++) {
            yield* k.sleep(K_MSEC(i === 0 ? 500 : 1000));
            seen.push(self.priorityGet());
          }
          expect(seen).toEqual([5, 6, 7, 8]);
          expect(timedOut).toEqual([5, 6, 7]);
          for (const lock of locks.toReversed()) yield* lock.unlock();
        },
        { priority: 10 },
      );
    },
  );

  row("T019", "a private mutex locked twice is handed over and comes back", ({ machine }) => {
    const m = machine();
    const { kernel: k } = m;
    m.main(
      function* (_, self) {
        const lock = at(sysMutexes(m, 1), 0);
        const go = new KEvent(k);
        expect(yield* lock.lock(K_NO_WAIT)).toBe(0);
        expect(yield* lock.lock(K_NO_WAIT)).toBe(0);
        m.thread("twelve", 12, function* () {
          expect(yield* lock.lock(K_FOREVER)).toBe(0);
          yield* go.wait(1, false, K_FOREVER);
          expect(yield* lock.unlock()).toBe(0);
        });
        yield* k.sleep(K_MSEC(1));
        expect(yield* lock.unlock()).toBe(0);
        expect(yield* lock.unlock()).toBe(0);
        expect(self.priorityGet()).toBe(10);
        expect(yield* lock.lock(K_NO_WAIT)).toBe(-EBUSY);
        yield* go.post(1);
        expect(yield* lock.lock(K_MSEC(1000))).toBe(0);
        expect(yield* lock.unlock()).toBe(0);
      },
      { priority: 10 },
    );
  });

  row(
    "T020",
    "a supervisor gets errors for nothing, strangers' and free mutexes",
    ({ machine }) => {
      const m = machine();
      m.main(function* (k) {
        const lock = at(sysMutexes(m, 1), 0);
        for (const handle of [null, { address: 0x1000 }, new Mutex(k)]) {
          expect(k.syscall("sys_mutex_lock", handle, K_NO_WAIT)).toBe(-EINVAL);
          expect(k.syscall("sys_mutex_unlock", handle)).toBe(-EINVAL);
        }
        expect(yield* lock.unlock()).toBe(-EINVAL);
        m.thread("owner", -1, function* () {
          yield* lock.lock(K_FOREVER);
          yield* k.sleep(K_MSEC(10));
          yield* lock.unlock();
        });
        yield* k.sleep(K_MSEC(1));
        expect(yield* lock.unlock()).toBe(-EPERM);
      });
    },
  );
});
