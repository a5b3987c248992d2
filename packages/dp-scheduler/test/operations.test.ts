import { type Blocking, defaultCosts } from "@sof-ts/kernel";
import { describe, expect, it } from "vitest";
import type { DpTask } from "../src/index.js";
import { Machine, MS } from "./machine.js";
import { hog, playing, timed } from "./playing.js";
import { DpStream } from "./stream.js";

// Defects that firmware of this design has had or could have: none may come back.

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

  it("DP-09: an answer that comes in the moment in which its caller gives up is nobody else's", () => {
    const machine = new Machine({ cores: 2, waitMs: 20 });
    const stream = new DpStream(machine, { dpCore: 1 });
    machine.do(() => stream.create(), 1);
    const start = machine.kernel.now / MS;
    const { task } = stream.dp;
    const taking = (ms: number, value: number) =>
      function* (): Blocking<number> {
        yield* machine.kernel.busy(ms * MS);
        return value;
      };
    // The caller's time is up at 20 ms, the answer comes at 20.3, the caller gets its core at 20.6.
    machine.ipc(
      function* () {
        yield* machine.kernel.sleep(19.5e6);
        yield* machine.kernel.busy(1.1 * MS);
      },
      { priority: -10, name: "hog" },
    );
    const results = machine.do(function* () {
      const late = yield* machine.dp.call(task, taking(20.3, 1));
      return [late, yield* machine.dp.call(task, taking(5, 2))];
    });
    expect(results).toEqual([1, 2]);
    expect(machine.kernel.now / MS - start).toBeGreaterThan(25.5);
  });

  it("DP-16: a wake-up by the tick leaves a request that waits where it is", () => {
    const machine = new Machine({ waitMs: 20 });
    const stream = new DpStream(machine, { blockMs: 40, cycles: 1000 });
    playing(machine, stream, 15.5);
    const { task } = stream.dp;
    const results: number[] = [];
    machine.ipc(function* () {
      const slow = machine.dp.call(task, function* () {
        yield* machine.kernel.busy(30 * MS);
        return 1;
      });
      results.push(yield* slow);
      // Posted at 35.6 ms, while the thread is still at the first one; the block is there at 40 ms.
      results.push(
        yield* machine.dp.call(task, function* () {
          return 2;
        }),
      );
    });
    machine.runTo(40.5);
    expect(task.objects.event.events).toBe(1 | 4);
    machine.runTo(60.5);
    expect(results).toEqual([-116, 2]);
    expect(stream.module.runs).toBe(1);
  });

  it("a task's own run may cancel it, and is told that it cannot free or call itself", () => {
    const machine = new Machine();
    const results: number[] = [];
    const made = machine.do(() =>
      machine.dp.create({
        name: "self",
        core: 0,
        stackBytes: 1024,
        memory: null,
        work: {
          ready: () => true,
          slackUs: () => 0,
          *run(): Generator<number, 0, number> {
            const task = machine.dp.tasks(0)[0] as DpTask;
            results.push(yield* machine.dp.free(task));
            results.push(
              yield* machine.dp.call(task, function* () {
                return 1;
              }),
            );
            results.push(yield* machine.dp.cancel(task));
            return 0;
          },
        },
      }),
    );
    if (typeof made === "number") throw new Error(`create: ${made}`);
    machine.do(function* () {
      return machine.dp.schedule(made, 1000);
    });
    machine.runTo(10.5);
    expect(results).toEqual([-45, -45, 0]);
    expect(made.state).toBe("init");
  });

  it("hand nothing to the caller when the module refuses", () => {
    const machine = new Machine();
    const stream = new DpStream(machine, { ipcByDpThread: true });
    machine.do(() => stream.create());
    stream.module.getConfiguration = (_paramId, out) => {
      out.fill(9);
      return -22;
    };
    const out = new Uint8Array(4);
    expect(machine.do(() => stream.dp.getConfiguration(1, out))).toBe(-22);
    expect([...out]).toEqual([0, 0, 0, 0]);
  });

  it("go to the control that was given in place of the module, without the LL lock", () => {
    const machine = new Machine();
    const stream = playing(machine, new DpStream(machine, { cycles: 4 * MS, proxied: true }), 12.5);
    const rc = machine.do(function* () {
      yield* machine.locking.lock(0);
      const result = yield* stream.dp.setConfigParam(3, 8);
      machine.locking.assertLocked(0);
      yield* machine.locking.unlock(0);
      return result;
    });
    // The proxy adds 100 to each result, and takes a millisecond, in which the tick goes on.
    expect(rc).toBe(100);
    expect(stream.module.log.at(-1)).toBe("param 3=8");
    expect(machine.kernel.now / MS).toBe(15);
    machine.runTo(60.5);
    expect(stream.tickTimes).toEqual(stream.tickTimes.map((_, i) => (i + 1) * MS));
    machine.do(() => stream.free());
    expect(stream.module.freed).toBe(1);
  });
});
