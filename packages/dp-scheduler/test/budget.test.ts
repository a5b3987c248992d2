import { defaultCosts, type KernelTrace } from "@sof-ts/kernel";
import { RunAgain } from "@sof-ts/ll-scheduler";
import { describe, expect, it } from "vitest";
import type { BudgetTask, BudgetTaskConfig } from "../src/index.js";
import { Machine, type MachineOptions, MS } from "./machine.js";
import { DpStream } from "./stream.js";

/** Cycles of a kernel tick: slices end at multiples of it. */
const TICK = 400e6 / 15_000;

interface Recording {
  readonly trace: KernelTrace;
  /** `name from-to` of each stretch of a CPU with one thread, in kernel ticks since boot. */
  readonly stretches: string[];
  /** `name from>to` of each change of priority, with the kernel tick. */
  readonly priorities: string[];
}

function record(): Recording {
  const stretches: string[] = [];
  const priorities: string[] = [];
  let since = 0;
  const ticks = (time: number): string => String(Math.round((time / TICK) * 100) / 100);
  return {
    stretches,
    priorities,
    trace: {
      threadSwitch: (time, _cpu, from) => {
        if (time > since && !from.name.startsWith("idle")) {
          stretches.push(`${from.name} ${ticks(since)}-${ticks(time)}`);
        }
        since = time;
      },
      priority: (time, _cpu, thread, from, to) => {
        priorities.push(`${thread.name} ${from}>${to} at ${ticks(time)}`);
      },
    },
  };
}

function budgetTask(
  machine: Machine,
  config: Partial<BudgetTaskConfig> & {
    readonly budgetCycles: number;
    run(): Generator<number, RunAgain, number>;
  },
): BudgetTask {
  const { run, ...rest } = config;
  return machine.do(function* () {
    const task = yield* machine.budget.create({
      name: "twb",
      core: 0,
      work: { run },
      stackBytes: 1024,
      memory: null,
      ...rest,
    });
    if (typeof task === "number") throw new Error(`create: ${task}`);
    expect(machine.budget.schedule(task)).toBe(0);
    return task;
  });
}

/** A run that computes for `cycles`. */
const compute = (machine: Machine, cycles: number) =>
  function* (): Generator<number, RunAgain, number> {
    yield* machine.kernel.busy(cycles);
    return RunAgain.RESCHEDULE;
  };

/** A thread that always wants the CPU. */
function background(machine: Machine, priority: number, name: string): void {
  machine.kernel.createThread({
    name,
    priority,
    entry: function* () {
      for (;;) yield* machine.kernel.busy(100 * MS);
    },
  });
}

const machineWith = (options: MachineOptions = {}) => {
  const recording = record();
  const machine = new Machine({ trace: recording.trace, ...options });
  return { machine, ...recording };
};

