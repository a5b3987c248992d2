import { defaultCosts } from "@sof-ts/kernel";
import { AudioMemory, AudioStream } from "@sof-ts/module-api";
import { RunAgain } from "@sof-ts/ll-scheduler";
import { BlockRing } from "../src/index.js";
import { Machine, MS, MS_BYTES } from "../test/machine.js";
import { DpStream } from "../test/stream.js";

/** A machine that goes on by one LL tick an iteration. */
function ticking(machine: Machine): (ticks: number) => void {
  let until = Math.ceil(machine.kernel.now / MS);
  return (ticks) => {
    until += ticks;
    machine.runTo(until + 0.5);
  };
}

/** One stereo stream through a DP module of 10 ms blocks, on the core of its pipeline or on another. */
function streaming(cores: number): (ticks: number) => void {
  const machine = new Machine({ cores, costs: defaultCosts });
  const stream = new DpStream(machine, { inputs: 1, dpCore: cores - 1, cycles: MS });
  machine.do(() => stream.setUp(), cores - 1);
  machine.runTo(Math.ceil(machine.kernel.now / MS) + 30);
  const run = ticking(machine);
  return (ticks) => {
    run(ticks);
    stream.output.length = 0;
    stream.tickTimes.length = 0;
  };
}

/** Tasks that every tick asks for readiness and that never are. */
function waiting(tasks: number): (ticks: number) => void {
  const machine = new Machine({ costs: defaultCosts });
  machine.do(function* () {
    for (let i = 0; i < tasks; i++) {
      const task = yield* machine.dp.create({
        name: `task ${i}`,
        core: 0,
        stackBytes: 1024,
        memory: null,
        work: {
          ready: () => false,
          slackUs: () => 0,
          *run() {
            return RunAgain.RESCHEDULE;
          },
        },
      });
      if (typeof task !== "number") machine.dp.schedule(task, 10_000);
    }
  });
  return ticking(machine);
}

/** Threads with a budget that they use up in every tick. */
function exhausting(tasks: number): (ticks: number) => void {
  const machine = new Machine({ costs: defaultCosts });
  machine.do(function* () {
    for (let i = 0; i < tasks; i++) {
      const task = yield* machine.budget.create({
        name: `task ${i}`,
        core: 0,
        stackBytes: 1024,
        memory: null,
        budgetCycles: (0.3 * MS) / tasks,
        work: {
          *run() {
            yield* machine.kernel.busy((0.6 * MS) / tasks);
            return RunAgain.RESCHEDULE;
          },
        },
      });
      if (typeof task !== "number") machine.budget.schedule(task);
    }
  });
  return ticking(machine);
}

/** A millisecond of stereo from an LL stream through a ring into the hands of a thread. */
function moving(): (iterations: number) => void {
  const [outside, inside] = [new AudioMemory(0x3_0000), new AudioMemory(0x3_0000)];
  const stream = new AudioStream(outside, AudioMemory.RESERVED_BYTES, 2 * MS_BYTES);
  const ring = new BlockRing(inside, AudioMemory.RESERVED_BYTES, 20 * MS_BYTES);
  return (iterations) => {
    for (let i = 0; i < iterations; i++) {
      stream.produce(MS_BYTES);
      ring.pushFrom(stream);
      ring.acquireInput();
      ring.view.consume(MS_BYTES);
      ring.releaseInput();
    }
  };
}

/** An operation of a module, by its own thread or by the caller. */
function operating(ipcByDpThread: boolean): (iterations: number) => void {
  const machine = new Machine({ costs: defaultCosts });
  const stream = new DpStream(machine, { ipcByDpThread });
  machine.do(() => stream.create());
  return (iterations) => {
    machine.do(
      function* () {
        for (let i = 0; i < iterations; i++) {
          yield* stream.dp.setConfigParam(1, i);
          stream.module.log.length = 0;
        }
      },
      0,
      Number.POSITIVE_INFINITY,
    );
  };
}

export const benches = [
  { name: "tick with one DP stream, same core", run: streaming(1), unit: "tick", realTimeMs: 1 },
  { name: "tick with one DP stream, two cores", run: streaming(2), unit: "tick", realTimeMs: 1 },
  { name: "tick over 1 DP task that waits", run: waiting(1), unit: "tick", realTimeMs: 1 },
  { name: "tick over 16 DP tasks that wait", run: waiting(16), unit: "tick", realTimeMs: 1 },
  { name: "tick with 1 exhausted budget", run: exhausting(1), unit: "tick", realTimeMs: 1 },
  { name: "tick with 4 exhausted budgets", run: exhausting(4), unit: "tick", realTimeMs: 1 },
  { name: "1 ms of stereo through a ring", run: moving(), unit: "ms", realTimeMs: 1 },
  { name: "operation by the caller", run: operating(false) },
  { name: "operation by the module's thread", run: operating(true) },
];
