import { defaultCosts, zeroCosts } from "@sof-ts/kernel";
import { RunAgain } from "@sof-ts/ll-scheduler";
import { describe, expect, it } from "vitest";
import { inputSample, DpStream } from "./stream.js";
import { lockings, Machine, MS } from "./machine.js";

/** An LL task that computes for `cycles` in each tick, behind the pipelines and before the DP tick. */
function llLoad(machine: Machine, core: number, cycles: number): void {
  const scheduler = machine.scheduler(core);
  const task = scheduler.createTask({
    name: "load",
    core,
    priority: 7,
    run: () => {
      task.cycles = cycles;
      return RunAgain.RESCHEDULE;
    },
  });
  machine.do(() => scheduler.schedule(task), core);
}

describe.each(lockings)("a module of 10 ms blocks between 1 ms ends, %s", (locking) => {
  it("puts the first sample out one period after its first block, then every one in order", () => {
    const machine = new Machine({ locking, costs: defaultCosts });
    const stream = new DpStream(machine, { cycles: 3 * MS });
    expect(machine.do(() => stream.setUp())).toBe(0);
    machine.runTo(60.5);
    // Ticks 1..10 fill the block, 11..20 are its period.
    expect(stream.firstOutputTick).toBe(21);
    expect(stream.samples).toEqual(stream.expected(40 * 96));
    expect(stream.ticks).toBe(60);
    expect(stream.dp.stats).toMatchObject({ runs: 5, underruns: 0 });
    expect(stream.dp.deadlines).toMatchObject({ runs: 5, misses: 0 });
  });

  it("runs on another core than its pipeline with the same delay", () => {
    const machine = new Machine({ locking, cores: 2, costs: defaultCosts });
    const stream = new DpStream(machine, { core: 0, dpCore: 1, cycles: 9 * MS });
    expect(machine.do(() => stream.setUp(), 1)).toBe(0);
    machine.runTo(60.5);
    expect(stream.firstOutputTick).toBe(21);
    expect(stream.samples).toEqual(stream.expected(40 * 96));
    expect(stream.dp.stats.underruns).toBe(0);
    expect(stream.dp.task.thread.cpu?.id).toBe(1);
  });

  it("stays whole under load that leaves the thread three tenths of its core", () => {
    const machine = new Machine({ locking, costs: defaultCosts });
    const stream = new DpStream(machine, { cycles: 2.5 * MS });
    expect(machine.do(() => stream.setUp())).toBe(0);
    llLoad(machine, 0, 0.65 * MS);
    machine.runTo(120.5);
    expect(stream.samples).toEqual(stream.expected(stream.samples.length));
    expect(stream.samples.length).toBe((stream.ticks - stream.firstOutputTick + 1) * 96);
    expect(stream.dp.stats.underruns).toBe(0);
    expect(stream.dp.deadlines.misses).toBe(0);
    // The run is preempted by every tick on its way.
    expect(stream.dp.deadlines.maxResponseCycles).toBeGreaterThan(7 * MS);
    expect(machine.scheduler(0).stats.overruns).toBe(0);
  });
});

describe("streams on three cores", () => {
  it("all arrive whole, each module on the core after its pipeline's", () => {
    const machine = new Machine({ cores: 3, costs: defaultCosts });
    const streams = [0, 1, 2].map(
      (core) =>
        new DpStream(machine, {
          core,
          dpCore: (core + 1) % 3,
          blockMs: 2 + 4 * core,
          inputs: 1 + (core % 2),
          cycles: (1 + core) * MS,
          name: `stream ${core}`,
        }),
    );
    for (const [core, stream] of streams.entries()) {
      expect(machine.do(() => stream.setUp(), core)).toBe(0);
    }
    machine.runTo(80.5);
    for (const stream of streams) {
      // A tick of one core may find the block of another core's tick a tick later.
      expect([1, 2]).toContain(stream.firstOutputTick - 2 * stream.options.blockMs);
      expect(stream.samples).toEqual(stream.expected(stream.samples.length));
      expect(stream.samples.length).toBe((stream.ticks - stream.firstOutputTick + 1) * 96);
      expect(stream.dp.deadlines.misses).toBe(0);
    }
  });
});

