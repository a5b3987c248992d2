import type { Blocking, KernelTrace } from "@sof-ts/kernel";
import type { BindInfo } from "@sof-ts/module-api";
import { describe, expect, it } from "vitest";
import type { DpTask } from "../src/index.js";
import { Machine, MS } from "./machine.js";
import { playing } from "./playing.js";
import { DpStream } from "./stream.js";

// Defects that firmware of this design has had or could have: none may come back.

describe("threads", () => {
  it("DP-02: are pinned once, before they start, also where a thread has exactly one core", () => {
    const machine = new Machine({ cores: 3, kernel: { pinOnly: true } });
    const stream = playing(machine, new DpStream(machine, { dpCore: 2, cycles: MS }), 50.5);
    expect(stream.dp.task.thread.cpuMask).toBe(4);
    expect(stream.dp.task.thread.cpu?.id).toBe(2);
    expect(stream.samples).toEqual(stream.expected(30 * 96));
  });

  it("DP-08: hold the grants of the core that they run on, not of the one that made them", () => {
    const machine = new Machine({ cores: 2 });
    const stream = new DpStream(machine, { core: 0, dpCore: 1, cycles: MS });
    expect(machine.do(() => stream.setUp(), 0)).toBe(0);
    machine.runTo(50.5);
    expect(stream.samples).toEqual(stream.expected(stream.samples.length));
    expect(stream.samples.length).toBeGreaterThan(28 * 96);
    expect(stream.dp.task.thread.dead).toBe(false);
  });

  it("DP-13: of modules in user mode touch their own objects and nothing of the scheduler's", () => {
    const calls = new Set<string>();
    const trace: KernelTrace = {
      syscall: (_time, _cpu, thread, name) => {
        if (thread.name === "aec") calls.add(name);
      },
    };
    const machine = new Machine({ trace });
    playing(machine, new DpStream(machine, { cycles: MS }), 50.5);
    expect([...calls].sort()).toEqual([
      "k_event_wait_safe",
      "k_sem_give",
      "k_sem_take",
      "scheduler_dp_run_begin",
      "scheduler_dp_run_end",
    ]);
  });

  it("a fault in a module ends its thread alone, and its pipeline and its waiters hear of it", () => {
    const machine = new Machine({ onFatal: () => "abort-thread" });
    const bad = playing(machine, new DpStream(machine, { cycles: 4 * MS, name: "bad" }), 0);
    const good = playing(machine, new DpStream(machine, { cycles: MS, name: "good" }), 12.5);
    bad.module.process = () => {
      throw new Error("wild pointer");
    };
    machine.runTo(19.5);
    machine.runTo(30.5);
    expect(bad.dp.task.state).toBe("dead");
    expect(bad.errors.slice(-2)).toEqual([-5, -5]);
    expect(machine.do(() => bad.dp.setConfigParam(1, 1))).toBe(-5);
    expect(machine.do(() => bad.stop())).toBe(0);
    expect(bad.module.resets).toBe(0);
    expect(machine.do(() => bad.start())).toBe(-5);
    const reference = { side: "sink", queueId: 1, stream: bad.sources[1], peer: null } as BindInfo;
    expect(machine.do(() => bad.dp.unbind(reference))).toBe(0);
    expect(bad.heap.blocks).toBe(2);
    machine.do(() => bad.free());
    expect(bad.module.freed).toBe(1);
    machine.runTo(80.5);
    expect(good.samples).toEqual(good.expected(60 * 96));
    expect(good.dp.stats.underruns).toBe(0);
  });

  it("a waiter does not wait longer than a tick for a thread that died inside a run", () => {
    const machine = new Machine({ onFatal: () => "abort-thread" });
    const stream = new DpStream(machine, { cycles: 50 * MS, ipcByDpThread: false });
    playing(machine, stream, 12.5);
    let back = 0;
    machine.ipc(function* () {
      expect(yield* stream.dp.setConfigParam(1, 1)).toBe(-5);
      back = machine.kernel.now;
    });
    machine.runTo(14.5);
    expect(back).toBe(0);
    machine.kernel.createThread({
      priority: 1,
      entry: function* () {
        yield* stream.dp.task.thread.abort();
      },
    });
    machine.runTo(20.5);
    expect(back / MS).toBe(15);
  });
});

