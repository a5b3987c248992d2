import { type Blocking, defaultCosts, K_MSEC } from "@sof-ts/kernel";
import { describe, expect, it } from "vitest";
import { lockings, type Locking, Machine, MS } from "./machine.js";
import { DpStream } from "./stream.js";

/** Who carries a module's operations out, under which locking. */
const variants = lockings.flatMap((locking) =>
  [false, true].map((ipcByDpThread) => ({
    locking,
    ipcByDpThread,
    by: ipcByDpThread ? "its own thread" : "the caller",
  })),
);

const resourcesOf = (machine: Machine) => ({ ...machine.resources });

/** Instants in the life of a 10 ms module with runs of 4 ms, and what its task is doing there. */
const instants: readonly (readonly [string, number, string])[] = [
  ["while it waits for its first block", 5.5, "queued"],
  ["in the middle of its first run", 12.5, "running"],
  ["between its first two runs", 16.5, "queued"],
  ["in a run with output flowing", 33.5, "running"],
  ["with a run told to start and not begun", 19.9, "ready"],
];

/** Runs to `ms`, and on to the next point at which the task is in `state`. */
function runInto(machine: Machine, stream: DpStream, ms: number, state: string): void {
  machine.runTo(ms);
  expect(machine.kernel.runUntil(() => stream.dp.task.state === state, (ms + 1) * MS)).toBe(true);
}

