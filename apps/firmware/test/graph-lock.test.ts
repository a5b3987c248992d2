import type { ModuleDriver } from "@sof-ts/module-api";
import { describe, expect, it } from "vitest";
import { HostStreams, type LockingName } from "../src/index.js";
import { defaultModules } from "../src/modules.js";
import { base40 } from "./protocol/lab.js";
import { words } from "./payloads.js";
import {
  bind as bindMessage,
  chainDma,
  configGet,
  configSet,
  createPipeline,
  deletePipeline,
  initInstance,
  largeGet,
  largeSet,
  type Message,
  setState,
  State,
  unbind,
} from "./protocol/messages.js";
import { Scripted, ScriptedModules } from "./protocol/scripted-module.js";
import { RawHost } from "./raw-host.js";
import { strategies } from "./strategies.js";
import { modules, NumberedStream, run, setCore } from "./stream.js";

/** Told of each call of a module: what, of which component, on which core it belongs. */
type Seen = (operation: Operation, componentId: number, core: number) => void;

/** Two cores with modules whose every call is announced. */
function boot(locking: LockingName, seen: Seen): { host: RawHost; streams: HostStreams } {
  const drivers = [...defaultModules(), ...new ScriptedModules().drivers];
  const watched = new Map(drivers.map(([id, driver]) => [id, watch(driver, seen)]));
  const host = new RawHost({ modules: watched, config: { platform: "ptl", locking } });
  host.boot();
  setCore(host, 1, true);
  return { host, streams: new HostStreams(host.firmware.soc) };
}

function ok(host: RawHost, ...messages: readonly Message[]): void {
  for (const message of messages) expect(host.status(...message)).toBe(0);
}

/** A pipeline of two modules on core 1, which is asked and told all that a host can ask and tell. */
function converse(host: RawHost): void {
  const [a, b] = [
    [Scripted.OBEDIENT, 0],
    [Scripted.OBEDIENT, 1],
  ] as const;
  ok(
    host,
    createPipeline(5, { core: 1 }),
    initInstance([...a], 5, base40, { core: 1 }),
    initInstance([...b], 5, base40, { core: 1 }),
    bindMessage([...a], [...b]),
    setState(State.PAUSED, 5),
    setState(State.RUNNING, 5),
    configSet([...a], 1, 2),
    largeSet([...a], 3, words([4])),
  );
  expect(host.send(...configGet([...a], 1)).primary & 0xff_ffff).toBe(0);
  expect(host.send(...largeGet([...a], 3, 4096)).primary & 0xff_ffff).toBe(0);
  host.run(3);
  ok(host, setState(State.PAUSED, 5), setState(State.RESET, 5));
  ok(host, unbind([...a], [...b]), deletePipeline(5));
}

