import { defaultCosts, type KernelTrace } from "@sof-ts/kernel";
import { RunAgain } from "@sof-ts/ll-scheduler";
import { describe, expect, it } from "vitest";
import { Machine, MS } from "./machine.js";
import { DpStream } from "./stream.js";

/** Everything that a busy machine of three cores does, line by line. */
function run(): { readonly lines: string[]; readonly samples: readonly number[][] } {
  const lines: string[] = [];
  const note = (kind: string) => (time: number, cpu: number, thread: { name: string }) => {
    lines.push(`${time} ${cpu} ${kind} ${thread.name}`);
  };
  const trace: KernelTrace = {
    threadSwitch: (time, cpu, _from, to) => lines.push(`${time} ${cpu} switch ${to.name}`),
    ready: note("ready"),
    threadEnd: note("end"),
    syscall: (time, cpu, thread, name) => lines.push(`${time} ${cpu} ${thread.name} ${name}`),
    priority: (time, cpu, thread, from, to) =>
      lines.push(`${time} ${cpu} ${thread.name} ${from}>${to}`),
  };
  const machine = new Machine({ cores: 3, costs: defaultCosts, trace });
  const streams = [0, 1, 2].map(
    (core) =>
      new DpStream(machine, {
        core,
        dpCore: (core + 2) % 3,
        blockMs: 3 + core,
        cycles: 1.7 * MS,
        ipcByDpThread: core === 1,
        name: `s${core}`,
      }),
  );
  for (const [core, stream] of streams.entries()) machine.do(() => stream.setUp(), core);
  machine.do(function* () {
    const task = yield* machine.budget.create({
      name: "twb",
      core: 1,
      budgetCycles: 0.2 * MS,
      stackBytes: 1024,
      memory: null,
      work: {
        *run() {
          yield* machine.kernel.busy(0.9 * MS);
          return RunAgain.RESCHEDULE;
        },
      },
    });
    if (typeof task !== "number") machine.budget.schedule(task);
  });
  machine.runTo(15.3);
  machine.do(() => (streams[1] as DpStream).stop(), 2);
  machine.do(() => (streams[2] as DpStream).free(), 0);
  machine.do(() => (streams[1] as DpStream).start(), 1);
  machine.runTo(40.5);
  return { lines, samples: streams.map((stream) => stream.samples) };
}

describe("two runs of one set-up", () => {
  it("do the same at the same cycle, and play the same samples", () => {
    const [first, again] = [run(), run()];
    expect(first.lines.length).toBeGreaterThan(1000);
    expect(first.lines.findIndex((line, i) => line !== again.lines[i])).toBe(-1);
    expect(again.lines.length).toBe(first.lines.length);
    expect(again.samples).toEqual(first.samples);
    expect(first.samples.map((samples) => samples.length > 0)).toEqual([true, true, true]);
  });
});
