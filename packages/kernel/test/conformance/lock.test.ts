/* oxlint-disable vitest/no-standalone-expect -- row() registers the test */
import { describe, expect } from "vitest";
import { Atomic, Kernel, Spinlock } from "../../src/index.js";
import { cpuOf, type Machine, row } from "./support/harness.js";

/** Runs and returns what halted the kernel. */
function halts(m: Machine): string {
  const result = m.kernel.run();
  expect(result.reason).toBe("halted");
  return result.fatal?.message ?? "";
}

describe("spinlock", () => {
  row("T328", "two CPUs take turns and are never inside together", ({ machine }) => {
    const m = machine({ cpus: 2 });
    const { kernel: k } = m;
    const lock = new Spinlock(k);
    const turns: number[] = [];
    let inside = 0;
    for (let i = 0; i < 2; i++) {
      m.thread(`t${i}`, -1, function* () {
        for (let n = 0; n < 100; n++) {
          const key = lock.lock();
          expect(++inside).toBe(1);
          // Computation lets the other CPU go on, and try.
          yield* k.busy(300 + 100 * i);
          turns.push(cpuOf(k).id);
          expect(--inside).toBe(0);
          lock.unlock(key);
          yield* k.busy(50);
        }
      });
    }
    m.run();
    expect(turns.filter((cpu) => cpu === 0)).toHaveLength(100);
    expect(turns.filter((cpu) => cpu === 1)).toHaveLength(100);
    let changes = 0;
    turns.forEach((cpu, i) => {
      if (cpu !== turns[i - 1]) changes++;
    });
    expect(changes).toBeGreaterThan(50);
  });

  row("T329", "a held spinlock masks this CPU's interrupts", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const lock = new Spinlock(k);
      const raise = m.interrupt(() => void m.log.push("interrupt"));
      expect(cpuOf(k).masked).toBe(false);
      const key = lock.lock();
      expect([lock.held, cpuOf(k).masked]).toEqual([true, true]);
      const inner = k.irqLock();
      expect(inner).toBe(1);
      raise();
      k.irqUnlock(inner);
      yield* k.busy(1000);
      expect(m.log).toEqual([]);
      lock.unlock(key);
      expect([lock.held, cpuOf(k).masked]).toEqual([false, false]);
      yield* k.busy(1000);
      expect(m.log).toEqual(["interrupt"]);
    });
  });

  row("T331", "unlocking or releasing a lock that is not held asserts", ({ machine }) => {
    for (const op of ["unlock", "release"] as const) {
      const m = machine();
      const held = new Spinlock(m.kernel, "held");
      const other = new Spinlock(m.kernel, "other");
      m.thread("careless", 1, function* () {
        const key = held.lock();
        if (op === "unlock") other.unlock(key);
        else other.release();
        yield* m.kernel.yield();
      });
      expect(halts(m)).toContain("other, which CPU 0 does not hold");
    }
  });

  row("T332", "holding a lock for longer than the limit asserts at the unlock", ({ machine }) => {
    const m = machine({ options: { spinLockTimeLimit: 1000 } });
    const lock = new Spinlock(m.kernel, "slow");
    m.thread("slow", 1, function* () {
      const quick = lock.lock();
      yield* m.kernel.busy(500);
      lock.unlock(quick);
      m.log.push("quick was fine");
      const key = lock.lock();
      yield* m.kernel.busy(2000);
      lock.unlock(key);
      m.log.push("slow was fine");
    });
    expect(halts(m)).toContain("limit 1000");
    expect(m.log).toEqual(["quick was fine"]);
  });
});

describe("atomics and interrupt locking", () => {
  row("T334", "two threads' increments are all counted", ({ machine }) => {
    const m = machine({ cpus: 2 });
    const word = new Atomic(m.kernel);
    for (let i = 0; i < 2; i++) {
      m.thread(`t${i}`, 1, function* () {
        for (let n = 0; n < 500; n++) {
          const before = word.inc();
          expect(before).toBeLessThan(1000);
          yield* m.kernel.busy(10);
        }
      });
    }
    m.run();
    expect(word.get()).toBe(1000);
  });

  row("T335", "nested locks restore the state before each", ({ machine }) => {
    const m = machine();
    m.main(function* (k: Kernel) {
      const first = k.irqLock();
      const second = k.irqLock();
      expect(cpuOf(k).masked).toBe(true);
      k.irqUnlock(second);
      expect(cpuOf(k).masked).toBe(true);
      k.irqUnlock(first);
      expect(cpuOf(k).masked).toBe(false);
      yield* k.yield();
    });
  });
});
