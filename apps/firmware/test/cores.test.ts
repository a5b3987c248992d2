import type { KernelTrace } from "@sof-ts/kernel";
import { SchedulerType } from "@sof-ts/ll-scheduler";
import { describe, expect, it } from "vitest";
import { Lab } from "./protocol/lab.js";
import {
  createPipeline,
  deletePipeline,
  initInstance,
  setDx,
  setState,
  setStates,
  State,
} from "./protocol/messages.js";
import { base40 } from "./protocol/lab.js";
import { Scripted } from "./protocol/scripted-module.js";
import { strategies } from "./strategies.js";
import { NumberedStream, run } from "./stream.js";

const FAILURE = 6;
const MS = 400_000;

describe.each(strategies)("a secondary core, with %s", (locking) => {
  it("initialises itself, on itself, and its threads never run elsewhere", () => {
    const places = new Map<string, Set<number>>();
    const trace: KernelTrace = {
      threadSwitch: (_time, cpu, _from, { name }) => {
        const seen = places.get(name) ?? new Set();
        places.set(name, seen.add(cpu));
      },
    };
    const lab = new Lab({ config: { platform: "ptl", locking }, trace });
    lab.cores(1, 2, 3, 4);
    const streams = [1, 2, 3, 4].map(
      (core) => new NumberedStream(lab.host, lab.streams, core, core),
    );
    for (const stream of streams) stream.create();
    for (const stream of streams) stream.start();
    run(lab.host, 10, streams);
    expect([...(places.get("ipc") ?? [])]).toEqual([0]);
    const ll = locking === "kernel-ll" ? "ll_kernel" : "ll_thread";
    for (const core of [1, 2, 3, 4]) {
      for (const name of [`core${core} init`, `${ll}${core}`, `ll_user${core}`]) {
        expect([name, ...(places.get(name) ?? [])]).toEqual([name, core]);
      }
    }
    expect(streams.flatMap(({ faults }) => faults)).toEqual([]);
  });

  it("is without power or life when it cannot be initialised, and while it is off", () => {
    const busy = new Map<number, number>();
    const trace: KernelTrace = {
      isrEnter: (_time, cpu) => busy.set(cpu, (busy.get(cpu) ?? 0) + 1),
      threadSwitch: (_time, cpu) => busy.set(cpu, (busy.get(cpu) ?? 0) + 1),
    };
    const lab = new Lab({ config: { platform: "ptl", locking }, trace });
    const isOff = (core: number): void => {
      const { kernel, soc } = lab.firmware;
      expect(soc.cores[core]).toMatchObject({ state: "off", timer: { running: false } });
      expect(kernel.cpus[core]?.online).toBe(false);
      expect(lab.firmware.coreEnabled(core)).toBe(false);
      const before = busy.get(core);
      lab.run(5);
      expect(busy.get(core)).toBe(before);
    };
    const idle = lab.firmware.resources;
    for (const core of [1, 4]) {
      const mask = 1 << core;
      lab.firmware.heap.failAfter(0);
      expect(lab.status(setDx(mask, mask))).toBe(FAILURE);
      isOff(core);
      lab.ok(setDx(mask, mask));
      lab.run(7);
      lab.ok(setDx(mask, 0));
      isOff(core);
      expect(lab.firmware.resources).toEqual(idle);
      // It begins from nothing: every tick is there and none is left over.
      lab.ok(setDx(mask, mask));
      lab.run(5);
      const stats = lab.firmware.domain.scheduler(core)?.stats;
      expect(stats?.overruns).toBe(0);
      expect(stats?.ticks).toBeGreaterThanOrEqual(4);
      expect(stats?.ticks).toBeLessThanOrEqual(7);
      lab.ok(setDx(mask, 0));
    }
  });

  it("has its schedulers on the list of the threads that use them, while it is on", () => {
    const lab = new Lab({ config: { platform: "ptl", locking } });
    const { domain, dpScheduler } = lab.firmware;
    const { schedulers } = domain;
    const { DP } = SchedulerType;
    const user = locking !== "kernel-ll";
    const lists = (): readonly unknown[] => [
      schedulers.userData(1, DP),
      schedulers.kernelData(1, DP),
    ];
    for (let life = 0; life < 2; life++) {
      expect(lists()).toEqual([null, null]);
      lab.cores(1);
      expect(lists()[user ? 0 : 1]).toBe(dpScheduler);
      expect(lists()[user ? 1 : 0]).toBeNull();
      lab.ok(setDx(2, 0));
    }
  });

  it("that does not come up in time is refused, is off, and can be had later", () => {
    const lab = new Lab({ config: { platform: "ptl", locking } });
    const idle = lab.firmware.resources;
    const core = lab.firmware.soc.cores[2] as unknown as { bootCycles: number };
    const usual = core.bootCycles;
    core.bootCycles = 150 * MS;
    expect(lab.status(setDx(4, 4))).toBe(FAILURE);
    core.bootCycles = usual;
    // What was late does not come any more.
    lab.run(100);
    expect(lab.firmware.soc.cores[2]?.state).toBe("off");
    expect(lab.firmware.resources).toEqual(idle);
    lab.ok(setDx(4, 4), createPipeline(0, { core: 2 }), deletePipeline(0), setDx(4, 0));
    expect(lab.firmware.resources).toEqual(idle);
  });

  it("is not powered down while anything of it is in use: a pipeline, or an instance of another's", () => {
    const lab = new Lab({ config: { platform: "ptl", locking } });
    lab.cores(1, 2);
    lab.ok(createPipeline(0, { core: 1 }));
    expect(lab.status(setDx(2, 0))).toBe(FAILURE);
    expect(lab.firmware.coreEnabled(1)).toBe(true);
    lab.ok(initInstance([Scripted.OBEDIENT, 0], 0, base40, { core: 2 }));
    expect(lab.status(setDx(4, 0))).toBe(FAILURE);
    expect(lab.firmware.coreEnabled(2)).toBe(true);
    // Still in order: it serves its pipelines.
    lab.ok(createPipeline(1, { core: 2 }), deletePipeline(1), deletePipeline(0), setDx(6, 0));
  });
});