describe.each(strategies)("the graph of a core with %s", (locking) => {
  it("has every operation of a module called with the tick excluded from its component", () => {
    const seen = new Set<string>();
    const unprotected: string[] = [];
    const { host, streams } = boot(locking, (operation, id, core) => {
      seen.add(operation);
      const { graph, kernel } = host.firmware;
      const component = graph.component(id);
      // One that is being made is in no graph yet.
      if (operation === "create") return;
      try {
        // One that is being freed has left the graph, not its neighbours' memory.
        if (component === null) graph.locking.assertLocked(core);
        else if (component.ownLock === null) graph.locking.assertLocked(component.core);
        else expect(component.ownLock.owner).toBe(kernel.current);
      } catch {
        unprotected.push(`${operation} of ${id.toString(16)} by ${kernel.current.name}`);
      }
    });
    const stream = new NumberedStream(host, streams, 1, 1);
    stream.create();
    stream.start();
    run(host, 5, [stream]);
    // The channel map of the copier at the link.
    ok(host, largeSet([modules.COPIER, 3], 7, words([0x7654_3210])));
    stream.stop();
    stream.destroy();
    converse(host);
    expect(unprotected).toEqual([]);
    expect([...seen].sort()).toEqual([...operations].sort());
  });

  it("is worked on by the threads of that core, in the mode that the strategy asks for", () => {
    const who = new Map<Operation, Set<string>>();
    const { host } = boot(locking, (operation) => {
      const { kernel } = host.firmware;
      const { current, currentCpu } = kernel;
      const mode = kernel.isUserContext() ? "user" : "kernel";
      const set = who.get(operation) ?? new Set();
      who.set(operation, set.add(`${current.name} ${mode} on ${currentCpu?.id ?? "none"}`));
    });
    const { heap, kernel } = host.firmware;
    const alloc = heap.alloc.bind(heap);
    const allocators = new Set<string>();
    Object.assign(heap, {
      alloc(bytes: number, align?: number): number {
        allocators.add(kernel.current.name);
        return alloc(bytes, align);
      },
    });
    converse(host);
    // The pipeline and its connections, too.
    expect([...allocators]).toEqual(["ll_user1"]);
    const mode = locking === "kernel-ll" ? "kernel" : "user";
    const tick = `ll_${locking === "kernel-ll" ? "kernel" : "thread"}1 ${mode} on 1`;
    for (const [operation, threads] of who) {
      const inTick = operation === "process" || operation === "trigger";
      expect({ operation, threads: [...threads] }).toEqual({
        operation,
        threads: [inTick ? tick : `ll_user1 ${mode} on 1`],
      });
    }
    expect([...who.keys()].sort()).toEqual([...operations].sort());
  });

  it("is copied first in the tick that carries its trigger out", () => {
    const ticks = new Map<string, number[]>();
    const { host } = boot(locking, (operation) => {
      const list = ticks.get(operation) ?? [];
      ticks.set(operation, [...list, host.firmware.domain.scheduler(1)?.stats.ticks ?? -1]);
    });
    converse(host);
    const triggers = ticks.get("trigger") ?? [];
    expect(triggers.length).toBeGreaterThanOrEqual(4);
    // Of both modules: pre-start, start.
    expect(new Set(triggers.slice(0, 4)).size).toBe(1);
    expect(ticks.get("process")?.[0]).toBe(triggers[0]);
  });

  it("is not ticked while a DMA chain starts, pauses or goes", () => {
    const { host, streams } = boot(locking, () => {});
    const { firmware } = host;
    const { dma, gateways } = firmware.soc;
    const stream = streams.allocate("playback");
    if (stream === null) throw new Error("no host stream is left");
    const format = { rate: 48_000, channels: 2, containerBits: 32, validBits: 32 };
    stream.configure({ bufferBytes: 3840, periodBytes: 384, format });
    gateways
      .get("hda", 0, "playback")
      .configure({ rateHz: 48_000, channels: 2, containerBytes: 4 });
    const calls: string[] = [];
    const channel = dma.linkOut.channels[0];
    if (channel === undefined) throw new Error("a platform without link DMA");
    for (const operation of ["start", "pause"] as const) {
      const original = channel[operation].bind(channel);
      Object.assign(channel, {
        [operation](): number {
          firmware.graph.locking.assertLocked(0);
          calls.push(operation);
          return original();
        },
      });
    }
    const host0 = stream.tag - 1;
    ok(host, chainDma(host0, 0, { allocate: true, enable: true }));
    ok(host, chainDma(host0, 0, { allocate: true }));
    ok(host, chainDma(host0, 0, { allocate: true, enable: true }));
    host.run(3);
    ok(host, chainDma(host0, 0));
    expect(calls).toEqual(["start", "pause", "start", "pause"]);
    expect(firmware.kernel.halted).toBeNull();
  });
});

const operations = [
  "create",
  "prepare",
  "process",
  "reset",
  "bind",
  "unbind",
  "trigger",
  "setConfiguration",
  "getConfiguration",
  "setConfigParam",
  "getConfigParam",
  "free",
] as const;
type Operation = (typeof operations)[number];

/** Has every call of an instance announced. */
function watch(driver: ModuleDriver, seen: Seen): ModuleDriver {
  return {
    ...driver,
    create(services, payload) {
      const id = (services.instanceId << 16) | services.moduleId;
      seen("create", id, services.core);
      const module = driver.create(services, payload);
      if (typeof module === "number") return module;
      for (const operation of operations) {
        if (operation === "create") continue;
        const original = module[operation] as ((...args: unknown[]) => unknown) | undefined;
        if (original === undefined) continue;
        Object.assign(module, {
          [operation](...args: unknown[]): unknown {
            seen(operation, id, services.core);
            return original.apply(module, args);
          },
        });
      }
      return module;
    },
  };
}
