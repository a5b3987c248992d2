import { ETIMEDOUT } from "@sof-ts/kit";
import { K_MSEC } from "@sof-ts/kernel";
import { describe, expect, it } from "vitest";
import { type LlTask, RunAgain, TaskState } from "../src/index.js";
import { inThread, type Machine, machine, MS, strategies } from "./ll-machine.js";

const EINVAL = -22;

function periodic(m: Machine, name: string, priority = 0, log: string[] = []): LlTask {
  return m.scheduler.createTask({
    name,
    core: 0,
    priority,
    run: () => {
      log.push(name);
      return RunAgain.RESCHEDULE;
    },
  });
}

/** A task whose run takes `ms` of the LL thread's time without using the CPU. */
function slow(m: Machine, ms: number): { task: LlTask; ended: number[] } {
  const ended: number[] = [];
  const task = m.scheduler.createTask({
    name: "slow",
    core: 0,
    priority: 0,
    run: () => RunAgain.RESCHEDULE,
    *runBlocking() {
      yield* m.kernel.sleep(K_MSEC(ms));
      ended.push(m.kernel.now);
      return RunAgain.RESCHEDULE;
    },
  });
  return { task, ended };
}

describe.each(strategies)("a task with $name", ({ name, make }) => {
  it("leaves the list at the end of a run in which it was cancelled, and can be scheduled again", () => {
    const m = machine(make);
    const seen: unknown[] = [];
    const task: LlTask = m.scheduler.createTask({
      name: "copy",
      core: 0,
      priority: 0,
      run: () => {
        seen.push(m.scheduler.cancelLocked(task), m.scheduler.runList.has(task));
        return RunAgain.RESCHEDULE;
      },
    });
    inThread(m, function* () {
      yield* m.scheduler.schedule(task);
    });
    m.kernel.run(3.5 * MS);
    expect(seen).toEqual([0, true]);
    expect({ state: task.state, listed: m.scheduler.runList.has(task) }).toEqual({
      state: TaskState.CANCEL,
      listed: false,
    });
    inThread(m, function* () {
      seen.push(yield* m.scheduler.schedule(task));
    });
    m.kernel.run(4.5 * MS);
    expect(task.runs).toBe(2);
    expect(m.faults).toEqual([]);
  });

  it("is inserted before or after another whatever their priorities", () => {
    const m = machine(make);
    const log: string[] = [];
    const anchor = periodic(m, "anchor", 2, log);
    const stranger = periodic(m, "stranger", 2, log);
    const results: number[] = [];
    inThread(m, function* () {
      yield* m.scheduler.schedule(anchor);
      yield* m.locking.lock(0);
      const { scheduler } = m;
      results.push(
        scheduler.scheduleBesideLocked(periodic(m, "before", 7, log), anchor, "before"),
        scheduler.scheduleBesideLocked(periodic(m, "after", 0, log), anchor, "after"),
        scheduler.scheduleBesideLocked(periodic(m, "lost", 0, log), stranger, "after"),
      );
      yield* m.locking.unlock(0);
    });
    m.kernel.run(1.5 * MS);
    expect(results).toEqual([0, 0, EINVAL]);
    expect(log).toEqual(["before", "anchor", "after"]);
  });

  it.each([0, 1])("is freed in every state by a thread on core %i", (cpu) => {
    const m = machine(make, 2);
    const fresh = periodic(m, "init");
    const queued = periodic(m, "queued");
    const cancelled = periodic(m, "cancelled");
    const done = m.scheduler.createTask({
      name: "done",
      core: 0,
      priority: 0,
      run: () => RunAgain.COMPLETED,
    });
    const tasks = [fresh, queued, cancelled, done];
    inThread(m, function* () {
      for (const task of [queued, cancelled, done]) yield* m.scheduler.schedule(task);
      yield* m.scheduler.cancel(cancelled);
    });
    m.kernel.run(2.5 * MS);
    const { INIT, QUEUED, CANCEL, COMPLETED, FREE } = TaskState;
    expect(tasks.map(({ state }) => state)).toEqual([INIT, QUEUED, CANCEL, COMPLETED]);
    const first: number[] = [];
    const again: number[] = [];
    inThread(
      m,
      function* () {
        for (const task of tasks) first.push(yield* m.scheduler.free(task));
        for (const task of tasks) again.push(yield* m.scheduler.free(task));
      },
      cpu,
    );
    m.kernel.run(5.5 * MS);
    expect({ first, again }).toEqual({ first: [0, 0, 0, 0], again: tasks.map(() => EINVAL) });
    expect(tasks.map(({ state }) => state)).toEqual(tasks.map(() => FREE));
    expect(m.scheduler).toMatchObject({ taskCount: 0, runList: { length: 0 } });
    expect(m.faults).toEqual([]);
  });

  it.each([0, 1])("is waited for by a free on core %i while it runs", (cpu) => {
    const m = machine(make, 2);
    const { task, ended } = slow(m, 5);
    let freed: { rc: number; at: number } | undefined;
    inThread(m, function* () {
      yield* m.scheduler.schedule(task);
    });
    const objects = m.kernel.objects.size;
    m.kernel.run(2.5 * MS);
    expect(task.state).toBe(TaskState.RUNNING);
    inThread(
      m,
      function* () {
        const rc = yield* m.scheduler.free(task);
        freed = { rc, at: m.kernel.now };
      },
      cpu,
    );
    m.kernel.run(20 * MS);
    expect(m.faults).toEqual([]);
    expect(freed?.rc).toBe(0);
    expect(freed?.at).toBeGreaterThanOrEqual(ended[0] as number);
    expect({ runs: task.runs, state: task.state, tasks: m.scheduler.taskCount }).toEqual({
      runs: 1,
      state: TaskState.FREE,
      tasks: 0,
    });
    // The threads of the test are over; nothing is left of the wait either.
    expect(m.kernel.objects.size).toBeLessThanOrEqual(objects);
  });

  it.each([0, 1])(
    "is waited for on core %i time and again, and nothing of the waits stays",
    (cpu) => {
      const m = machine(make, 2);
      const results: number[] = [];
      const objects: number[] = [];
      inThread(
        m,
        function* () {
          for (let round = 0; round < 4; round++) {
            const { task } = slow(m, 2);
            yield* m.scheduler.schedule(task);
            yield* m.kernel.sleep(K_MSEC(2));
            results.push(yield* m.scheduler.free(task));
            objects.push(m.kernel.objects.size);
          }
        },
        cpu,
      );
      m.kernel.run(40 * MS);
      expect(m.faults).toEqual([]);
      expect(results).toEqual([0, 0, 0, 0]);
      expect(objects).toEqual(objects.map(() => objects[0]));
    },
  );

  it("is freed by one of two threads that want to, while it runs", () => {
    const m = machine(make, 2);
    const { task } = slow(m, 5);
    const results: number[] = [];
    inThread(m, function* () {
      yield* m.scheduler.schedule(task);
    });
    m.kernel.run(2.5 * MS);
    for (const cpu of [0, 1]) {
      inThread(
        m,
        function* () {
          results.push(yield* m.scheduler.free(task));
        },
        cpu,
      );
    }
    m.kernel.run(200 * MS);
    expect(m.faults).toEqual([]);
    // Where the run is under the lock, the second comes when the first is through.
    const late = name === "component mutexes" ? -16 : EINVAL;
    expect(results.toSorted((a, b) => b - a)).toEqual([0, late]);
    expect(m.scheduler.taskCount).toBe(0);
  });

  it.each([0, 1])("is freed when its run ends just after the wait on core %i did", (cpu) => {
    const m = machine(make, 2);
    const { task } = slow(m, 105);
    const results: number[] = [];
    inThread(m, function* () {
      yield* m.scheduler.schedule(task);
    });
    m.kernel.run(2.5 * MS);
    inThread(
      m,
      function* () {
        results.push(yield* m.scheduler.free(task));
      },
      cpu,
    );
    // The wait is over at 102.5 ms, the run at 106 ms; whoever waited does not get to run in between.
    const hog = m.kernel.createThread({
      name: "hog",
      priority: 0,
      delay: Number.POSITIVE_INFINITY,
      *entry() {
        yield* m.kernel.sleep(K_MSEC(90));
        yield* m.kernel.busy(30 * MS);
      },
    });
    hog.cpuPin(cpu);
    hog.startNow();
    m.kernel.run(200 * MS);
    expect(m.faults).toEqual([]);
    expect(results).toEqual([0]);
    expect({ state: task.state, tasks: m.scheduler.taskCount }).toEqual({
      state: TaskState.FREE,
      tasks: 0,
    });
  });

  it("stays its owner's when a free did not see its run end, until a later free does", () => {
    const m = machine(make);
    const { task } = slow(m, 150);
    const results: { rc: number; ms: number; tasks: number }[] = [];
    inThread(m, function* () {
      yield* m.scheduler.schedule(task);
      yield* m.kernel.sleep(K_MSEC(2));
      for (;;) {
        const rc = yield* m.scheduler.free(task);
        results.push({
          rc,
          ms: Math.floor(m.kernel.now / MS),
          tasks: m.scheduler.taskCount,
        });
        if (rc === 0) break;
        yield* m.kernel.sleep(K_MSEC(100));
      }
    });
    m.kernel.run(400 * MS);
    expect(m.faults).toEqual([]);
    // User LL has the run under its lock, which a free waits for without a limit.
    const patient = name === "user LL";
    expect(results).toEqual(
      patient
        ? [{ rc: 0, ms: expect.any(Number), tasks: 0 }]
        : [
            { rc: -ETIMEDOUT, ms: 102, tasks: 1 },
            { rc: 0, ms: 202, tasks: 0 },
          ],
    );
    if (patient) expect(results[0]?.ms).toBeGreaterThanOrEqual(151);
    expect({ runs: task.runs, listed: m.scheduler.runList.has(task) }).toEqual({
      runs: 1,
      listed: false,
    });
  });
});
