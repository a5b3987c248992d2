import { describe, expect, it } from "vitest";
import { RunAgain } from "../src/index.js";
import { inThread, machine, MS, strategies } from "./ll-machine.js";

const LL_PRIORITY = -16;
const IPC_PRIORITY = 1;

describe.each(strategies)("the lock of a core with $name", ({ name, make }) => {
  it("is recursive, and owned until its last unlock", () => {
    const m = machine(make);
    const seen: boolean[] = [];
    const owned = (): boolean => {
      try {
        m.locking.assertLocked(0);
        return true;
      } catch {
        return false;
      }
    };
    inThread(m, function* () {
      seen.push(owned());
      yield* m.locking.lock(0);
      yield* m.locking.lock(0);
      seen.push(owned());
      yield* m.locking.unlock(0);
      seen.push(owned());
      yield* m.locking.unlock(0);
      seen.push(owned());
    });
    m.kernel.run(0.5 * MS);
    expect(seen).toEqual([false, true, true, false]);
    expect(m.faults).toEqual([]);
  });

  it("belongs to one thread: another that has not taken it is told so", () => {
    const m = machine(make, 2);
    const errors: string[] = [];
    inThread(m, function* () {
      yield* m.locking.lock(0);
      yield* m.kernel.busy(0.3 * MS);
      yield* m.locking.unlock(0);
    });
    inThread(
      m,
      function* () {
        yield* m.kernel.busy(0.1 * MS);
        try {
          m.locking.assertLocked(0);
        } catch (error) {
          errors.push((error as Error).message);
        }
      },
      1,
    );
    m.kernel.run(0.8 * MS);
    expect(errors).toEqual([expect.stringMatching(/^the graph of core 0 is changed with/)]);
  });

  it("keeps threads of two cores from each other's changes of one graph", () => {
    const m = machine(make, 2);
    let inside = 0;
    const most: number[] = [];
    for (const [core, together] of [
      [0, false],
      [1, false],
      [1, true],
    ] as const) {
      inThread(
        m,
        function* () {
          yield* m.kernel.busy(0.01 * MS * (core + 1));
          for (let round = 0; round < 5; round++) {
            yield* together ? m.locking.lockAll([0, 1]) : m.locking.lock(0);
            most.push(++inside);
            yield* m.kernel.busy(0.05 * MS);
            inside--;
            if (together) yield* m.locking.unlock(1);
            yield* m.locking.unlock(0);
          }
        },
        core,
      );
    }
    m.kernel.run(5 * MS);
    expect(most).toEqual(Array.from({ length: 15 }, () => 1));
    expect(m.faults).toEqual([]);
  });

  it("is released on each core by who took it there, in whatever order two cores' threads nest", () => {
    const m = machine(make, 2);
    const ends: number[] = [];
    for (const core of [0, 1]) {
      inThread(
        m,
        function* () {
          for (let round = 0; round < 20; round++) {
            yield* m.locking.lock(0);
            yield* m.kernel.busy(0.013 * MS * (core + 1));
            yield* m.locking.lock(1);
            yield* m.kernel.busy(0.007 * MS);
            yield* m.locking.unlock(1);
            yield* m.locking.unlock(0);
          }
          ends.push(core);
        },
        core,
      );
    }
    m.kernel.run(20 * MS);
    expect(m.faults).toEqual([]);
    expect(ends.sort()).toEqual([0, 1]);
    expect(m.scheduler.stats.ticks).toBeGreaterThan(15);
  });

  it(`is ${name === "component mutexes" ? "given up" : "held"} while the tasks of a tick run`, () => {
    const m = machine(make);
    const held: boolean[] = [];
    const masked: unknown[] = [];
    const task = m.scheduler.createTask({
      name: "copy",
      core: 0,
      priority: 0,
      run: () => {
        try {
          m.locking.assertLocked(0);
          held.push(true);
        } catch {
          held.push(false);
        }
        masked.push(m.kernel.currentCpu?.masked);
        return RunAgain.RESCHEDULE;
      },
    });
    inThread(m, function* () {
      yield* m.scheduler.schedule(task);
    });
    m.kernel.run(2.5 * MS);
    const expected = name !== "component mutexes";
    expect(held).toEqual([expected, expected]);
    expect(masked).toEqual([false, false]);
  });

  it(`${name === "kernel LL" ? "masks" : "masks no"} interrupts while the graph is changed`, () => {
    const m = machine(make, 2);
    const masked: unknown[] = [];
    inThread(m, function* () {
      for (const core of [0, 1]) {
        yield* m.locking.lock(core);
        masked.push(m.kernel.currentCpu?.masked);
        yield* m.locking.unlock(core);
        masked.push(m.kernel.currentCpu?.masked);
      }
    });
    m.kernel.run(0.5 * MS);
    // Those of another core are out of reach.
    expect(masked).toEqual([name === "kernel LL", false, false, false]);
    expect(m.faults).toEqual([]);
  });

  it("can be used by the user threads that it was granted to, and by no other", () => {
    const m = machine(make);
    const seen: string[] = [];
    const use = (name: string, granted: boolean): void => {
      const thread = m.kernel.createThread({
        name,
        priority: 2,
        user: true,
        delay: Number.POSITIVE_INFINITY,
        *entry() {
          yield* m.locking.lock(0);
          seen.push(name);
          yield* m.locking.unlock(0);
        },
      });
      if (granted) m.locking.grant(thread, 0);
      thread.startNow();
    };
    use("granted", true);
    use("stranger", false);
    m.kernel.run(0.5 * MS);
    // Kernel LL has no lock that a user thread could take.
    const privileged = name === "kernel LL";
    expect(seen).toEqual(privileged ? [] : ["granted"]);
    expect(m.faults.map(({ thread }) => thread.name)).toEqual(
      privileged ? ["granted", "stranger"] : ["stranger"],
    );
  });

  it("lends the priority of the tick that waits for it, or keeps the tick from starting", () => {
    const m = machine(make);
    const priorities: number[] = [];
    const ticks: number[] = [];
    const ipc = inThread(m, function* () {
      yield* m.locking.lock(0);
      priorities.push(ipc.priority);
      yield* m.kernel.busy(1.5 * MS);
      priorities.push(ipc.priority);
      ticks.push(m.scheduler.stats.ticks);
      yield* m.locking.unlock(0);
      priorities.push(ipc.priority);
    });
    m.kernel.run(3.5 * MS);
    expect(ticks).toEqual([0]);
    const lent = name === "kernel LL" ? IPC_PRIORITY : LL_PRIORITY;
    expect(priorities).toEqual([IPC_PRIORITY, lent, IPC_PRIORITY]);
    expect(m.scheduler.stats.ticks).toBe(3);
  });
});