describe.each(variants)("a DP module under $locking, operated by $by", (variant) => {
  const { locking, ipcByDpThread } = variant;
  const start = (cores = 1, dpCore = 0): { machine: Machine; stream: DpStream } => {
    const machine = new Machine({ locking, cores, costs: defaultCosts });
    const stream = new DpStream(machine, { dpCore, cycles: 4 * MS, ipcByDpThread });
    expect(machine.do(() => stream.setUp(), dpCore)).toBe(0);
    return { machine, stream };
  };

  it.each(instants)("stops %s and plays again from the start", (_name, ms, state) => {
    const { machine, stream } = start();
    runInto(machine, stream, ms, state);
    expect(machine.do(() => stream.stop())).toBe(0);
    const { runs } = stream.module;
    expect(stream.dp.task.state).toBe("init");
    machine.runTo(ms + 20);
    expect(stream.module.runs).toBe(runs);
    expect(machine.do(() => stream.start())).toBe(0);
    machine.runTo(ms + 70);
    expect(stream.firstOutputTick).toBe(21);
    expect(stream.samples).toEqual(stream.expected(stream.samples.length));
    expect(stream.dp.stats.underruns).toBe(0);
    expect(stream.errors).toEqual([]);
  });

  it.each(instants)("is freed %s, from its own core and from another", (_name, ms, state) => {
    for (const from of [0, 1]) {
      const machine = new Machine({ locking, cores: 2, costs: defaultCosts });
      machine.runTo(0.5);
      const before = resourcesOf(machine);
      const stream = new DpStream(machine, { cycles: 4 * MS, ipcByDpThread });
      machine.runTo(0.9);
      expect(machine.do(() => stream.setUp())).toBe(0);
      runInto(machine, stream, ms, state);
      machine.do(() => stream.free(), from);
      const { runs, freed } = stream.module;
      machine.runTo(ms + 40);
      expect({ runs: stream.module.runs, freed }).toEqual({ runs, freed: 1 });
      expect(stream.module.log.at(-1)).toBe("free");
      expect(stream.heap.blocks).toBe(0);
      expect(stream.memoryFreed).toBe(true);
      expect([0, 1].flatMap((core) => machine.dp.tasks(core))).toEqual([]);
      for (const ring of [...stream.sources, stream.sink]) machine.heap.free(ring.start);
      expect(resourcesOf(machine)).toEqual(before);
    }
  });

  it("is freed without ever having been bound, prepared or started", () => {
    for (const steps of [1, 2, 3]) {
      const machine = new Machine({ locking, costs: defaultCosts });
      const stream = new DpStream(machine, { ipcByDpThread });
      const before = resourcesOf(machine);
      machine.do(function* () {
        yield* stream.create();
        if (steps > 1) yield* stream.bind();
        if (steps > 2) yield* stream.dp.prepare(stream.sources, [stream.sink]);
        yield* stream.free();
        // A second free is nothing.
        yield* stream.dp.free();
      });
      machine.runTo(150);
      expect(resourcesOf(machine)).toEqual(before);
      expect(stream.heap.blocks).toBe(0);
      expect(stream.module.freed).toBe(1);
    }
  });

  it("answers operations while it plays, without harm to the stream", () => {
    const { machine, stream } = start(2, 1);
    machine.runTo(33);
    const results: number[] = [];
    const read = new Uint8Array(4);
    const { locking: strategy } = machine;
    machine.do(function* () {
      const operations: (() => Blocking<number>)[] = [
        () => stream.dp.setConfiguration(7, "single", 4, Uint8Array.of(1, 2, 3, 4)),
        () => stream.dp.getConfiguration(7, read),
        () => stream.dp.getConfigParam(2),
        () => stream.dp.setConfigParam(2, 0),
        () => stream.dp.trigger("pause"),
      ];
      for (const operation of operations) {
        yield* strategy.lock(1);
        results.push(yield* operation());
        strategy.assertLocked(1);
        yield* strategy.unlock(1);
      }
    }, 1);
    expect(results).toEqual([0, 4, 0, 0, 0]);
    expect([...read]).toEqual([1, 2, 3, 4]);
    expect(stream.module.log.slice(-5)).toEqual([
      "set 7 single 1,2,3,4",
      "get 7",
      "get param 2",
      "param 2=0",
      "trigger pause",
    ]);
    machine.runTo(80);
    expect(stream.samples).toEqual(stream.expected(stream.samples.length));
    expect(stream.dp.stats.underruns).toBe(0);
  });

  it("has its module freed by whoever operates it", () => {
    const { machine, stream } = start();
    const by: string[] = [];
    const { free } = stream.module;
    stream.module.free = () => {
      by.push(machine.kernel.current.name);
      free.call(stream.module);
    };
    machine.runTo(15);
    machine.do(() => stream.free());
    expect(by).toEqual([ipcByDpThread ? "aec" : "ipc0"]);
  });

  it("passes a module's refusals on and leaves nothing behind", () => {
    const machine = new Machine({ locking });
    const stream = new DpStream(machine, { ipcByDpThread });
    machine.do(() => stream.create());
    stream.module.results["bind"] = -22;
    expect(machine.do(() => stream.bind())).toBe(-22);
    expect(stream.heap.blocks).toBe(0);
    delete stream.module.results["bind"];
    expect(machine.do(() => stream.bind())).toBe(0);
    expect(stream.heap.blocks).toBe(3);
    stream.module.results["prepare"] = -5;
    expect(machine.do(() => stream.start())).toBe(-5);
    expect(stream.dp.task.state).toBe("init");
    delete stream.module.results["prepare"];
    stream.module.results["reset"] = -7;
    expect(machine.do(() => stream.stop())).toBe(-7);
    delete stream.module.results["reset"];
    expect(machine.do(() => stream.start())).toBe(0);
    machine.runTo(machine.kernel.now / MS + 40);
    expect(stream.samples).toEqual(stream.expected(stream.samples.length));
    expect(stream.firstOutputTick).toBe(21);
  });

  it("loses a connection in the middle of a run and goes on with the others", () => {
    const { machine, stream } = start();
    machine.runTo(42.5);
    const reference = stream.sources[1];
    if (reference === undefined) throw new Error("two inputs");
    const rc = machine.do(function* () {
      yield* machine.locking.lock(0);
      const result = yield* stream.dp.unbind({
        side: "sink",
        queueId: 1,
        stream: reference,
        peer: null,
      });
      stream.sources.length = 1;
      machine.heap.free(reference.start);
      yield* machine.locking.unlock(0);
      return result;
    });
    expect(rc).toBe(0);
    expect(stream.heap.blocks).toBe(2);
    machine.runTo(90);
    // Four blocks with both inputs (the run under way had begun), then the first input alone.
    const output = stream.samples;
    expect(output.length).toBe((stream.ticks - 20) * 96);
    for (const [i, value] of output.entries()) {
      expect(value).toBe(i < 4 * 960 ? (i + 1) * 3 - (i + 1) * 6 : (i + 1) * 3);
    }
    const unknown = { side: "sink", queueId: 1, stream: reference, peer: null } as const;
    expect(machine.do(() => stream.dp.unbind(unknown))).toBe(-22);
  });
});

