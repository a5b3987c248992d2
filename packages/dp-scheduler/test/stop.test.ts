import { defaultCosts } from "@sof-ts/kernel";
import { describe, expect, it } from "vitest";
import { Machine, MS } from "./machine.js";
import { playing, timed } from "./playing.js";
import { DpStream } from "./stream.js";

// Defects that firmware of this design has had or could have: none may come back.

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
