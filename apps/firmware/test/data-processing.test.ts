import { Random } from "@sof-ts/kit";
import { describe, expect, it } from "vitest";
import { base, words } from "./payloads.js";
import { EffectStream, type EffectOptions, loudNoise } from "./effect-stream.js";
import { Id, Lab } from "./protocol/lab.js";
import { configGet, createPipeline, initInstance, setState, State } from "./protocol/messages.js";
import { strategies } from "./strategies.js";
import { NumberedStream } from "./stream.js";

/** A gain that lets everything through, in blocks of 10 ms. */
const unityGain = {
  dataProcessing: true,
  blockBytes: 3840,
  tail: [0xffff_ffff, 0x7fff_ffff, 0, 0, 0, 0],
} satisfies EffectOptions;
const input = loudNoise(9600);
const first = (frames: number): Int32Array => input.slice(0, 2 * frames);

describe("a module with blocks of 10 ms between pipelines of 1 ms", () => {
  it.each([
    ["in user mode, behind the proxy", {}],
    [
      "in user mode, its operations by its own thread",
      { CONFIG_SOF_USERSPACE_MOD_IPC_BY_DP_THREAD: true },
    ],
    ["in user mode, its operations by the IPC thread", { CONFIG_SOF_USERSPACE_PROXY: false }],
    ["in kernel mode", { locking: "kernel-ll" }],
    ["beside component mutexes", { locking: "component-mutex" }],
  ] as const)("passes every frame once, %s", (_how, config) => {
    for (const core of [0, 1]) {
      const lab = new Lab({ config });
      lab.cores(1);
      const before = lab.firmware.resources;
      const stream = new EffectStream(lab, 0, [Id.GAIN, 0], { ...unityGain, effectCore: core });
      expect(stream.create(input)).toBe(0);
      stream.start();
      lab.run(150);
      expect(stream.audio(5000)).toEqual(first(5000));
      stream.stop();
      stream.destroy();
      expect(lab.firmware.resources).toEqual(before);
    }
  });

  it("has a memory domain of its own, which grants its own pages only", () => {
    const lab = new Lab();
    const stream = new EffectStream(lab, 0, [Id.GAIN, 0], unityGain);
    stream.create(input);
    const [task] = lab.firmware.dpScheduler.tasks(0);
    const domain = task?.thread.domain;
    const granted = domain?.partitions.filter((each) => each !== null) ?? [];
    expect(granted).toHaveLength(1);
    expect(granted[0]?.size).toBe(0x1_0000);
    expect(task?.thread.userMode).toBe(true);
    const llHeap = lab.firmware.domain.thread(0)?.domain?.partitions[0];
    expect(granted[0]?.start).toBeGreaterThanOrEqual(llHeap?.start ?? Infinity);
  });

  it("is one of sixteen at most; another is refused and leaves nothing", () => {
    const lab = new Lab();
    lab.ok(createPipeline(0));
    const payload = words([0, 3840, 3840, 0, ...base.slice(4), ...unityGain.tail]);
    for (let i = 0; i < 16; i++) {
      lab.ok(initInstance([Id.GAIN, i], 0, payload, { dataProcessing: true }));
    }
    const before = lab.firmware.resources;
    expect(lab.status(initInstance([Id.GAIN, 16], 0, payload, { dataProcessing: true }))).toBe(104);
    expect(lab.firmware.resources).toEqual(before);
  });
});

describe.each(strategies)("a module with blocks of 10 ms, with %s", (locking) => {
  it("plays again after a stop, and goes on after a pause", () => {
    const lab = new Lab({ config: { locking } });
    const stream = new EffectStream(lab, 0, [Id.GAIN, 0], unityGain);
    stream.create(input);
    stream.start();
    lab.run(50);
    lab.ok(setState(State.PAUSED, 0));
    lab.run(20);
    lab.ok(setState(State.RUNNING, 0));
    lab.run(100);
    expect(stream.audio(5000)).toEqual(first(5000));
    stream.stop();
    stream.start();
    lab.run(60);
    expect(stream.heard.some((sample) => sample !== 0)).toBe(true);
  });

  it("is stopped and deleted at any time beside a stream that notices nothing", () => {
    const lab = new Lab({ config: { locking } });
    lab.cores(1);
    const steady = new NumberedStream(lab.host, lab.streams, 7, 0);
    steady.create();
    steady.start();
    const random = new Random(4711);
    const before = lab.firmware.resources;
    for (let cycle = 0; cycle < 40; cycle++) {
      const core = cycle % 2;
      const stream = new EffectStream(lab, 0, [Id.GAIN, 0], { ...unityGain, effectCore: core });
      expect(stream.create(first(480))).toBe(0);
      stream.start();
      lab.run(random.below(25_000) / 1000);
      steady.feed();
      if (cycle % 3 === 0) lab.ok(setState(State.PAUSED, 0));
      lab.status(configGet([Id.GAIN, 0], 0));
      stream.stop();
      lab.run(random.below(3000) / 1000);
      stream.destroy();
      expect(lab.firmware.resources).toEqual(before);
    }
    expect(steady.faults).toEqual([]);
    expect(steady.framesHeard).toBeGreaterThan(48 * 330);
  });
});
