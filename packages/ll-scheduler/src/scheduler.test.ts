import { K_MSEC } from "@sof-ts/kernel";
import { describe, expect, it } from "vitest";
import { inThread, machine, MS, strategies } from "../test/ll-machine.js";
import { type LlScheduler, type LlTask, RunAgain, TaskState } from "./index.js";

describe.each(strategies)("LlScheduler with $name", ({ make }) => {
  const task = (
    scheduler: LlScheduler,
    name: string,
    priority: number,
    run: () => RunAgain,
  ): LlTask => scheduler.createTask({ name, core: scheduler.core, priority, run });

  it("runs a periodic task once a tick and a one-shot task once", () => {
    const m = machine(make);
    const log: string[] = [];
    inThread(m, function* () {
      yield* m.scheduler.schedule(
        task(m.scheduler, "copy", 0, () => {
          log.push("copy");
          return RunAgain.RESCHEDULE;
        }),
      );
      yield* m.scheduler.schedule(
        task(m.scheduler, "trigger", -1, () => {
          log.push("trigger");
          return RunAgain.COMPLETED;
        }),
      );
    });
    m.kernel.run(3.5 * MS);
    expect(log).toEqual(["trigger", "copy", "copy", "copy"]);
    expect(m.scheduler.stats).toMatchObject({ ticks: 3, overruns: 0 });
  });

  it("starts a copy in the tick of the trigger that schedules it", () => {
    const m = machine(make);
    const log: string[] = [];
    const copy = task(m.scheduler, "copy", 0, () => {
      log.push(`copy ${m.scheduler.stats.ticks}`);
      return RunAgain.RESCHEDULE;
    });
    inThread(m, function* () {
      yield* m.scheduler.schedule(
        task(m.scheduler, "trigger", -1, () => {
          log.push(`trigger ${m.scheduler.stats.ticks}`);
          expect(m.scheduler.scheduleLocked(copy)).toBe(0);
          return RunAgain.COMPLETED;
        }),
      );
    });
    m.kernel.run(2.5 * MS);
    expect(log).toEqual(["trigger 0", "copy 0", "copy 1"]);
  });

  it("runs tasks by priority, and those of one priority in the order in which they came", () => {
    const m = machine(make);
    const log: string[] = [];
    inThread(m, function* () {
      for (const [name, priority] of [
        ["late", 7],
        ["first of two", 3],
        ["early", 0],
        ["second of two", 3],
        ["trigger", -1],
      ] as const) {
        yield* m.scheduler.schedule(
          task(m.scheduler, name, priority, () => {
            log.push(name);
            return RunAgain.RESCHEDULE;
          }),
        );
      }
    });
    m.kernel.run(2.5 * MS);
    const tick = ["trigger", "early", "first of two", "second of two", "late"];
    expect(log).toEqual([...tick, ...tick]);
  });

  it("runs a one-shot task again when it is scheduled again, once for each time", () => {
    const m = machine(make);
    const results: number[] = [];
    const once = task(m.scheduler, "once", 0, () => RunAgain.COMPLETED);
    inThread(m, function* () {
      for (let round = 0; round < 3; round++) {
        results.push(yield* m.scheduler.schedule(once));
        yield* m.kernel.sleep(K_MSEC(3));
        results.push(once.runs, m.scheduler.runList.length);
      }
    });
    m.kernel.run(20 * MS);
    expect(results).toEqual([0, 1, 0, 0, 2, 0, 0, 3, 0]);
    expect(once.state).toBe(TaskState.COMPLETED);
  });

  it("feeds the watchdog of each core at the end of its ticks, not while one is under way", () => {
    const m = machine(make, 2);
    const hang = task(m.scheduler, "hang", 0, () => RunAgain.RESCHEDULE);
    hang.cycles = 3 * MS;
    m.kernel.run(2.5 * MS);
    expect(m.fed.toSorted()).toEqual([0, 0, 1, 1]);
    inThread(m, function* () {
      yield* m.scheduler.schedule(hang);
    });
    // The tick of 3 ms ends at 6 ms; core 1 goes on.
    m.kernel.run(5.5 * MS);
    expect(m.fed.toSorted()).toEqual([0, 0, 1, 1, 1, 1, 1]);
  });

  it("keeps count of ticks and of what they cost", () => {
    const m = machine(make);
    const busy = task(m.scheduler, "busy", 0, () => RunAgain.RESCHEDULE);
    m.kernel.run(1.5 * MS);
    const idle = m.scheduler.stats.lastCycles;
    inThread(m, function* () {
      yield* m.scheduler.schedule(busy);
    });
    for (const [ms, cycles] of [
      [2.5, 5000],
      [3.5, 9000],
      [4.5, 7000],
    ] as const) {
      busy.cycles = cycles;
      m.kernel.run(ms * MS);
      expect(m.scheduler.stats.lastCycles).toBeGreaterThanOrEqual(idle + cycles);
      expect(m.scheduler.stats.lastCycles).toBeLessThan(idle + cycles + 1500);
    }
    const { ticks, overruns, lastCycles, maxCycles, totalCycles } = m.scheduler.stats;
    expect({ ticks, overruns }).toEqual({ ticks: 4, overruns: 0 });
    expect(maxCycles).toBe(lastCycles + 2000);
    expect(totalCycles).toBe(idle + 3 * lastCycles);
  });

  it("runs a task every n-th tick", () => {
    const m = machine(make);
    const ticks: number[] = [];
    inThread(m, function* () {
      yield* m.scheduler.schedule(
        m.scheduler.createTask({
          name: "slow",
          core: 0,
          priority: 0,
          periodTicks: 3,
          run: () => {
            ticks.push(m.scheduler.stats.ticks);
            return RunAgain.RESCHEDULE;
          },
        }),
      );
    });
    m.kernel.run(8.5 * MS);
    expect(ticks).toEqual([0, 3, 6]);
  });

  it("refuses to schedule a queued, a running and a freed task", () => {
    const m = machine(make);
    const results: number[] = [];
    const copy: LlTask = task(m.scheduler, "copy", 0, () => {
      results.push(m.scheduler.scheduleLocked(copy));
      return RunAgain.COMPLETED;
    });
    inThread(m, function* () {
      results.push(yield* m.scheduler.schedule(copy));
      results.push(yield* m.scheduler.schedule(copy));
    });
    m.kernel.run(1.5 * MS);
    inThread(m, function* () {
      results.push(yield* m.scheduler.free(copy));
      results.push(yield* m.scheduler.schedule(copy));
      results.push(yield* m.scheduler.free(copy));
    });
    m.kernel.run(2.5 * MS);
    expect(results).toEqual([0, -120, -16, 0, -22, -22]);
    expect(m.scheduler.taskCount).toBe(0);
  });

  it("runs no tick over a task that was cancelled or freed", () => {
    const m = machine(make);
    let runs = 0;
    const copy = task(m.scheduler, "copy", 0, () => {
      runs++;
      return RunAgain.RESCHEDULE;
    });
    inThread(m, function* () {
      yield* m.scheduler.schedule(copy);
    });
    m.kernel.run(2.5 * MS);
    inThread(m, function* () {
      yield* m.scheduler.cancel(copy);
    });
    m.kernel.run(4.5 * MS);
    expect({ runs, state: copy.state }).toEqual({ runs: 2, state: TaskState.CANCEL });
    inThread(m, function* () {
      yield* m.scheduler.schedule(copy);
      yield* m.scheduler.free(copy);
    });
    m.kernel.run(6.5 * MS);
    expect({ runs, state: copy.state, queued: m.scheduler.runList.length }).toEqual({
      runs: 2,
      state: TaskState.FREE,
      queued: 0,
    });
  });

  it("lets a task free itself from its own run", () => {
    const m = machine(make);
    let freed = 1;
    const once: LlTask = m.scheduler.createTask({
      name: "once",
      core: 0,
      priority: 0,
      run: () => RunAgain.RESCHEDULE,
      runBlocking: function* () {
        freed = yield* m.scheduler.free(once);
        return RunAgain.RESCHEDULE;
      },
    });
    inThread(m, function* () {
      yield* m.scheduler.schedule(once);
    });
    m.kernel.run(2.5 * MS);
    expect({ freed, state: once.state, tasks: m.scheduler.taskCount, runs: once.runs }).toEqual({
      freed: 0,
      state: TaskState.FREE,
      tasks: 0,
      runs: 1,
    });
  });

  it("charges the cycles of a task and counts the ticks that come while one is late", () => {
    const m = machine(make);
    const heavy: LlTask = task(m.scheduler, "heavy", 0, () => {
      heavy.cycles = heavy.runs === 0 ? 2.5 * MS : 1000;
      return RunAgain.RESCHEDULE;
    });
    inThread(m, function* () {
      yield* m.scheduler.schedule(heavy);
    });
    m.kernel.run(6.5 * MS);
    const { ticks, overruns, maxCycles } = m.scheduler.stats;
    // The tick at 1 ms runs until 3.5 ms; those of 2 and 3 ms follow at once, 4, 5 and 6 come in time.
    expect({ ticks, overruns }).toEqual({ ticks: 6, overruns: 2 });
    expect(maxCycles).toBeGreaterThan(2.5 * MS);
  });

  it.each([0, 1])("keeps a change of the graph by core %i out of the tick", (changer) => {
    const m = machine(make, 2);
    const log: string[] = [];
    const copy: LlTask = m.scheduler.createTask({
      name: "copy",
      core: 0,
      priority: 0,
      run: () => RunAgain.RESCHEDULE,
      *runBlocking() {
        log.push("run starts");
        yield* m.kernel.busy(0.3 * MS);
        log.push("run ends");
        return RunAgain.RESCHEDULE;
      },
    });
    inThread(m, function* () {
      yield* m.scheduler.schedule(copy);
    });
    m.kernel.run(0.5 * MS);
    inThread(
      m,
      function* () {
        // The first is under way when a tick is due, the others begin while one is.
        for (const wait of [0.4, 0.75, 0.75]) {
          yield* m.kernel.busy(wait * MS);
          yield* m.locking.lock(0);
          m.locking.assertLocked(0);
          log.push("change starts");
          yield* m.kernel.busy(0.25 * MS);
          log.push("change ends");
          yield* m.locking.unlock(0);
        }
      },
      changer,
    );
    m.kernel.run(6.5 * MS);
    expect(m.faults).toEqual([]);
    expect(log.filter((entry) => entry === "change ends")).toHaveLength(3);
    expect(log.filter((entry) => entry === "run ends").length).toBeGreaterThan(3);
    // What starts ends before anything else starts.
    const broken = log.filter(
      (entry, i) => entry.endsWith("starts") && (log[i + 1] ?? "").endsWith("starts"),
    );
    // Component mutexes give the lock up while a task runs; no tick starts in a change all the same.
    const whole = m.locking.locksComponents ? "change starts" : /./;
    expect(broken.filter((entry) => entry.match(whole) !== null)).toEqual([]);
  });

  it("fails an assertion on a change without the lock", () => {
    const m = machine(make);
    expect(() => m.locking.assertLocked(0)).toThrow(/is changed with/);
  });
});
