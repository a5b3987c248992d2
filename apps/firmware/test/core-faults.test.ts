import { describe, expect, it } from "vitest";
import { base, words } from "./payloads.js";
import { Lab } from "./protocol/lab.js";
import {
  bind,
  createPipeline,
  deletePipeline,
  type End,
  initInstance,
  setDx,
  setState,
  State,
} from "./protocol/messages.js";
import { Scripted } from "./protocol/scripted-module.js";
import { NumberedStream, run } from "./stream.js";

const MS = 400_000;
const EXCEPTION_CAUGHT = 0x1b0a_0000;

/** A machine with a stream that nothing may disturb, and a pipeline of scripted modules beside it. */
function scene(steadyCore: number, faultyCore: number) {
  const lab = new Lab({ config: { platform: "ptl" } });
  lab.cores(1, 2, 3, 4);
  const idle = lab.firmware.resources;
  const steady = new NumberedStream(lab.host, lab.streams, 7, steadyCore);
  steady.create();
  steady.start();
  run(lab.host, 5, [steady]);
  lab.pairIn("RUNNING", 1, faultyCore);
  return { lab, idle, steady };
}

function fault(lab: Lab): void {
  lab.script.once = () => {
    throw new TypeError("wild pointer");
  };
}

describe("an LL thread that faults", () => {
  it.each([
    [0, 1],
    [1, 4],
    [2, 0],
  ])(
    "leaves the audio of core %i alone, takes down that of core %i, and tells the host",
    (steadyCore, core) => {
      const { lab, steady } = scene(steadyCore, core);
      fault(lab);
      run(lab.host, 30, [steady]);
      expect(lab.notifications()).toMatchObject([{ primary: EXCEPTION_CAUGHT, extension: core }]);
      expect(lab.stateOf(1)).toBe("ready");
      const [from] = [...lab.modules.instances.values()];
      expect(from?.log.slice(-2)).toEqual(["stop", "reset"]);
      run(lab.host, 30, [steady]);
      expect(steady.faults).toEqual([]);
      expect(steady.framesHeard).toBeGreaterThan(48 * 60);
    },
  );

  it("answers for its core at once, and gives it back when it was powered down and up", () => {
    const { lab, idle, steady } = scene(0, 1);
    fault(lab);
    run(lab.host, 5, [steady]);
    // Neither runs nor makes pipelines any more, but deletes those that it has.
    expect(lab.status(setState(State.RUNNING, 1))).not.toBe(0);
    expect(lab.status(createPipeline(2, { core: 1 }))).not.toBe(0);
    expect(lab.status(setDx(2, 0))).not.toBe(0);
    lab.ok(setState(State.RESET, 1), deletePipeline(1), setDx(2, 0), setDx(2, 2));
    lab.pairIn("RUNNING", 1, 1);
    const periods = () =>
      lab.firmware.graph.components.find(({ core }) => core === 1)?.periods ?? 0;
    const before = periods();
    run(lab.host, 10, [steady]);
    expect(periods()).toBeGreaterThan(before + 8);
    lab.ok(setState(State.PAUSED, 1), setState(State.RESET, 1), deletePipeline(1));
    expect(steady.faults).toEqual([]);
    steady.stop();
    steady.destroy();
    expect(lab.firmware.resources).toEqual(idle);
  });

  it("lets a message go on that waits for its core's lock", () => {
    const { lab } = scene(0, 1);
    lab.ok(setState(State.PAUSED, 1), setState(State.RESET, 1), deletePipeline(1));
    // A pipeline that takes three quarters of the tick, and after it the one that faults.
    const [from, to, spare] = [20, 21, 22].map((i): End => [Scripted.OBEDIENT, i]);
    const heavy = words([100_000, ...base.slice(1)]);
    lab.ok(createPipeline(1, { core: 1 }));
    for (const end of [from, to, spare]) lab.ok(initInstance(end as End, 1, heavy, { core: 1 }));
    lab.ok(bind(from as End, to as End), setState(State.PAUSED, 1), setState(State.RUNNING, 1));
    lab.pairIn("RUNNING", 2, 1);
    const { kernel } = lab.firmware;
    const tick = Math.ceil(kernel.now / MS) * MS;
    let calls = 0;
    const third = (): void => {
      if (++calls === 4) throw new TypeError("wild pointer");
      lab.script.once = third;
    };
    lab.script.once = third;
    lab.run((tick - kernel.now) / MS + 0.1);
    expect(calls).toBe(3);
    expect(lab.status(bind(to as End, spare as End))).toBe(0);
    expect(calls).toBe(4);
    expect(kernel.now - tick).toBeLessThan(MS);
    expect(lab.notifications()).toMatchObject([{ primary: EXCEPTION_CAUGHT, extension: 1 }]);
    lab.ok(deletePipeline(1), deletePipeline(2), setDx(2, 0));
  });

  it("halts the firmware where LL threads have all privileges", () => {
    const lab = new Lab({ config: { platform: "ptl", locking: "kernel-ll" } });
    lab.cores(1);
    lab.pairIn("RUNNING", 0, 1);
    fault(lab);
    expect(() => lab.run(3)).toThrow("the firmware halted");
  });
});
