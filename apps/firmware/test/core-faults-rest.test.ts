import { describe, expect, it } from "vitest";
import { EffectStream, loudNoise } from "./effect-stream.js";
import { Id, Lab } from "./protocol/lab.js";
import {
  chainDma,
  configSet,
  createPipeline,
  deletePipeline,
  setDx,
  setState,
  State,
} from "./protocol/messages.js";
import type { FirmwareConfig } from "../src/index.js";
import { NumberedStream, run } from "./stream.js";

const EXCEPTION_CAUGHT = 0x1b0a_0000;

/** A machine with a stream that nothing may disturb. */
function scene(steadyCore: number, config: Partial<FirmwareConfig> = {}) {
  const lab = new Lab({ config: { platform: "ptl", ...config } });
  lab.cores(1, 2);
  const idle = lab.firmware.resources;
  const steady = new NumberedStream(lab.host, lab.streams, 7, steadyCore);
  steady.create();
  steady.start();
  run(lab.host, 5, [steady]);
  return { lab, idle, steady };
}

/** Has the next period of any scripted module fault, and its notification come. */
function fault(lab: Lab, core: number, steady: NumberedStream): void {
  lab.script.once = () => {
    throw new TypeError("wild pointer");
  };
  run(lab.host, 5, [steady]);
  expect(lab.notifications()).toContainEqual(
    expect.objectContaining({ primary: EXCEPTION_CAUGHT, extension: core }),
  );
}

/** The stream beside it has lost nothing, and nothing is left when it is gone too. */
function endWell({ lab, idle, steady }: ReturnType<typeof scene>, lostThreads = 0): void {
  run(lab.host, 20, [steady]);
  expect(steady.faults).toEqual([]);
  expect(steady.framesHeard).toBeGreaterThan(48 * 25);
  steady.stop();
  steady.destroy();
  expect(lab.firmware.resources).toEqual({
    ...idle,
    threads: idle.threads - lostThreads,
    kernelObjects: idle.kernelObjects - lostThreads,
  });
}

describe("a core whose LL thread has faulted", () => {
  it("hands on the lock of the component that it was in, where each has one", () => {
    const all = scene(0, { locking: "component-mutex" });
    const { lab, steady } = all;
    const [from] = lab.pairIn("RUNNING", 1, 1);
    fault(lab, 1, steady);
    const locked = lab.firmware.graph.components.filter(({ ownLock }) => ownLock?.owner != null);
    expect(locked.filter(({ core }) => core === 1)).toEqual([]);
    // Each of these takes the lock of the component that was being copied.
    lab.ok(configSet(from, 0, 5), setState(State.RESET, 1), deletePipeline(1));
    lab.ok(setDx(2, 0), setDx(2, 2));
    endWell(all);
  });

  it.each(["user-ll", "component-mutex"] as const)(
    "goes down even when its modules throw again while they are stopped (%s)",
    (locking) => {
      const all = scene(0, { locking });
      const { lab, steady } = all;
      const ends = lab.pairIn("RUNNING", 1, 1);
      lab.pairIn("RUNNING", 2, 1);
      let thrown = 0;
      for (const end of ends) {
        lab.instance(end).reset = () => {
          thrown++;
          throw new TypeError("wild pointer again");
        };
      }
      fault(lab, 1, steady);
      expect(thrown).toBe(2);
      // All of its pipelines are stopped, those behind the one that threw as well.
      expect([lab.stateOf(1), lab.stateOf(2)]).toEqual(["ready", "ready"]);
      lab.ok(deletePipeline(1), deletePipeline(2), setDx(2, 0), setDx(2, 2));
      endWell(all);
    },
  );

  it("has its DMA chains stopped, which the host can free", () => {
    const all = scene(1);
    const { lab, steady } = all;
    const link = lab.firmware.soc.gateways.get("hda", 1, "playback");
    link.configure({ rateHz: 48_000, channels: 2, containerBytes: 4 });
    let carried = 0;
    link.sink = { write: (_bytes, _offset, length) => (carried += length) };
    const host = lab.streams.allocate("playback");
    const format = { rate: 48_000, channels: 2, containerBits: 32, validBits: 32 } as const;
    host?.configure({ bufferBytes: 384 * 64, periodBytes: 384, format });
    host?.setApplicationPosition(384 * 64);
    const id = (host?.tag ?? 1) - 1;
    lab.ok(chainDma(id, 1, { allocate: true, enable: true }));
    host?.start();
    lab.pairIn("RUNNING", 1, 0);
    run(lab.host, 10, [steady]);
    expect(carried).toBeGreaterThan(0);
    expect(link.running).toBe(true);
    fault(lab, 0, steady);
    expect(link.running).toBe(false);
    const atFault = carried;
    run(lab.host, 20, [steady]);
    expect(carried).toBe(atFault);
    lab.ok(chainDma(id, 1), setState(State.RESET, 1), deletePipeline(1));
    host?.stop();
    host?.release();
    // Core 0 has its LL thread back with the next boot only.
    endWell(all, 1);
  });

  it("has its data-processing threads ended, and the pipelines of other cores that use them stop", () => {
    const all = scene(0);
    const { lab, steady } = all;
    const stream = new EffectStream(lab, 0, [Id.GAIN, 0], {
      dataProcessing: true,
      blockBytes: 3840,
      tail: [0xffff_ffff, 0x7fff_ffff, 0, 0, 0, 0],
      effectCore: 1,
    });
    expect(stream.create(loudNoise(9600))).toBe(0);
    stream.start();
    lab.pairIn("RUNNING", 1, 1);
    run(lab.host, 30, [steady]);
    expect(lab.stateOf(0)).toBe("active");
    const [task] = lab.firmware.dpScheduler.tasks(1);
    fault(lab, 1, steady);
    expect(task?.thread.dead).toBe(true);
    expect(lab.stateOf(0)).toBe("ready");
    stream.tryStop();
    stream.destroy();
    lab.ok(setState(State.RESET, 1), deletePipeline(1), setDx(2, 0), setDx(2, 2));
    expect(lab.firmware.dpScheduler.tasks(1)).toEqual([]);
    lab.ok(createPipeline(1, { core: 1 }), deletePipeline(1));
    endWell(all);
  });
});