describe("the LL tick", () => {
  it("is never late because of a module in its thread, and interrupts it at the cycle", () => {
    const machine = new Machine();
    const stream = new DpStream(machine, { cycles: 9.9 * MS });
    machine.do(() => stream.setUp());
    machine.runTo(50.5);
    expect(stream.tickTimes).toEqual(Array.from({ length: 50 }, (_, tick) => (tick + 1) * MS));
    expect(stream.dp.deadlines.maxResponseCycles).toBe(9.9 * MS);
    expect(stream.samples).toEqual(stream.expected(30 * 96));
  });
});

describe("deadlines", () => {
  it("let two modules share a core that fixed order would starve", () => {
    // 4 ms of 10 and 1 ms of 2: nine tenths of the core. The short one has to preempt the long one.
    const machine = new Machine();
    const long = new DpStream(machine, { blockMs: 10, cycles: 4 * MS, name: "long" });
    const short = new DpStream(machine, { blockMs: 2, cycles: MS, name: "short" });
    machine.do(() => long.setUp());
    machine.do(() => short.setUp());
    machine.runTo(100.5);
    for (const stream of [long, short]) {
      expect(stream.dp.deadlines.misses).toBe(0);
      expect(stream.dp.stats.underruns).toBe(0);
      expect(stream.samples).toEqual(stream.expected(stream.samples.length));
    }
    expect(short.dp.deadlines.maxResponseCycles).toBe(MS);
    expect(long.dp.deadlines.maxResponseCycles).toBe(8 * MS);
  });

  it("are one period after readiness while the stream flows", () => {
    const machine = new Machine();
    const stream = new DpStream(machine, { cycles: MS });
    machine.do(() => stream.setUp());
    const deadlines: number[] = [];
    for (const ms of [10.5, 20.5, 30.5]) {
      machine.runTo(ms);
      deadlines.push(stream.dp.task.deadline / MS);
    }
    expect(deadlines).toEqual([20, 30, 40]);
  });

  it("come earlier when output is short, and never sooner than a tick", () => {
    const machine = new Machine();
    const stream = new DpStream(machine, { cycles: 0.1 * MS, inputs: 1 });
    machine.do(() => stream.setUp());
    machine.runTo(24.5);
    // No input for 5 ms: the next block is ready 5 ms later, with 5 ms of output left.
    const source = stream.sources[0];
    if (source !== undefined) source.producerActive = false;
    machine.runTo(29.5);
    if (source !== undefined) source.producerActive = true;
    machine.runTo(35.5);
    expect(stream.dp.task.deadline / MS).toBe(35 + 5);
    machine.runTo(45.5);
    expect(stream.dp.deadlines.misses).toBe(0);
  });

  it("that pass are counted once each, and what is late still arrives in order", () => {
    const missed: number[] = [];
    const machine = new Machine();
    const stream = new DpStream(machine, { cycles: 12.5 * MS });
    machine.do(() => stream.setUp());
    for (let ms = 1; ms <= 100; ms++) {
      machine.runTo(ms + 0.4);
      missed.push(stream.dp.deadlines.misses);
    }
    const { deadlines, stats } = stream.dp;
    // A run takes 12.5 ms and the next starts at the tick after it: one every 13 ms.
    expect(deadlines.runs).toBe(Math.floor((100.4 - 10 - 12.5) / 13) + 1);
    // The run under way is late already.
    expect(deadlines.misses).toBe(deadlines.runs + 1);
    // Input waits two ticks longer than its block takes: from the second run on a millisecond less is left.
    expect(deadlines.maxLateCycles).toBe(3.5 * MS);
    expect(missed.indexOf(1)).toBe(20);
    expect(stats.underruns).toBeGreaterThan(0);
    expect(stream.samples).toEqual(expectedWithLosses(stream.samples));
  });
});

/** What a module that keeps up with nothing may put out: the test signal with gaps, never out of order. */
function expectedWithLosses(samples: readonly number[]): number[] {
  return samples.map((value, i) => {
    const before = samples[i - 1];
    return before === undefined || value < before ? value : Number.NaN;
  });
}

