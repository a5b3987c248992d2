import { type Blocking, defaultCosts } from "@sof-ts/kernel";
import { describe, expect, it } from "vitest";
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
});