describe("privilege", () => {
  const fatalOf = (machine: Machine, body: () => Generator<number, void, number>): string => {
    machine.ipc(body, { name: "user" });
    return machine.kernel.run(machine.kernel.now + 5 * MS).fatal?.message ?? "none";
  };

  it("PR-03: the user-mode LL thread reaches the scheduler through one system call a tick", () => {
    const calls: string[] = [];
    const trace: KernelTrace = {
      syscall: (_time, _cpu, thread, name) => {
        if (thread.name === "ll_thread0" && name.startsWith("scheduler_dp")) calls.push(name);
      },
    };
    const machine = new Machine({ trace });
    const stream = playing(machine, new DpStream(machine, { cycles: MS }), 50.5);
    expect(calls).toEqual(stream.tickTimes.map(() => "scheduler_dp_ll_tick"));
  });

  it("nobody but the LL thread of the core makes its time pass, and no core is made up", () => {
    for (const core of [0, 7, -1, 0.5]) {
      const machine = new Machine();
      machine.do(() => new DpStream(machine).create());
      const message = fatalOf(machine, function* () {
        machine.kernel.syscall("scheduler_dp_ll_tick", core);
      });
      expect(message).toBe("scheduler_dp_ll_tick by user failed verification");
    }
  });

  it("nobody but a task's own thread begins and ends its runs", () => {
    for (const call of ["scheduler_dp_run_begin", "scheduler_dp_run_end"]) {
      const machine = new Machine();
      const stream = playing(machine, new DpStream(machine), 0);
      const message = fatalOf(machine, function* () {
        machine.kernel.syscall(call, stream.dp.task, 0);
      });
      expect(message).toBe(`${call} by user failed verification`);
    }
  });

  it("a module's thread may not free, stop or make another module's task", () => {
    for (const attack of ["free", "cancel", "create"] as const) {
      const machine = new Machine();
      const victim = playing(machine, new DpStream(machine, { name: "victim" }), 0);
      const thief = new DpStream(machine, { name: "thief", ipcByDpThread: true });
      machine.do(() => thief.create());
      machine.ipc(function* () {
        yield* machine.dp.call(thief.dp.task, function* (): Blocking<number> {
          const { task } = victim.dp;
          if (attack === "free") return yield* machine.dp.free(task);
          if (attack === "cancel") return yield* machine.dp.cancel(task);
          yield* machine.dp.create({ ...task, stackBytes: 1024 });
          return 0;
        });
      });
      const { fatal } = machine.kernel.run(machine.kernel.now + 5 * MS);
      expect(fatal?.thread.name).toBe("thief");
      expect(fatal?.message).toMatch(/^scheduler_dp_task_\w+ by thief failed verification$/);
    }
  });

  it("PR-14: a forged task is looked up, not followed", () => {
    const machine = new Machine();
    const stream = playing(machine, new DpStream(machine), 5.5);
    const forged = Object.create(stream.dp.task) as DpTask;
    const results = machine.do(function* () {
      return [
        yield* machine.dp.free(forged),
        yield* machine.dp.cancel(forged),
        machine.dp.schedule(forged, 1000),
        yield* machine.dp.lock(forged),
      ];
    });
    expect(results).toEqual([-22, -22, -22, -22]);
    machine.runTo(50.5);
    expect(stream.samples).toEqual(stream.expected(30 * 96));
  });

  it("LL-11: a request that changes while it is looked at is read once", () => {
    const machine = new Machine({ cores: 2 });
    let reads = 0;
    const work = {
      ready: () => false,
      slackUs: () => 0,
      *run(): Generator<number, 0, number> {
        return 0;
      },
    };
    const request = {
      name: "t",
      work,
      stackBytes: 1024,
      memory: null,
      get core() {
        return reads++ === 0 ? 1 : 4096;
      },
    };
    const task = machine.do(() => machine.dp.create(request));
    expect(typeof task === "number" ? task : task.core).toBe(1);
    expect(machine.dp.tasks(1)).toHaveLength(1);
  });

  it("a module in user mode uses its own memory and no other", () => {
    const start = 0x2000_0000;
    const own = { start, size: 0x1000, attr: 0x1b };
    for (const [address, fault] of [
      [start + 0x10, "none"],
      [start + 0x1000, "write of 4 bytes at 0x20001000 by user thread aec"],
    ] as const) {
      const machine = new Machine();
      const memory = { domainId: 0, partitions: [own] };
      const stream = new DpStream(machine, { memory });
      machine.do(() => stream.setUp());
      const { process } = stream.module;
      stream.module.process = (sources, sinks) => {
        machine.kernel.checkAccess(address, 4, true);
        return process.call(stream.module, sources, sinks);
      };
      const { fatal } = machine.kernel.run(30.5 * MS);
      expect(fatal?.message ?? "none").toBe(fault);
    }
  });
});
