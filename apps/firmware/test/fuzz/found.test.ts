import { describe, expect, it } from "vitest";
import { gain, words, base } from "../payloads.js";
import { Id, Lab } from "../protocol/lab.js";
import {
  bind,
  createPipeline,
  deletePipeline,
  type End,
  initInstance,
  setDx,
  setState,
  State,
  unbind,
} from "../protocol/messages.js";
import { strategies } from "../strategies.js";

const { RESET, PAUSED, RUNNING } = State;
const CYCLES_PER_PERIOD = 400_000;

/** A gain that says what a period of it costs. */
function costly(cycles: number): Uint8Array {
  const payload = gain(0x7fff_ffff);
  payload.set(words([cycles]));
  return payload;
}

/** An equalizer's block: base configuration and one pin each way. */
const equalizer = words([
  ...base,
  0x0001_0001,
  0,
  0,
  0,
  ...[0, 1].flatMap(() => [0, 384, ...base.slice(4)]),
]);

function equalizers(lab: Lab): number[] {
  return lab.firmware.directory
    .entries()
    .filter(({ driver }) => driver.manifest.name.startsWith("EQ"))
    .map(({ moduleId }) => moduleId);
}

// Each sequence once broke the firmware; the shortest form that did is kept.
describe("sequences that were found by the fuzzer", () => {
  it("a module that is bound to itself goes with its pipeline, and its buffer once", () => {
    const lab = new Lab();
    const before = lab.firmware.resources;
    lab.ok(createPipeline(0));
    const end = lab.scripted(0);
    lab.ok(bind(end, end), deletePipeline(0));
    expect(lab.firmware.resources).toEqual(before);
    lab.ok(createPipeline(0));
  });

  it("an equalizer goes on without its source or its sink when the host takes them away", () => {
    const lab = new Lab();
    const modules = equalizers(lab);
    expect(modules.length).toBe(2);
    for (const module of modules) {
      for (const taken of ["source", "sink"] as const) {
        const before = lab.firmware.resources;
        const end: End = [module, 0];
        lab.ok(createPipeline(0));
        const [from, to] = [lab.scripted(0), lab.scripted(1)];
        lab.ok(initInstance(end, 0, equalizer), bind(from, end), bind(end, to));
        lab.ok(setState(PAUSED, 0), setState(RUNNING, 0));
        lab.run(2);
        lab.ok(taken === "source" ? unbind(from, end) : unbind(end, to));
        lab.run(3);
        expect(lab.stateOf(0)).toBe("active");
        lab.ok(setState(PAUSED, 0), setState(RESET, 0), deletePipeline(0));
        expect(lab.firmware.resources).toEqual(before);
      }
    }
  });

  it("a cost that no core could bear, claimed by the host, does not stall the core", () => {
    const lab = new Lab();
    const before = lab.firmware.resources;
    lab.cores(1);
    lab.ok(createPipeline(0, { core: 1 }));
    const [from, to] = [lab.scripted(0, 0, 1), lab.scripted(1, 0, 1)];
    const end: End = [Id.GAIN, 0];
    lab.ok(
      initInstance(end, 0, costly(100 * CYCLES_PER_PERIOD), { core: 1 }),
      bind(from, end),
      bind(end, to),
      setState(PAUSED, 0),
      setState(RUNNING, 0),
    );
    lab.run(10);
    lab.ok(setState(PAUSED, 0), setState(RESET, 0), deletePipeline(0), setDx(2, 0));
    expect(lab.firmware.resources).toEqual(before);
  });

  it.each(strategies)(
    "a module on another core than its pipeline harms neither, with %s",
    (locking) => {
      const lab = new Lab({ config: { platform: "ptl", locking } });
      const before = lab.firmware.resources;
      lab.cores(1);
      const steady = lab.firmware.resources;
      lab.ok(createPipeline(0));
      const [from, to] = [lab.scripted(0, 0, 1), lab.scripted(1, 0)];
      lab.ok(bind(from, to), setState(PAUSED, 0), setState(RUNNING, 0));
      lab.run(5);
      expect(lab.firmware.resources.threads).toBe(steady.threads);
      expect(lab.stateOf(0)).toBe("active");
      lab.ok(setState(PAUSED, 0), setState(RESET, 0), deletePipeline(0), setDx(2, 0));
      expect(lab.firmware.resources).toEqual(before);
    },
  );
});