describe("a thread with a budget", () => {
  it("runs once a tick, above everything preemptible, while its budget lasts", () => {
    const { machine, stretches, priorities } = machineWith();
    background(machine, 2, "other");
    const task = budgetTask(machine, {
      budgetCycles: 5 * TICK,
      run: compute(machine, 4 * TICK),
    });
    machine.kernel.run(3.9 * MS);
    // The LL tick of 1 ms is kernel tick 15: the run follows it at once.
    expect(stretches.slice(0, 6)).toEqual([
      "other 0-15",
      "twb 15-19",
      "other 19-30",
      "twb 30-34",
      "other 34-45",
      "twb 45-49",
    ]);
    expect(priorities).toEqual([]);
    expect(task).toMatchObject({ runs: 3, exhaustions: 0 });
  });

  it("falls below the others when the budget is used up, and is back at the next tick", () => {
    const { machine, stretches, priorities } = machineWith();
    background(machine, 2, "other");
    const task = budgetTask(machine, {
      budgetCycles: 5 * TICK,
      run: compute(machine, 12 * TICK),
    });
    machine.kernel.run(3.9 * MS);
    expect(stretches.slice(0, 6)).toEqual([
      "other 0-15",
      "twb 15-20",
      "other 20-30",
      "twb 30-35",
      "other 35-45",
      // The rest of its first run.
      "twb 45-47",
    ]);
    expect(priorities.slice(0, 4)).toEqual([
      "twb 1>12 at 20",
      "twb 12>1 at 30",
      "twb 1>12 at 35",
      "twb 12>1 at 45",
    ]);
    expect(task.exhaustions).toBe(2);
  });

  it("goes on at low priority when nothing else wants the CPU", () => {
    const { machine, stretches } = machineWith();
    const task = budgetTask(machine, {
      budgetCycles: 5 * TICK,
      run: compute(machine, 12 * TICK),
    });
    machine.kernel.run(2.9 * MS);
    expect(stretches).toEqual(["twb 15-27", "twb 30-42"]);
    expect(task).toMatchObject({ runs: 2, exhaustions: 2 });
  });

  it.each([32, 64] as const)("goes behind a DP thread once exhausted, %i-bit deadlines", (bits) => {
    const { machine, stretches } = machineWith({ kernel: { deadlineBits: bits } });
    const stream = new DpStream(machine, { blockMs: 2, inputs: 1, cycles: 8 * TICK, name: "dp" });
    machine.do(() => stream.setUp());
    budgetTask(machine, { budgetCycles: 3 * TICK, run: compute(machine, 6 * TICK) });
    machine.kernel.run(4.9 * MS);
    expect(stretches).toEqual(
      [
        "twb 15-21",
        // The first block is there; the module has until 60.
        "twb 30-33",
        "dp 33-41",
        "twb 41-44",
        "twb 45-51",
        "twb 60-63",
        "dp 63-71",
        "twb 71-73.5",
      ].slice(0, 7),
    );
    expect(stream.dp.deadlines.misses).toBe(0);
  });

  it("gets its whole budget when its slice ends inside a kernel tick, and at most a tick more", () => {
    for (const budget of [4.25, 4.5, 5]) {
      const { machine, stretches } = machineWith();
      background(machine, 2, "other");
      budgetTask(machine, { budgetCycles: budget * TICK, run: compute(machine, 12 * TICK) });
      machine.kernel.run(1.9 * MS);
      expect(stretches[1]).toBe("twb 15-20");
    }
  });

  it("keeps to its budget over what interrupts it, by the quantum at most", () => {
    const used = (quantumTicks?: number): string[] => {
      const { machine, stretches } = machineWith(
        quantumTicks === undefined ? {} : { quantumTicks },
      );
      background(machine, 2, "other");
      budgetTask(machine, { budgetCycles: 6 * TICK, run: compute(machine, 30 * TICK) });
      // A better thread takes two ticks, four ticks after the run has begun.
      machine.kernel.createThread({
        name: "better",
        priority: 0,
        delay: 1e9 * (18 / 15_000),
        *entry() {
          yield* machine.kernel.busy(2 * TICK);
        },
      });
      machine.kernel.run(1.95 * MS);
      return stretches.slice(1, 4);
    };
    // The slice starts anew when the thread has the CPU back: seen only after another whole budget.
    expect(used()).toEqual(["twb 15-19", "better 19-21", "twb 21-27"]);
    expect(used(1)).toEqual(["twb 15-19", "better 19-21", "twb 21-23"]);
  });

  it("shares the medium priority with another by turns of a slice", () => {
    const { machine, stretches } = machineWith({ quantumTicks: 2 });
    for (const name of ["a", "b"]) {
      budgetTask(machine, { name, budgetCycles: 6 * TICK, run: compute(machine, 20 * TICK) });
    }
    machine.kernel.run(1.9 * MS);
    expect(stretches).toEqual(["a 15-17", "b 17-19", "a 19-21", "b 21-23", "a 23-25", "b 25-27"]);
  });

  it("is as good as any other of its priority again after the tick, exhausted or not before", () => {
    const { machine, stretches } = machineWith({ quantumTicks: 2 });
    budgetTask(machine, { name: "a", budgetCycles: 4 * TICK, run: compute(machine, 40 * TICK) });
    budgetTask(machine, { name: "b", budgetCycles: 8 * TICK, run: compute(machine, 6 * TICK) });
    machine.kernel.run(2.9 * MS);
    const second = stretches.slice(stretches.findIndex((stretch) => / 30-/.test(stretch)));
    expect(second.slice(0, 4)).toEqual(["a 30-32", "b 32-34", "a 34-36", "b 36-40"]);
  });

  it("costs a user-mode LL thread one system call a tick", () => {
    const calls: string[] = [];
    const machine = new Machine({
      costs: defaultCosts,
      trace: {
        syscall: (_time, _cpu, thread, name) => {
          if (thread.name === "ll_thread0" && name.startsWith("scheduler_twb")) calls.push(name);
        },
      },
    });
    const task = budgetTask(machine, { budgetCycles: MS / 2, run: compute(machine, MS) });
    machine.runTo(10.5);
    expect(calls).toEqual(Array.from({ length: 10 }, () => "scheduler_twb_ll_tick"));
    expect(task.exhaustions).toBeGreaterThan(3);
    expect(machine.scheduler(0).stats.overruns).toBe(0);
  });
});

