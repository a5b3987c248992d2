import { type Blocking, defaultCosts, type KernelTrace } from "@sof-ts/kernel";
import type { BindInfo } from "@sof-ts/module-api";
import { describe, expect, it } from "vitest";
import type { DpTask } from "../src/index.js";
import { Machine, MS, TestHeap } from "./machine.js";
import { DpStream } from "./stream.js";

/** Defects that firmware of this design has had or could have; none may come back. */

/** Keeps `core` busy for `ms` below IPC and above DP threads. */
function hog(machine: Machine, core: number, ms: number): void {
  machine.ipc(
    function* () {
      yield* machine.kernel.busy(ms * MS);
    },
    { core, priority: 5, name: "hog" },
  );
}

/** Ends an operation's log entry with the instant of its call, in ms. */
function timed(machine: Machine, stream: DpStream, name: "reset" | "setConfigParam"): number[] {
  const at: number[] = [];
  const { module } = stream;
  const original = module[name].bind(module) as (...args: number[]) => number;
  module[name] = (...args: number[]): number => {
    at.push(machine.kernel.now / MS);
    return original(...args);
  };
  return at;
}

const playing = (machine: Machine, stream: DpStream, ms: number): DpStream => {
  expect(machine.do(() => stream.setUp(), stream.options.dpCore)).toBe(0);
  machine.runTo(ms);
  return stream;
};

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

describe("stop and free", () => {
  it("DP-05: a module is reset after the run that was under way, not inside it", () => {
    const machine = new Machine();
    const stream = playing(machine, new DpStream(machine, { cycles: 4 * MS }), 12.5);
    const resets = timed(machine, stream, "reset");
    expect(machine.do(() => stream.stop())).toBe(0);
    expect(resets).toEqual([14]);
  });

  it("DP-06: a cancel inside a run is not overwritten at its end, so that a free comes back", () => {
    const machine = new Machine();
    const stream = playing(machine, new DpStream(machine, { cycles: 4 * MS }), 12.5);
    const { task } = stream.dp;
    const states: string[] = [];
    machine.ipc(function* () {
      yield* machine.dp.cancel(task);
      states.push(task.state);
    });
    machine.runTo(13.5);
    expect(task.state).toBe("cancel");
    machine.runTo(40);
    expect(states).toEqual(["init"]);
    expect(stream.module.runs).toBe(1);
    machine.do(() => stream.free(), 0, 5);
  });

  it("DP-06: nor is one that comes between the wake-up and the run", () => {
    const machine = new Machine({ costs: defaultCosts });
    const stream = playing(machine, new DpStream(machine, { cycles: 4 * MS }), 9.9);
    const { task } = stream.dp;
    expect(machine.kernel.runUntil(() => task.state === "ready", 11 * MS)).toBe(true);
    expect(machine.do(() => machine.dp.cancel(task))).toBe(0);
    expect(task.state).toBe("init");
    machine.runTo(30);
    expect(stream.module.runs).toBe(0);
    expect(task.objects.event.events).toBe(0);
  });

  it("DP-14: a module whose prepare failed can be reset and freed", () => {
    const machine = new Machine();
    const stream = new DpStream(machine);
    machine.do(() => stream.create());
    machine.do(() => stream.bind());
    const stranger = new DpStream(machine);
    expect(machine.do(() => stream.dp.prepare(stranger.sources, []))).toBe(-22);
    stream.module.results["prepare"] = -12;
    expect(machine.do(() => stream.start())).toBe(-12);
    expect(machine.do(() => stream.stop())).toBe(0);
    machine.do(() => stream.free());
    expect([stream.module.freed, stream.heap.blocks]).toEqual([1, 0]);
  });

  it("DP-20: statistics start anew after the run under way, which does not count into them", () => {
    const machine = new Machine();
    const stream = playing(machine, new DpStream(machine, { cycles: 4 * MS }), 32.5);
    expect(stream.dp.stats.runs).toBe(2);
    expect(machine.do(() => stream.stop())).toBe(0);
    expect(stream.dp.stats.runs).toBe(3);
    expect(machine.do(() => stream.start())).toBe(0);
    expect(stream.dp.stats).toMatchObject({ runs: 0, totalCycles: 0, underruns: 0 });
    expect(stream.dp.deadlines).toMatchObject({ runs: 0, misses: 0, maxResponseCycles: 0 });
  });

  it("LL-25: the tick of the core goes on while a module is freed or reset in the middle of a run", () => {
    for (const operation of ["stop", "free"] as const) {
      const machine = new Machine();
      const other = playing(machine, new DpStream(machine, { blockMs: 2, name: "other" }), 0);
      const stream = playing(machine, new DpStream(machine, { cycles: 9 * MS }), 11.5);
      machine.do<unknown>(() => stream[operation]());
      machine.runTo(60.5);
      expect(other.tickTimes).toEqual(other.tickTimes.map((_, i) => (i + 1) * MS));
      expect(other.samples).toEqual(other.expected(other.samples.length));
      expect(other.dp.stats.underruns).toBe(0);
    }
  });

  it("DP-17: a caller that waits does not lift the module's thread above the tick", () => {
    const machine = new Machine();
    const stream = playing(machine, new DpStream(machine, { cycles: 9 * MS }), 11.5);
    const priorities: number[] = [];
    machine.ipc(function* () {
      yield* stream.dp.setConfigParam(1, 0);
    });
    for (let ms = 12.5; ms < 19; ms++) {
      machine.runTo(ms);
      priorities.push(stream.dp.task.thread.priority);
    }
    expect(priorities).toEqual(priorities.map(() => 12));
    expect(stream.tickTimes).toEqual(stream.tickTimes.map((_, i) => (i + 1) * MS));
  });
});