describe("a module in its thread", () => {
  it("is charged what the host announced instead of its own estimate", () => {
    const machine = new Machine();
    const stream = new DpStream(machine, { cycles: 7 * MS, cpc: 2 * MS });
    machine.do(() => stream.setUp());
    machine.runTo(25.5);
    expect(stream.dp.stats).toMatchObject({
      runs: 2,
      lastCycles: 2 * MS,
      peakCycles: 2 * MS,
      totalCycles: 4 * MS,
    });
    expect(stream.dp.task.thread.cycles).toBe(4 * MS);
  });

  it("does not wait for an input whose producer does not run", () => {
    const machine = new Machine();
    const stream = new DpStream(machine, { cycles: MS });
    const reference = stream.sources[1];
    if (reference !== undefined) reference.producerActive = false;
    machine.do(() => stream.setUp());
    machine.runTo(40.5);
    expect(stream.firstOutputTick).toBe(21);
    expect(stream.samples.slice(0, 960)).toEqual(
      Array.from({ length: 960 }, (_, i) => inputSample(0, i)),
    );
  });

  it("goes on while nobody takes its output, and starts with what is new when somebody does", () => {
    const machine = new Machine();
    const stream = new DpStream(machine, { cycles: MS, inputs: 1 });
    machine.do(() => stream.setUp());
    stream.sink.consumerActive = false;
    machine.runTo(45.5);
    expect(stream.samples).toEqual([]);
    expect(stream.dp.stats).toMatchObject({ runs: 4, underruns: 0 });
    stream.sink.consumerActive = true;
    machine.runTo(70.5);
    expect(stream.samples.slice(0, 960)).toEqual(
      Array.from({ length: 960 }, (_, i) => inputSample(0, 40 * 96 + i)),
    );
  });

  it("waits for room when its output is not taken, and loses nothing", () => {
    const machine = new Machine();
    const stream = new DpStream(machine, { cycles: MS, inputs: 1 });
    machine.do(() => stream.setUp());
    machine.runTo(25.5);
    stream.sinkStalls = true;
    machine.runTo(48.5);
    // What waits in the ring leaves no room for a third block, so the third block of input waits too.
    expect(stream.dp.stats.runs).toBe(2);
    stream.sinkStalls = false;
    machine.runTo(90.5);
    const taken = stream.samples;
    expect(taken.length).toBeGreaterThan(40 * 96);
    expect(taken.slice(0, 40 * 96)).toEqual(stream.expected(40 * 96));
  });

  it("keeps phase and data over a pause", () => {
    const machine = new Machine({ costs: defaultCosts });
    const stream = new DpStream(machine, { cycles: 8 * MS });
    machine.do(() => stream.setUp());
    for (const pauseAt of [15.5, 23.5, 40.5]) {
      machine.runTo(pauseAt);
      machine.do(() => stream.pause());
      machine.runTo(pauseAt + 7);
      machine.do(() => stream.resume());
    }
    machine.runTo(100.5);
    expect(stream.firstOutputTick).toBe(21);
    expect(stream.samples).toEqual(stream.expected((stream.ticks - 20) * 96));
    expect(stream.dp.stats.underruns).toBe(0);
  });

  it("that fails stops alone: its pipeline hears of it at each tick and can start it again", () => {
    const machine = new Machine({ costs: zeroCosts });
    const stream = new DpStream(machine, { cycles: MS });
    machine.do(() => stream.setUp());
    machine.runTo(15.5);
    stream.module.results["process"] = -61;
    // No data and no room are no failures.
    machine.runTo(25.5);
    expect(stream.errors).toEqual([]);
    stream.module.results["process"] = -5;
    machine.runTo(33.5);
    // Tried again at each tick, it fails in the run of 26 to 27.
    expect(stream.errors).toEqual([-5, -5, -5, -5, -5, -5]);
    expect(stream.dp.task.state).toBe("completed");
    stream.module.results["process"] = 0;
    expect(machine.do(() => stream.stop())).toBe(0);
    expect(machine.do(() => stream.start())).toBe(0);
    machine.runTo(70.5);
    expect(stream.firstOutputTick).toBe(21);
    expect(stream.samples).toEqual(stream.expected(stream.samples.length));
  });
});
