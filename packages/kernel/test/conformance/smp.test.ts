/* oxlint-disable vitest/no-standalone-expect -- row() registers the test */
import { Random } from "@sof-ts/kit";
import { describe, expect } from "vitest";
import { K_FOREVER, K_MSEC, Mutex, Sem, type Thread, Work, WorkQueue } from "../../src/index.js";
import { cpuOf, type Machine, row } from "./support/harness.js";

/** `count` cooperative threads that do `body` and leave their number. */
function coops(
  m: Machine,
  count: number,
  body: () => Generator<number, void, number>,
  priority = -5,
): Thread[] {
  return Array.from({ length: count }, (_, i) =>
    m.thread(`coop ${i}`, priority, function* () {
      m.log.push(`${i}`);
      yield* body();
    }),
  );
}

describe("several CPUs", () => {
  row("T176", "two cooperative threads run at the same time", ({ machine }) => {
    const m = machine({ cpus: 2 });
    const counters = [0, 0];
    const sawOther = [false, false];
    for (let i = 0; i < 2; i++) {
      m.thread(`t${i}`, -2, function* () {
        const before = counters[1 - i] as number;
        for (let n = 0; n < 50; n++) {
          counters[i] = (counters[i] as number) + 1;
          yield* m.kernel.busy(1000);
        }
        sawOther[i] = (counters[1 - i] as number) > before;
      });
    }
    m.run();
    expect(sawOther).toEqual([true, true]);
  });

  row("T178", "nested groups of threads end, and every join succeeds", ({ machine }) => {
    const m = machine({ cpus: 2 });
    const { kernel: k } = m;
    let joined = 0;
    function* group(depth: number): Generator<number, void, number> {
      const children: Thread[] = [];
      for (let i = 0; i < 3; i++) {
        children.push(
          m.thread(`d${depth} ${i}`, -10 + depth, function* () {
            if (depth > 0) yield* group(depth - 1);
            else yield* k.busy(500);
          }),
        );
      }
      for (const child of children) {
        expect(yield* child.join(K_FOREVER)).toBe(0);
        joined++;
      }
    }
    m.main(function* () {
      yield* group(2);
    });
    expect(joined).toBe(3 + 9 + 27);
  });

  row("T179", "one cooperative thread more than CPUs does not run meanwhile", ({ machine }) => {
    const m = machine({ cpus: 2 });
    const threads = coops(m, 3, function* () {
      for (;;) yield* m.kernel.busy(1000);
    });
    m.run(400_000 * 10);
    expect(m.log).toEqual(["0", "1"]);
    expect(threads.map((thread) => thread.stateString())).toEqual(["", "", "queued"]);
  });

  row("T181", "when cooperative threads yield, all of them run", ({ machine }) => {
    const m = machine({ cpus: 2 });
    coops(m, 3, function* () {
      for (let i = 0; i < 10; i++) {
        yield* m.kernel.busy(1000);
        yield* m.kernel.yield();
      }
    });
    m.run(100_000);
    expect(m.log.toSorted()).toEqual(["0", "1", "2"]);
  });

  row("T182", "when they sleep, all of them run", ({ machine }) => {
    const m = machine({ cpus: 2 });
    coops(m, 3, function* () {
      for (let i = 0; i < 10; i++) {
        yield* m.kernel.busy(1000);
        yield* m.kernel.sleep(K_MSEC(10));
      }
    });
    m.run(400_000);
    expect(m.log.toSorted()).toEqual(["0", "1", "2"]);
  });

  row("T184", "a thread sees the CPU that it runs on", ({ machine }) => {
    const m = machine({ cpus: 2 });
    m.main(
      function* (k, self) {
        const mine = cpuOf(k).id;
        let other = -1;
        const thread = m.thread("other", -2, function* (spawned) {
          other = cpuOf(k).id;
          expect(spawned.cpu?.id).toBe(other);
          yield* k.yield();
        });
        for (let i = 0; i < 20 && !thread.dead; i++) yield* k.busy(1000);
        expect(other).toBe(1 - mine);
        expect(self.cpu?.id).toBe(mine);
      },
      { priority: -2 },
    );
  });

  row("T185", "a scheduler interrupt reaches the other CPUs each time", ({ machine }) => {
    const m = machine({ cpus: 3 });
    m.main(function* (k) {
      yield* k.busy(10_000);
      const mine = cpuOf(k).id;
      for (let round = 0; round < 3; round++) {
        const before = k.cpus.map((cpu) => cpu.ipis);
        k.schedIpi();
        yield* k.busy(10_000);
        k.cpus.forEach((cpu, i) =>
          expect(cpu.ipis - (before[i] as number)).toBe(i === mine ? 0 : 1),
        );
      }
    });
  });

  row("T187", "work submitted by a spinning thread runs on another CPU", ({ machine }) => {
    const m = machine({ cpus: 2 });
    m.main(
      function* (k) {
        const queue = new WorkQueue(k);
        queue.start({ priority: 1 });
        let ranOn = -1;
        const work = new Work(k, () => {
          ranOn = cpuOf(k).id;
        });
        yield* work.submit(queue);
        const mine = cpuOf(k).id;
        for (let i = 0; i < 20; i++) yield* k.busy(1000);
        expect(ranOn).toBe(1 - mine);
        expect(cpuOf(k).id).toBe(mine);
      },
      { priority: -2 },
    );
  });

  row("T188", "a thread that switches holds no global interrupt lock around it", ({ machine }) => {
    const m = machine({ cpus: 2 });
    const { kernel: k } = m;
    const mutex = new Mutex(k);
    m.thread("owner", -2, function* () {
      yield* mutex.lock(K_FOREVER);
      yield* k.busy(100_000);
      yield* mutex.unlock();
    });
    m.thread("waiter", -2, function* (self) {
      yield* k.busy(5000);
      const counts = [self.globalLockCount];
      expect(yield* mutex.lock(K_FOREVER)).toBe(0);
      counts.push(self.globalLockCount);
      yield* mutex.unlock();
      counts.push(self.globalLockCount);
      expect(counts).toEqual([0, 0, 0]);
      const key = k.irqLock();
      expect(self.globalLockCount).toBe(1);
      k.irqUnlock(key);
      m.log.push("done");
    });
    m.run();
    expect(m.log).toEqual(["done"]);
  });

  row(
    "T190",
    "threads that wake each other at random neither hang nor lose a wake-up",
    ({ machine }) => {
      // Zephyr's test does it through k_poll, which this kernel does not have: semaphores carry the wake-ups.
      const m = machine({ cpus: 4 });
      const { kernel: k } = m;
      const random = new Random(1);
      const count = 16;
      const sems = Array.from({ length: count }, () => new Sem(k, 0, 1000));
      let tokens = 0;
      let moved = 0;
      for (let i = 0; i < count; i++) {
        m.thread(`t${i}`, i % 2 === 0 ? -2 : 3, function* () {
          for (;;) {
            const rc = yield* (sems[i] as Sem).take(K_MSEC(100));
            if (rc !== 0) return;
            moved++;
            yield* k.busy(random.below(2000));
            if (moved >= 2000) tokens--;
            else yield* (sems[random.below(count)] as Sem).give();
          }
        });
      }
      for (let i = 0; i < 6; i++) {
        tokens++;
        (sems[i] as Sem).giveNow();
      }
      m.run();
      expect(moved).toBeGreaterThanOrEqual(2000);
      expect(tokens).toBe(0);
      expect(sems.reduce((sum, sem) => sum + sem.count, 0)).toBe(0);
    },
  );
});