describe("operations", () => {
  it("DP-19: a module is not reconfigured inside a run", () => {
    for (const ipcByDpThread of [false, true]) {
      const machine = new Machine();
      const stream = new DpStream(machine, { cycles: 4 * MS, ipcByDpThread });
      playing(machine, stream, 12.5);
      const at = timed(machine, stream, "setConfigParam");
      expect(machine.do(() => stream.dp.setConfigParam(1, 5))).toBe(0);
      expect(at).toEqual([14]);
    }
  });

  it("DP-03, DP-09: a request that was given up is not carried out later, nor answers the next", () => {
    const machine = new Machine();
    const stream = new DpStream(machine, { ipcByDpThread: true });
    machine.do(() => stream.create());
    const start = machine.kernel.now / MS;
    hog(machine, 0, 150);
    expect(machine.do(() => stream.dp.setConfigParam(1, 77))).toBe(-116);
    expect(machine.kernel.now / MS - start).toBeLessThan(101);
    machine.runTo(start + 151);
    expect(stream.module.log).toEqual([]);
    expect(machine.do(() => stream.dp.setConfigParam(1, 5))).toBe(0);
    expect(machine.do(() => stream.dp.getConfigParam(1))).toBe(5);
    expect(stream.module.log).toEqual(["param 1=5", "get param 1"]);
  });

  it("DP-03, DP-09: one that was begun ends on its own copies, and its answer belongs to nobody", () => {
    const machine = new Machine();
    const stream = new DpStream(machine, { ipcByDpThread: true });
    machine.do(() => stream.create());
    const { task } = stream.dp;
    const { kernel, dp } = machine;
    const slow = function* (): Blocking<number> {
      yield* kernel.busy(130 * MS);
      return 1;
    };
    const answer = (value: number) =>
      function* (): Blocking<number> {
        return value;
      };
    const results = machine.do(function* () {
      const seen: number[] = [];
      seen.push(yield* dp.call(task, slow));
      // Asked while the slow one goes on: waits for it and gets its own answer.
      seen.push(yield* dp.call(task, answer(2)));
      seen.push(yield* dp.call(task, answer(3)));
      return seen;
    });
    expect(results).toEqual([-116, 2, 3]);
    expect(task.objects.answer.count).toBe(0);
    // The mailbox is somebody else's by the time that the module looks at what it was sent.
    hog(machine, 0, 50);
    const mailbox = Uint8Array.of(1, 2, 3, 4);
    machine.ipc(function* () {
      yield* stream.dp.setConfiguration(9, "single", 4, mailbox);
    });
    machine.runTo(machine.kernel.now / MS + 10);
    mailbox.fill(99);
    machine.runTo(machine.kernel.now / MS + 60);
    expect(stream.module.log).toEqual(["set 9 single 1,2,3,4"]);
  });

  it("DP-09: modules of one core answer their own callers, and callers of one module theirs", () => {
    const machine = new Machine({ cores: 2, costs: defaultCosts });
    const streams = ["a", "b"].map((name) => new DpStream(machine, { name, dpCore: 1 }));
    for (const stream of streams) machine.do(() => stream.create(), 1);
    const results: Record<string, number[]> = {};
    for (const [index, stream] of streams.entries()) {
      for (const core of [0, 1]) {
        const list: number[] = [];
        results[`${index}${core}`] = list;
        machine.ipc(
          function* () {
            for (let i = 0; i < 20; i++) {
              const value = 1000 * index + 100 * core + i;
              const { task } = stream.dp;
              list.push(
                yield* machine.dp.call(task, function* () {
                  yield* machine.kernel.busy(5000);
                  return value;
                }),
              );
            }
          },
          { core },
        );
      }
    }
    machine.runTo(machine.kernel.now / MS + 20);
    for (const [key, list] of Object.entries(results)) {
      const base = 1000 * Number(key[0]) + 100 * Number(key[1]);
      expect(list).toEqual(Array.from({ length: 20 }, (_, i) => base + i));
    }
  });

  it("DP-16: a request, a wake-up and a cancel at once: none replaces another", () => {
    const machine = new Machine();
    const stream = new DpStream(machine, { cycles: MS, ipcByDpThread: true });
    playing(machine, stream, 9.5);
    // The thread gets the CPU only after all three have come. It waits with the request in its hands.
    hog(machine, 0, 3);
    const results: (string | number)[] = [];
    machine.ipc(function* () {
      results.push(yield* stream.dp.setConfigParam(1, 0));
    });
    machine.runTo(11.5);
    expect(stream.dp.task.objects.event.events).toBe(1);
    machine.ipc(
      function* () {
        yield* machine.dp.free(stream.dp.task);
        results.push("freed");
      },
      { core: 0 },
    );
    machine.do(() => stream.drop());
    machine.runTo(150);
    // Answered first, then ended; the run that was cancelled was not made.
    expect(results).toEqual([0, "freed"]);
    expect(stream.module.log.at(-1)).toBe("param 1=0");
    expect(stream.module.runs).toBe(0);
  });
});

