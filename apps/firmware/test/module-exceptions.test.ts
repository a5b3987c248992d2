import type { AudioModule, ModuleDriver, ModuleServices } from "@sof-ts/module-api";
import { describe, expect, it } from "vitest";
import type { FirmwareConfig } from "../src/index.js";
import { defaultModules } from "../src/modules.js";
import { EffectStream, loudNoise } from "./effect-stream.js";
import { base, words } from "./payloads.js";
import { base40, Lab } from "./protocol/lab.js";
import {
  bind,
  configGet,
  configSet,
  createPipeline,
  deleteInstance,
  deletePipeline,
  type End,
  initInstance,
  largeGet,
  largeSet,
  type Message,
  setDx,
  setState,
  State,
  unbind,
} from "./protocol/messages.js";
import { Scripted } from "./protocol/scripted-module.js";
import { strategies } from "./strategies.js";
import { NumberedStream, run } from "./stream.js";

const WILD = 70;
const HDA_LINK_OUT = 0x0800;
const FAILURE = 6;
const EXCEPTION_CAUGHT = 0x1b0a_0000;
/** 10 ms blocks. */
const base10ms = words([0, 3840, 3840, 0, ...base.slice(4)]);

type Operation = Exclude<keyof AudioModule, "gateway" | "direction"> | "create";

/** A module that has memory and a gateway, and throws in one of its operations. */
function wildDriver(throwsIn: () => Operation | null): ModuleDriver {
  const trap = (operation: Operation): void => {
    if (throwsIn() === operation) throw new TypeError(`wild pointer in ${operation}`);
  };
  const create = (services: ModuleServices): AudioModule | number => {
    services.heap.alloc(100);
    const gateway = services.openGateway({
      nodeId: HDA_LINK_OUT | (2 + services.instanceId),
      direction: "playback",
      dmaBufferBytes: 768,
      periodBytes: 384,
      config: new Uint8Array(0),
    });
    if (typeof gateway === "number") return gateway;
    trap("create");
    const give = (operation: Operation, result: number) => (): number => {
      trap(operation);
      return result;
    };
    return {
      prepare: give("prepare", 0),
      process: ([source], [sink]) => {
        trap("process");
        const bytes = Math.min(source?.available ?? 0, sink?.free ?? 0);
        source?.consume(bytes);
        sink?.silence(bytes);
        sink?.produce(bytes);
        return 0;
      },
      reset: give("reset", 0),
      free: () => {
        trap("free");
        gateway.free();
      },
      bind: give("bind", 0),
      unbind: give("unbind", 0),
      trigger: give("trigger", 0),
      setConfigParam: give("setConfigParam", 0),
      getConfigParam: give("getConfigParam", 1),
      setConfiguration: give("setConfiguration", 0),
      getConfiguration: give("getConfiguration", 4),
    };
  };
  return {
    manifest: {
      name: "WILD",
      uuid: "00000000-0000-0000-0000-00000000bad0",
      initConfig: "base",
      maxInstances: 4,
      domain: "LL",
      configs: [],
    },
    create,
  };
}

/** A firmware with such a module in its image, and a stream that nothing may disturb. */
function scene(config: Partial<FirmwareConfig>) {
  const trapped: { operation: Operation | null } = { operation: null };
  const own = new Lab();
  const modules = new Map([
    ...defaultModules(),
    ...own.modules.drivers,
    [WILD, wildDriver(() => trapped.operation)] as const,
  ]);
  const lab = new Lab({ config: { platform: "ptl", ...config }, modules });
  lab.cores(1);
  const steady = new NumberedStream(lab.host, lab.streams, 7, 0);
  steady.create();
  steady.start();
  run(lab.host, 5, [steady]);
  return { lab, steady, trapped };
}

/** The wild module's neighbours. */
const before: End = [Scripted.OBEDIENT, 5];
const behind: End = [Scripted.OBEDIENT, 6];
const wild: End = [WILD, 0];
const spare: End = [WILD, 1];

/** Says a message with an operation trapped, and looks at what comes of it. */
const says: readonly (readonly [Operation, (core: number) => Message])[] = [
  ["setConfigParam", () => configSet(wild, 3, 1)],
  ["getConfigParam", () => configGet(wild, 3)],
  ["setConfiguration", () => largeSet(wild, 3, new Uint8Array(64))],
  ["getConfiguration", () => largeGet(wild, 3, 64)],
  ["unbind", () => unbind(before, wild)],
  ["bind", () => bind(wild, behind)],
  ["create", (core) => initInstance(spare, 1, base40, { core })],
];

