import { assert } from "@sof-ts/kit";
import { Sem } from "@sof-ts/kernel";
import type { AudioModule, ModuleDriver } from "@sof-ts/module-api";
import { PipelineState } from "@sof-ts/pipeline";
import { describe, expect, it } from "vitest";
import type { LockingName } from "../src/index.js";
import { defaultModules } from "../src/modules.js";
import { base, words } from "./payloads.js";
import { base40, Id, Lab } from "./protocol/lab.js";
import {
  bind,
  configGet,
  createPipeline,
  deletePipeline,
  type End,
  initInstance,
  largeSet,
  type Message,
  setDx,
  setState,
  State,
} from "./protocol/messages.js";
import { Scripted } from "./protocol/scripted-module.js";
import { NumberedStream, run } from "./stream.js";

const WRONG = 70;
const FAILURE = 6;
const EXCEPTION_CAUGHT = 0x1b0a_0000;
/** Unity gain in blocks of 10 ms. */
const volumeWords = [0xffff_ffff, 0x7fff_ffff, 0, 0, 0, 0];
const gain10ms = words([0, 3840, 3840, 0, ...base.slice(4), ...volumeWords]);
const wrong: End = [WRONG, 0];
const spare: End = [Scripted.OBEDIENT, 9];

type Operation = "create" | "bind" | "setConfiguration" | "getConfigParam";

/** A module that does, in one of its operations, what a thread without privileges must not. */
function driver(wrongIn: () => Operation | null, doWrong: () => void): ModuleDriver {
  const at = (operation: Operation, result: number): number => {
    if (wrongIn() === operation) doWrong();
    return result;
  };
  return {
    manifest: {
      name: "WRONG",
      uuid: "00000000-0000-0000-0000-00000000bad1",
      initConfig: "base",
      maxInstances: 4,
      domain: "LL",
      configs: [],
    },
    create: (): AudioModule => {
      at("create", 0);
      return {
        prepare: () => 0,
        process: () => 0,
        reset: () => 0,
        free: () => {},
        bind: () => at("bind", 0),
        setConfiguration: () => at("setConfiguration", 0),
        getConfigParam: () => at("getConfigParam", 1),
      };
    },
  };
}

/** Names of the kernel objects that the IPC thread of a core may use. */
function access({ firmware }: Lab, core: number): readonly string[] {
  const thread = [...firmware.kernel.threads].find(
    ({ name, dead }) => name === `ll_user${core}` && !dead,
  );
  assert(thread !== undefined, "the core is up");
  return firmware.kernel.accessList(thread).map(({ name }) => name);
}

const says: readonly (readonly [Operation, (core: number) => Message])[] = [
  ["create", (core) => initInstance(wrong, 1, base40, { core })],
  ["bind", () => bind(wrong, spare)],
  ["setConfiguration", () => largeSet(wrong, 5, new Uint8Array(8))],
  ["getConfigParam", () => configGet(wrong, 3)],
];

const userStrategies: readonly LockingName[] = ["user-ll", "component-mutex"];
const deeds = ["a system call that it may not make", "an access that needs privileges"] as const;

function scene(locking: LockingName, deed: (typeof deeds)[number]) {
  let operation: Operation | null = null;
  const own = new Lab();
  const modules = new Map([
    ...defaultModules(),
    ...own.modules.drivers,
    [
      WRONG,
      driver(
        () => operation,
        () => {
          const { kernel } = lab.firmware;
          if (deed === "an access that needs privileges") kernel.irqLock();
          else secret.giveNow();
        },
      ),
    ] as const,
  ]);
  const lab: Lab = new Lab({ config: { platform: "ptl", locking }, modules });
  const secret = new Sem(lab.firmware.kernel, 0, 1, "not granted");
  lab.cores(1);
  const streams = [0, 1].map((core) => new NumberedStream(lab.host, lab.streams, 6 + core, core));
  for (const stream of streams) {
    stream.create();
    stream.start();
  }
  run(lab.host, 5, streams);
  const wrongIn = (next: Operation | null): void => {
    operation = next;
  };
  return { lab, streams: streams as [NumberedStream, NumberedStream], wrongIn };
}

const cases = userStrategies.flatMap((locking) =>
  deeds.flatMap((deed) =>
    says.map(([operation, message]) => ({ locking, deed, operation, message })),
  ),
);

describe.each([0, 1])("an IPC thread of core %i", (core) => {
  it.each(cases)(
    "that makes $deed in $operation with $locking fails its message only; the other core never notices",
    ({ locking, deed, operation, message }) => {
      const { lab, streams, wrongIn } = scene(locking, deed);
      // A thread of its own and its kernel objects, made by the thread that is about to end.
      const volume = initInstance([Id.GAIN, 3], 3, gain10ms, { core, dataProcessing: true });
      lab.ok(createPipeline(3, { core }), volume);
      lab.ok(createPipeline(1, { core }), initInstance(spare, 1, base40, { core }));
      if (operation !== "create") lab.ok(initInstance(wrong, 1, base40, { core }));
      const mayUse = access(lab, core);
      wrongIn(operation);
      const before = lab.firmware.kernel.now;
      expect(lab.status(message(core))).toBe(FAILURE);
      // At once, and not when a time-out has run off.
      expect(lab.firmware.kernel.now - before).toBeLessThan(400_000);
      wrongIn(null);
      const here = streams[core] as NumberedStream;
      const there = streams[1 - core] as NumberedStream;
      const stopped = lab.notifications();
      if (operation !== "create") {
        // It had the lock of the graph: what it left there is not to be trusted.
        const states = lab.firmware.graph.pipelines.map((each) => [each.core, each.state]);
        expect(states).not.toContainEqual([core, PipelineState.ACTIVE]);
        expect(states).toContainEqual([1 - core, PipelineState.ACTIVE]);
        expect(stopped).toMatchObject([{ primary: EXCEPTION_CAUGHT, extension: core }]);
        run(lab.host, 20, [there]);
      } else {
        expect(stopped).toEqual([]);
        run(lab.host, 20, streams);
        expect(here.faults).toEqual([]);
        expect(here.framesHeard).toBeGreaterThan(48 * 20);
      }
      expect(there.faults).toEqual([]);
      expect(there.framesHeard).toBeGreaterThan(48 * 20);
      // Another thread serves the core, and has all that the first had.
      expect(access(lab, core)).toEqual(mayUse);
      lab.ok(bind([Id.GAIN, 3], spare), deletePipeline(3), deletePipeline(1));
      lab.pairIn("RUNNING", 2, core);
      run(lab.host, 5, [there]);
      lab.ok(setState(State.PAUSED, 2), setState(State.RESET, 2), deletePipeline(2));
    },
  );
});

describe("a core whose IPC thread faulted", () => {
  it("goes down and comes up again, with nothing left of either thread", () => {
    const { lab, streams, wrongIn } = scene("user-ll", "a system call that it may not make");
    for (const stream of streams) {
      stream.stop();
      stream.destroy();
    }
    const idle = lab.firmware.resources;
    for (let round = 0; round < 3; round++) {
      lab.ok(createPipeline(1, { core: 1 }));
      wrongIn("create");
      expect(lab.status(initInstance(wrong, 1, base40, { core: 1 }))).toBe(FAILURE);
      wrongIn(null);
      lab.ok(deletePipeline(1));
      expect({ ...lab.firmware.resources, heapBlocks: 0, heapBytes: 0 }).toEqual({
        ...idle,
        heapBlocks: 0,
        heapBytes: 0,
      });
      lab.ok(setDx(2, 0), setDx(2, 2));
    }
  });
});