describe("memory", () => {
  it("DP-11, GR-02: a shortage at any allocation refuses the instance and leaves nothing", () => {
    const full = (() => {
      const machine = new Machine();
      const stream = new DpStream(machine);
      const before = machine.pool.chunks.stats().allocatedBytes;
      machine.do(() => stream.create());
      return machine.pool.chunks.stats().allocatedBytes - before;
    })();
    let refused = 0;
    for (let poolBytes = 64; poolBytes < full; poolBytes += 48) {
      const machine = new Machine({ poolBytes });
      const stream = new DpStream(machine);
      const before = machine.resources;
      expect(machine.do(() => stream.create())).toBe(-12);
      expect(machine.resources).toEqual(before);
      refused++;
    }
    expect(refused).toBeGreaterThan(20);
    for (let budget = 0; budget < 3; budget++) {
      const machine = new Machine();
      const stream = new DpStream(machine);
      machine.do(() => stream.create());
      stream.heap.budget = budget;
      expect(machine.do(() => stream.bind())).toBe(-12);
      machine.do(function* () {
        yield* machine.locking.lock(0);
        yield* machine.locking.unlock(0);
        expect(() => machine.locking.assertLocked(0)).toThrow(/without its LL lock/);
      });
      machine.do(() => stream.free());
      expect(stream.heap.blocks).toBe(0);
    }
  });

  it("DP-11: a kernel without thread ids left refuses the instance instead of stopping", () => {
    const machine = new Machine({ kernel: { maxThreadBytes: 1 } });
    const made: number[] = [];
    for (let i = 0; i < 8; i++) {
      const stream = new DpStream(machine, { name: `m${i}` });
      made.push(machine.do(() => stream.create()));
      // The thread that asked has ended and its number is free for the next.
    }
    expect(made.filter((rc) => rc === 0).length).toBe(6);
    expect(made.slice(6)).toEqual([-12, -12]);
  });

  it("a task's kernel objects outlive the thread that asked for it, and a fault of its own", () => {
    const machine = new Machine({ onFatal: () => "abort-thread" });
    const before = machine.pool.chunks.stats().allocatedBytes;
    const stream = new DpStream(machine, { cycles: MS });
    // Each operation has a thread that ends with it.
    machine.do(() => stream.setUp());
    const { objects } = stream.dp.task;
    stream.module.process = () => {
      throw new Error("wild pointer");
    };
    machine.runTo(15.5);
    expect(stream.dp.task.state).toBe("dead");
    for (const object of Object.values(objects)) expect(object.freed).toBe(false);
    machine.do(() => stream.free());
    for (const object of Object.values(objects)) expect(object.freed).toBe(true);
    expect(machine.pool.chunks.stats().allocatedBytes).toBe(before);
  });

  it("PR-09: a hundred instances one after the other leave nothing in use", () => {
    const machine = new Machine({ kernel: { maxDomainPartitions: 4 } });
    const partition = { start: 0x2000_0000, size: 0x1000, attr: 0x1b };
    let before = machine.resources;
    for (let i = 0; i < 100; i++) {
      const stream = new DpStream(machine, { memory: { domainId: 3, partitions: [partition] } });
      expect(machine.do(() => stream.setUp())).toBe(0);
      machine.do(() => stream.free());
      for (const ring of [...stream.sources, stream.sink]) machine.heap.free(ring.start);
      if (i === 0) before = machine.resources;
    }
    expect(machine.resources).toEqual(before);
  });

  it("PR-12: a module's rings lie in its own memory, and go back where they came from", () => {
    const machine = new Machine();
    const stream = new DpStream(machine);
    const llBlocks = machine.heap.blocks;
    machine.do(() => stream.setUp());
    expect([machine.heap.blocks, stream.heap.blocks]).toEqual([llBlocks, 3]);
    expect(stream.heap).toBeInstanceOf(TestHeap);
    machine.do(() => stream.free());
    expect([machine.heap.blocks, stream.heap.blocks]).toEqual([llBlocks, 0]);
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
