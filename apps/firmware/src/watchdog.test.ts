import { type Cycles, EventQueue, SimEvent } from "@sof-ts/kit";
import { describe, expect, it } from "vitest";
import { Watchdogs } from "./watchdog.js";

/** Lets time pass in steps of 10 cycles, feeding the cores that are alive at each. */
function machine(timeout: number) {
  const queue = new EventQueue();
  const bites: (readonly [time: number, core: number, first: boolean])[] = [];
  const watchdogs = new Watchdogs(queue, 3, timeout, (core, first) =>
    bites.push([queue.now, core, first]),
  );
  const step = new SimEvent("step", () => {});
  const run = (until: number, ...alive: number[]): void => {
    for (let time = queue.now + 10; time <= until; time += 10) {
      for (const core of alive) watchdogs.feed(core);
      queue.schedule(step, time as Cycles);
      while (queue.nextTime <= time) queue.runNext();
    }
  };
  return { watchdogs, bites, run };
}

describe("Watchdogs", () => {
  it("report the core that stops feeding, whichever cores go on", () => {
    const { watchdogs, bites, run } = machine(100);
    for (const core of [0, 1, 2]) watchdogs.enable(core);
    run(250, 0, 1, 2);
    expect(bites).toEqual([]);
    run(1000, 0, 2);
    expect(bites.map(([, core, first]) => [core, first])).toEqual([
      [1, true],
      [1, false],
    ]);
  });

  it("watch each core from its start to its end, whoever started first", () => {
    const { watchdogs, bites, run } = machine(100);
    watchdogs.enable(2);
    watchdogs.enable(0);
    run(300, 0, 2);
    watchdogs.disable(2);
    run(900, 0);
    expect(bites).toEqual([]);
    run(1200);
    expect(bites.map(([, core]) => core)).toEqual([0, 0]);
  });

  it("report a core anew that came back in between", () => {
    const { watchdogs, bites, run } = machine(100);
    watchdogs.enable(1);
    run(210);
    run(400, 1);
    run(600);
    expect(bites.map(([, , first]) => first)).toEqual([true, true, false]);
  });
});