describe("the scheduler of DP tasks", () => {
  const work = {
    ready: () => false,
    slackUs: () => 0,
    *run(): Generator<number, 0, number> {
      return 0;
    },
  };
  const task = (core = 0) => ({ name: "t", core, work, stackBytes: 1024, memory: null });

  it("says what a task's state does not allow", () => {
    const machine = new Machine();
    const results: number[] = [];
    machine.do(function* () {
      const made = yield* machine.dp.create(task());
      if (typeof made === "number") throw new Error(`create: ${made}`);
      results.push(machine.dp.schedule(made, 1000));
      results.push(machine.dp.schedule(made, 1000));
      results.push(yield* machine.dp.cancel(made));
      results.push(yield* machine.dp.cancel(made));
      results.push(yield* machine.dp.free(made));
      results.push(yield* machine.dp.free(made));
      results.push(machine.dp.schedule(made, 1000));
      results.push(yield* machine.dp.cancel(made));
      results.push(yield* machine.dp.lock(made));
      results.push(
        yield* machine.dp.call(made, function* () {
          return 1;
        }),
      );
    });
    expect(results).toEqual([0, -120, 0, 0, 0, -22, -22, -22, -22, -22]);
  });

  it("refuses cores without an LL domain and more tasks than there may be", () => {
    const machine = new Machine({ maxTasks: 2 });
    const results = machine.do(function* () {
      const made: (number | string)[] = [];
      for (const core of [0, 1, -1, 0.5, 0, 0]) {
        const one = yield* machine.dp.create(task(core));
        made.push(typeof one === "number" ? one : one.state);
      }
      return made;
    });
    expect(results).toEqual(["init", -22, -22, -22, "init", -12]);
  });

  it("keeps its task on a core's tick only while the core has tasks, so that the core can go down", () => {
    const machine = new Machine({ cores: 2 });
    const { domain } = machine;
    machine.do(function* () {
      const [a, b] = [yield* machine.dp.create(task(1)), yield* machine.dp.create(task(1))];
      if (typeof a === "number" || typeof b === "number") throw new Error("create");
      expect(machine.scheduler(1).taskCount).toBe(1);
      expect(machine.scheduler(0).taskCount).toBe(0);
      yield* machine.dp.free(a);
      expect(machine.scheduler(1).taskCount).toBe(1);
      yield* machine.dp.free(b);
      expect(machine.scheduler(1).taskCount).toBe(0);
    });
    const rc: number[] = [];
    machine.kernel.createThread({
      priority: 1,
      entry: function* () {
        rc.push(yield* domain.threadFree(1));
      },
    });
    machine.runTo(machine.kernel.now / MS + 2);
    expect(rc).toEqual([0]);
  });

  it("answers both of two threads that free one task", () => {
    const machine = new Machine({ cores: 2 });
    const stream = new DpStream(machine, { cycles: 5 * MS });
    machine.do(() => stream.setUp());
    machine.runTo(12.5);
    const { task: made } = stream.dp;
    const results: number[] = [];
    for (const core of [0, 1]) {
      machine.ipc(
        function* () {
          results.push(yield* machine.dp.free(made));
        },
        { core },
      );
    }
    machine.runTo(20);
    expect(results.sort()).toEqual([-22, 0].sort());
    expect(made.state).toBe("free");
  });
});