describe("the life of a task with a budget", () => {
  it("ends with the run that asks for no other, and can be scheduled again", () => {
    const machine = new Machine();
    let runs = 0;
    const task = budgetTask(machine, {
      budgetCycles: MS,
      *run() {
        yield* machine.kernel.busy(1000);
        return ++runs % 3 === 0 ? RunAgain.COMPLETED : RunAgain.RESCHEDULE;
      },
    });
    machine.runTo(10.5);
    expect({ runs, state: task.state }).toEqual({ runs: 3, state: "completed" });
    expect(
      machine.do(function* () {
        return machine.budget.schedule(task);
      }),
    ).toBe(0);
    machine.runTo(20.5);
    expect({ runs, state: task.state }).toEqual({ runs: 6, state: "completed" });
  });

  it("is over after a free in every state, exhausted or not, with nothing left", () => {
    for (const ms of [0.5, 1.1, 1.6, 1.9, 2.2]) {
      const machine = new Machine({ cores: 2 });
      background(machine, 5, "other");
      machine.runTo(0.1);
      const before = machine.resources;
      const task = budgetTask(machine, {
        budgetCycles: 0.4 * MS,
        run: compute(machine, 0.7 * MS),
      });
      machine.runTo(ms);
      expect(machine.do(() => machine.budget.free(task), 1)).toBe(0);
      machine.runTo(ms + 5);
      expect(machine.resources).toEqual(before);
      expect(task.state).toBe("free");
    }
  });

  it("a cancel waits for the run, which gets its budget each tick until it ends", () => {
    const machine = new Machine({ quantumTicks: 1 });
    background(machine, 5, "other");
    const task = budgetTask(machine, { budgetCycles: 8 * TICK, run: compute(machine, 30 * TICK) });
    machine.runTo(1.2);
    expect(machine.do(() => machine.budget.cancel(task))).toBe(0);
    // Eight kernel ticks of each millisecond from 1 ms on: six are left for the fourth.
    expect(machine.kernel.now / TICK).toBeCloseTo(60 + 6, 1);
    expect(task.state).toBe("init");
  });

  it("refuses a task without a budget", () => {
    const machine = new Machine();
    const rc = machine.do(() =>
      machine.budget.create({
        name: "none",
        core: 0,
        work: { run: compute(machine, 1) },
        stackBytes: 1024,
        memory: null,
        budgetCycles: 0,
      }),
    );
    expect(rc).toBe(-22);
  });
});