const variants = [
  ...strategies.map((locking) => ({
    what: `in the LL tick, with ${locking}`,
    config: { locking },
    dataProcessing: false,
  })),
  ...[
    { how: "its operations by the proxy", config: {} },
    {
      how: "its operations by its own thread",
      config: { CONFIG_SOF_USERSPACE_MOD_IPC_BY_DP_THREAD: true },
    },
    { how: "its operations by the IPC thread", config: { CONFIG_SOF_USERSPACE_PROXY: false } },
    { how: "in kernel mode", config: { locking: "kernel-ll" as const } },
  ].map(({ how, config }) => ({
    what: `in a thread of its own, ${how}`,
    config,
    dataProcessing: true,
  })),
];

describe.each(variants)("a module that throws, $what", ({ config, dataProcessing }) => {
  const make = (lab: Lab, core: number): void => {
    const payload = dataProcessing ? base10ms : base40;
    lab.ok(
      createPipeline(1, { core }),
      initInstance(before, 1, base40, { core }),
      initInstance(wild, 1, payload, { core, dataProcessing }),
      initInstance(behind, 1, base40, { core }),
      bind(before, wild),
    );
  };
  const undo = (lab: Lab): void => {
    lab.status(setState(State.PAUSED, 1));
    lab.status(setState(State.RESET, 1));
    lab.status(deletePipeline(1));
  };

  it.each([0, 1])("fails each message that it throws in, on core %i, and nothing else", (core) => {
    const { lab, steady, trapped } = scene(config);
    const idle = lab.firmware.resources;
    for (const [operation, message] of says) {
      make(lab, core);
      trapped.operation = operation;
      expect(lab.status(message(core)), operation).not.toBe(0);
      trapped.operation = null;
      // The message is over: others are answered, in the same graph.
      expect(lab.status(configGet(before, 0)), operation).toBe(0);
      undo(lab);
      expect(lab.firmware.resources, operation).toEqual(idle);
    }
    run(lab.host, 5, [steady]);
    expect(steady.faults).toEqual([]);
    expect(lab.notifications()).toEqual([]);
    expect(lab.firmware.moduleFaults.count).toBe(says.length);
  });

  it.each(["prepare", "reset"] as const)(
    "fails the change of state that it throws in: %s",
    (operation) => {
      const { lab, steady, trapped } = scene(config);
      const idle = lab.firmware.resources;
      make(lab, 1);
      lab.ok(bind(wild, behind));
      if (operation === "reset") lab.ok(setState(State.PAUSED, 1), setState(State.RUNNING, 1));
      lab.ok(setState(State.PAUSED, 1));
      trapped.operation = operation;
      const state = operation === "reset" ? State.RESET : State.RUNNING;
      expect(lab.status(setState(state, 1))).not.toBe(0);
      trapped.operation = null;
      undo(lab);
      run(lab.host, 5, [steady]);
      expect(lab.firmware.resources).toEqual(idle);
      expect(steady.faults).toEqual([]);
    },
  );

  it.each([
    ["DELETE_INSTANCE", () => deleteInstance(wild)],
    ["DELETE_PIPELINE", () => deletePipeline(1)],
  ] as const)("is gone with all that it had when it throws in free(): %s", (_name, message) => {
    const { lab, steady, trapped } = scene(config);
    const idle = lab.firmware.resources;
    for (const core of [0, 1]) {
      make(lab, core);
      trapped.operation = "free";
      expect(lab.status(message())).toBe(FAILURE);
      trapped.operation = null;
      lab.status(deletePipeline(1));
      expect(lab.firmware.resources).toEqual(idle);
      // The gateway that it did not give back can be had again.
      make(lab, core);
      undo(lab);
    }
    lab.ok(setDx(2, 0));
    run(lab.host, 5, [steady]);
    expect(steady.faults).toEqual([]);
  });
});

describe("a data-processing module of the image that throws in a run", () => {
  it.each([0, 1])("loses its thread on core %i; its pipeline stops and says so", (core) => {
    const { lab, steady, trapped } = scene({});
    const idle = lab.firmware.resources;
    const stream = new EffectStream(lab, 1, wild, {
      dataProcessing: true,
      blockBytes: 3840,
      effectCore: core,
    });
    expect(stream.create(loudNoise(4800))).toBe(0);
    stream.start();
    run(lab.host, 5, [steady]);
    trapped.operation = "process";
    run(lab.host, 30, [steady]);
    trapped.operation = null;
    const [task] = lab.firmware.dpScheduler.tasks(core);
    expect([task?.thread.dead, lab.stateOf(1)]).toEqual([true, "ready"]);
    expect(lab.notifications().map(({ primary }) => primary)).not.toContain(EXCEPTION_CAUGHT);
    expect(lab.status(configSet(wild, 3, 1))).not.toBe(0);
    stream.tryStop();
    stream.tryDestroy();
    run(lab.host, 10, [steady]);
    expect(lab.firmware.resources).toEqual(idle);
    expect(steady.faults).toEqual([]);
  });
});