describe("waits for a module's thread", () => {
  const stuck = (locking: Locking, ipcByDpThread = false) => {
    const machine = new Machine({ locking, waitMs: 20 });
    const stream = new DpStream(machine, { cycles: 70 * MS, ipcByDpThread });
    machine.do(() => stream.setUp());
    machine.runTo(10.5);
    // Only the run under way is that long.
    stream.module.cost.cycles = 1000;
    return { machine, stream };
  };

  it.each(lockings)("end after the time-out, and nothing is reset then, %s", (locking) => {
    const { machine, stream } = stuck(locking);
    const start = machine.kernel.now;
    expect(machine.do(() => stream.stop())).toBe(-116);
    expect((machine.kernel.now - start) / MS).toBeLessThan(21);
    expect(stream.module.resets).toBe(0);
    expect(machine.do(() => stream.start())).toBe(-116);
    expect(machine.do(() => stream.dp.setConfigParam(1, 1))).toBe(-116);
    // The run ends at 80 ms; then all works.
    machine.runTo(81);
    expect(stream.dp.task.state).toBe("init");
    expect(machine.do(() => stream.stop())).toBe(0);
    expect(stream.module.resets).toBe(1);
  });

  it("end with the thread's abort when the module is freed: memory goes after it", () => {
    for (const ipcByDpThread of [false, true]) {
      const { machine, stream } = stuck("user-ll", ipcByDpThread);
      const before = machine.kernel.threads.size;
      machine.do(() => stream.free());
      expect(stream.module.freed).toBe(1);
      expect(machine.kernel.threads.size).toBe(before - 1);
      expect(stream.heap.blocks).toBe(0);
      machine.runTo(120);
    }
  });

  it("keep the ring of a connection that goes away in a run until the run is over", () => {
    const { machine, stream } = stuck("user-ll");
    const rc = machine.do(function* () {
      yield* machine.locking.lock(0);
      const info = { side: "source", queueId: 0, stream: stream.sink, peer: null } as const;
      const result = yield* stream.dp.unbind(info);
      yield* machine.locking.unlock(0);
      return result;
    });
    // The module was not told, but the tick has forgotten the LL stream.
    expect(rc).toBe(-116);
    expect(stream.heap.blocks).toBe(3);
    const { available } = stream.sink;
    machine.runTo(85);
    expect(stream.sink.available).toBe(available);
    expect(machine.do(() => stream.stop())).toBe(0);
    expect(stream.heap.blocks).toBe(2);
  });

  it("leave the LL stream of an input that goes away in a run alone", () => {
    const { machine, stream } = stuck("user-ll");
    const [first] = stream.sources;
    if (first === undefined) throw new Error("two inputs");
    machine.do(function* () {
      yield* machine.locking.lock(0);
      yield* stream.dp.unbind({ side: "sink", queueId: 0, stream: first, peer: null });
      yield* machine.locking.unlock(0);
    });
    first.reset();
    const { readPtr } = first;
    // The run ends at 80 ms, and there is room in the ring again.
    machine.runTo(90);
    // The pipeline of this test goes on feeding it; the module no longer takes anything.
    expect(first.readPtr).toBe(readPtr);
    expect(first.available).toBe(first.size);
  });

  it("do not hold an LL lock: the tick goes on, and the caller has its lock back afterwards", () => {
    const machine = new Machine({ cores: 2, costs: defaultCosts });
    const stream = new DpStream(machine, { core: 0, dpCore: 1, cycles: 8 * MS });
    machine.do(() => stream.setUp(), 1);
    machine.runTo(11.5);
    const ticks = [0, 1].map((core) => machine.scheduler(core).stats.ticks);
    const slept = machine.do(function* () {
      // Twice on core 1, as a handler that calls another does, and once on core 0.
      yield* machine.locking.lock(0);
      yield* machine.locking.lock(1);
      yield* machine.locking.lock(1);
      const from = machine.kernel.now;
      yield* stream.dp.setConfigParam(1, 0);
      const to = machine.kernel.now;
      for (const core of [0, 1]) machine.locking.assertLocked(core);
      yield* machine.locking.unlock(1);
      machine.locking.assertLocked(1);
      yield* machine.locking.unlock(1);
      yield* machine.locking.unlock(0);
      return to - from;
    }, 1);
    expect(slept).toBeGreaterThan(6 * MS);
    for (const core of [0, 1]) {
      expect(machine.scheduler(core).stats.ticks).toBeGreaterThan((ticks[core] as number) + 5);
      expect(machine.scheduler(core).stats.overruns).toBe(0);
    }
    machine.do(function* () {
      yield* machine.kernel.sleep(K_MSEC(1));
    });
  });
});