describe.each(strategies)(
  "one change of state for pipelines of several cores, with %s",
  (locking) => {
    const scene = (): Lab => {
      const lab = new Lab({ config: { platform: "ptl", locking } });
      lab.cores(1, 2, 3, 4);
      for (const id of [0, 1, 2, 3, 4]) lab.pair(id, id);
      return lab;
    };
    const states = (lab: Lab): readonly (string | undefined)[] =>
      [0, 1, 2, 3, 4].map((id) => lab.stateOf(id));
    const all = (state: string): readonly string[] => Array.from({ length: 5 }, () => state);

    it("takes all of them there and back", () => {
      const lab = scene();
      lab.ok(setStates(State.PAUSED, 4, 1, 0, 3, 2));
      expect(states(lab)).toEqual(all("ready"));
      lab.ok(setStates(State.RUNNING, 2, 0, 4, 3, 1));
      expect(states(lab)).toEqual(all("active"));
      lab.run(3);
      for (const { core, periods } of lab.firmware.graph.components) {
        expect([core, periods >= 2]).toEqual([core, true]);
      }
      lab.ok(setStates(State.PAUSED, 0, 1, 2, 3, 4));
      expect(states(lab)).toEqual(all("paused"));
      lab.ok(setStates(State.RUNNING, 4, 3, 2, 1, 0));
      expect(states(lab)).toEqual(all("active"));
      lab.ok(setStates(State.PAUSED, 0, 2, 4, 1, 3), setStates(State.RESET, 1, 3, 0, 2, 4));
      expect(states(lab)).toEqual(all("ready"));
    });

    it("prepares all of them before it starts the first", () => {
      const lab = scene();
      lab.ok(setStates(State.PAUSED, 0, 1, 2, 3, 4));
      const logs = [...lab.modules.instances.values()].map(({ log }) => log);
      for (const log of logs) log.length = 0;
      const order: string[] = [];
      for (const [i, module] of [...lab.modules.instances.values()].entries()) {
        const { prepare, trigger } = module;
        module.prepare = () => {
          order.push(`prepare ${i >> 1}`);
          return prepare.call(module);
        };
        module.trigger = (command) => {
          order.push(`${command} ${i >> 1}`);
          return trigger.call(module, command);
        };
      }
      lab.ok(setStates(State.RUNNING, 0, 1, 2, 3, 4));
      const lastPrepare = order.findLastIndex((step) => step.startsWith("prepare"));
      const firstStart = order.findIndex((step) => step.startsWith("pre-start"));
      expect(order.filter((step) => step.startsWith("prepare"))).toHaveLength(10);
      expect(firstStart).toBeGreaterThan(lastPrepare);
    });

    it("starts none of them when one refuses, on whichever core", () => {
      for (const refusing of [0, 2, 4]) {
        const lab = scene();
        lab.ok(setStates(State.PAUSED, 0, 1, 2, 3, 4));
        const module = lab.instance([Scripted.OBEDIENT, 2 * refusing]);
        module.prepare = () => -22;
        expect(lab.status(setStates(State.RUNNING, 0, 1, 2, 3, 4))).not.toBe(0);
        lab.run(3);
        expect(states(lab)).not.toContain("active");
        for (const { periods } of lab.firmware.graph.components) expect(periods).toBe(0);
        // Each of them can be put away.
        for (const id of [0, 1, 2, 3, 4]) {
          // From between two states there is a way by PAUSED only.
          lab.status(setState(State.PAUSED, id));
          lab.status(setState(State.RESET, id));
          lab.ok(deletePipeline(id));
        }
        lab.ok(setDx(0b1_1110, 0));
      }
    });
  },
);
