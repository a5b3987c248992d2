import type { StreamParams } from "@sof-ts/module-api";
import { describe, expect, it } from "vitest";
import { FORMAT, Machine, MS, MS_BYTES } from "./machine.js";
import { DpStream } from "./stream.js";

const start = (stream: DpStream): number => stream.machine.do(() => stream.setUp());
const ringsOf = (stream: DpStream): number[] => {
  const { engine } = (stream.dp as unknown as { parts: { engine: Ports } }).parts;
  return [...engine.inputs, ...engine.outputs].map(({ ring }) => ring.size);
};
interface Ports {
  readonly inputs: readonly { readonly ring: { readonly size: number } }[];
  readonly outputs: readonly { readonly ring: { readonly size: number } }[];
}

describe("the rings of a module", () => {
  it("hold two blocks of each pin: its own size where it has one, else the base size", () => {
    const machine = new Machine();
    const pins = { ibs: 960, obs: 480, inputBytes: [7777, 192], outputBytes: [] };
    const stream = new DpStream(machine, { pins });
    machine.do(() => stream.create());
    machine.do(() => stream.bind());
    // Pin 0 is the base size, whatever its entry says.
    expect(ringsOf(stream)).toEqual([1920, 384, 960]);
  });

  it("hold what the module asks for when that is more", () => {
    const machine = new Machine();
    const pins = { ibs: 960, obs: 960, inputBytes: [], outputBytes: [] };
    const stream = new DpStream(machine, { pins, inputs: 1 });
    Object.assign(stream.module, { inputBytesNeeded: 1440, outputBytesNeeded: 480 });
    machine.do(() => stream.create());
    machine.do(() => stream.bind());
    expect(ringsOf(stream)).toEqual([2880, 1920]);
  });

  it("cannot be empty", () => {
    const machine = new Machine();
    const pins = { ibs: 0, obs: 960, inputBytes: [], outputBytes: [] };
    const stream = new DpStream(machine, { pins });
    machine.do(() => stream.create());
    expect(machine.do(() => stream.bind())).toBe(-12);
    expect(stream.heap.blocks).toBe(0);
  });
});

describe("prepare", () => {
  it("refuses formats that are not set or do not divide a block, and works when they are mended", () => {
    const machine = new Machine();
    const stream = new DpStream(machine, { blockMs: 2, inputs: 1 });
    const source = stream.sources[0];
    if (source === undefined) throw new Error("one input");
    const refused: Partial<StreamParams>[] = [{ channels: 5 }, { channels: 0 }, { rate: 0 }];
    expect(start(stream)).toBe(0);
    machine.do(() => stream.stop());
    for (const wrong of refused) {
      source.setParams({ ...FORMAT, ...wrong });
      expect(machine.do(() => stream.start())).toBe(-22);
    }
    source.setParams(FORMAT);
    expect(machine.do(() => stream.start())).toBe(0);
    machine.runTo(machine.kernel.now / MS + 20);
    expect(stream.samples).toEqual(stream.expected(stream.samples.length));
    expect(stream.samples.length).toBeGreaterThan(14 * 96);
  });

  it("refuses a module without a connection: it has no period", () => {
    const machine = new Machine();
    const stream = new DpStream(machine);
    machine.do(() => stream.create());
    expect(machine.do(() => stream.dp.prepare([], []))).toBe(-22);
  });

  it("hands the module's output format on, and takes the period from it", () => {
    const machine = new Machine();
    const stream = new DpStream(machine, { blockMs: 10, inputs: 1 });
    const { prepare } = stream.module;
    stream.module.prepare = (sources, sinks) => {
      sinks[0]?.setParams({ ...FORMAT, rate: 96_000 });
      return prepare.call(stream.module, sources, sinks);
    };
    expect(start(stream)).toBe(0);
    expect(stream.sink.rate).toBe(96_000);
    expect(stream.dp.task.periodCycles).toBe(5 * MS);
  });

  it("takes the period of the shortest output, or of the shortest input where there is none", () => {
    const machine = new Machine();
    const pins = { ibs: 10 * MS_BYTES, obs: 4 * MS_BYTES, inputBytes: [], outputBytes: [] };
    const stream = new DpStream(machine, { pins, inputs: 2 });
    expect(start(stream)).toBe(0);
    expect(stream.dp.task.periodCycles).toBe(4 * MS);
    const blind = new DpStream(machine, {
      pins: { ...pins, inputBytes: [0, 3 * MS_BYTES] },
      inputs: 2,
    });
    machine.do(() => blind.create());
    machine.do(() => blind.bind());
    expect(machine.do(() => blind.dp.prepare(blind.sources, []))).toBe(0);
    expect(blind.dp.task.periodCycles).toBe(3 * MS);
  });

  it("shows the module which of its neighbours run", () => {
    const machine = new Machine();
    const stream = new DpStream(machine, { blockMs: 1, inputs: 2 });
    const seen: string[] = [];
    const { process } = stream.module;
    stream.module.process = (sources, sinks) => {
      seen.push(
        [...sources.map((s) => s.producerActive), ...sinks.map((s) => s.consumerActive)].join(),
      );
      return process.call(stream.module, sources, sinks);
    };
    expect(start(stream)).toBe(0);
    machine.runTo(3.5);
    const [, reference] = stream.sources;
    if (reference !== undefined) reference.producerActive = false;
    stream.sink.consumerActive = false;
    machine.runTo(6.5);
    expect(new Set(seen)).toEqual(new Set(["true,true,true", "true,false,false"]));
  });
});

describe("deadlines", () => {
  it("that pass are told to whoever wants to know, once each, with the task", () => {
    const told: string[] = [];
    const machine = new Machine({
      onDeadlineMiss: (task) => told.push(`${task.name} ${machine.kernel.now / MS}`),
    });
    const stream = new DpStream(machine, { cycles: 12.5 * MS, name: "late" });
    expect(start(stream)).toBe(0);
    machine.runTo(34.5);
    expect(told).toEqual(["late 21", "late 33"]);
    expect(stream.dp.deadlines.misses).toBe(2);
  });
});
