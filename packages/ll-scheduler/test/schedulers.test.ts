import { Kernel } from "@sof-ts/kernel";
import { EventQueue } from "@sof-ts/kit";
import { describe, expect, it } from "vitest";
import { type LlScheduler, RunAgain, SchedulerRegistry, SchedulerType } from "../src/index.js";
import { inThread, machine, MS, strategies } from "./ll-machine.js";

const { LL_TIMER, DP } = SchedulerType;

describe("SchedulerRegistry", () => {
  const registry = (): SchedulerRegistry => {
    const kernel = new Kernel({
      cpus: 2,
      cyclesPerSecond: 400e6,
      ticksPerSecond: 15_000,
      events: new EventQueue(),
    });
    return new SchedulerRegistry(kernel, 2);
  };

  it("keeps a kind of scheduler on one list of a core, never on both", () => {
    const schedulers = registry();
    expect(schedulers.register(0, LL_TIMER, "user", "ll")).toBe(0);
    expect(schedulers.register(0, LL_TIMER, "user", "other")).toBe(-17);
    expect(schedulers.register(0, LL_TIMER, "kernel", "other")).toBe(-17);
    expect(schedulers.userData(0, LL_TIMER)).toBe("ll");
    expect(schedulers.kernelData(0, LL_TIMER)).toBeNull();
  });

  it("keeps the cores and the kinds apart", () => {
    const schedulers = registry();
    schedulers.register(0, LL_TIMER, "user", "ll 0");
    schedulers.register(1, LL_TIMER, "user", "ll 1");
    schedulers.register(1, DP, "kernel", "dp 1");
    expect([0, 1].map((core) => schedulers.userData(core, LL_TIMER))).toEqual(["ll 0", "ll 1"]);
    expect([0, 1].map((core) => schedulers.kernelData(core, DP))).toEqual([null, "dp 1"]);
    expect(schedulers.register(2, DP, "user", "dp 2")).toBe(-22);
    expect(schedulers.userData(2, DP)).toBeNull();
  });

  it("lets a scheduler go and come again", () => {
    const schedulers = registry();
    schedulers.register(0, DP, "kernel", "first");
    expect(schedulers.unregister(0, DP)).toBe(0);
    expect(schedulers.unregister(0, DP)).toBe(-22);
    expect(schedulers.register(0, DP, "user", "second")).toBe(0);
    expect(schedulers.userData(0, DP)).toBe("second");
  });

  it("is looked into by user threads for any core, but its kernel list and its changes are privileged", () => {
    const [userLl] = strategies;
    const m = machine((userLl as (typeof strategies)[number]).make, 2);
    const found: unknown[] = [];
    const schedulers = [0, 1].map((core) => m.domain.scheduler(core));
    inThread(m, function* () {
      found.push(m.domain.schedulers.userData(0, LL_TIMER));
      found.push(m.domain.schedulers.userData(1, LL_TIMER));
      m.domain.schedulers.kernelData(1, LL_TIMER);
      found.push("not reached");
    });
    inThread(m, function* () {
      m.domain.schedulers.register(1, DP, "user", "forged");
      found.push("not reached");
    });
    m.kernel.run(MS);
    expect(found.map((each) => (each as LlScheduler).core)).toEqual([0, 1]);
    expect(found).toEqual(schedulers);
    expect(m.faults.map(({ message }) => message)).toEqual([
      "scheduler_get_data called from user mode",
      "scheduler_init called from user mode",
    ]);
    expect(m.domain.schedulers.userData(1, DP)).toBeNull();
  });
});

describe.each(strategies)("LlDomain with $name", ({ name, make }) => {
  it("puts its schedulers on the list of the threads that use them, while the core is up", () => {
    const m = machine(make, 2);
    const { schedulers } = m.domain;
    const [there, elsewhere] =
      name === "kernel LL"
        ? [schedulers.kernelData(1, LL_TIMER), schedulers.userData(1, LL_TIMER)]
        : [schedulers.userData(1, LL_TIMER), schedulers.kernelData(1, LL_TIMER)];
    expect(there).toBe(m.domain.scheduler(1));
    expect(there).not.toBeNull();
    expect(elsewhere).toBeNull();
    const results: number[] = [];
    m.kernel.createThread({
      name: "power",
      priority: 2,
      *entry() {
        results.push(yield* m.domain.threadFree(1));
        results.push(yield* m.domain.threadFree(1));
      },
    });
    m.kernel.run(2 * MS);
    expect(results).toEqual([0, -22]);
    expect(m.domain.scheduler(1)).toBeNull();
    expect(m.domain.scheduler(0)).not.toBeNull();
  });

  it("is not taken down while its core has tasks", () => {
    const m = machine(make);
    const task = m.scheduler.createTask({
      name: "copy",
      core: 0,
      priority: 0,
      run: () => RunAgain.RESCHEDULE,
    });
    const results: number[] = [];
    m.kernel.createThread({
      name: "power",
      priority: 2,
      *entry() {
        results.push(yield* m.domain.threadFree(0));
        results.push(yield* m.scheduler.free(task));
        results.push(yield* m.domain.threadFree(0));
      },
    });
    m.kernel.run(2 * MS);
    expect(results).toEqual([-22, 0, 0]);
    const { ticks } = m.scheduler.stats;
    const { isrs } = m.kernel.counters;
    m.kernel.run(5 * MS);
    expect(m.scheduler.stats.ticks).toBe(ticks);
    // The timer has nobody to go on for.
    expect(m.kernel.counters.isrs).toBe(isrs);
  });
});
