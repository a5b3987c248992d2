import { type Cycles, EventQueue, SimEvent } from "@sof-ts/kit";
import { type FatalInfo, Kernel } from "@sof-ts/kernel";
import {
  ComponentMutexLocking,
  KernelLlLocking,
  LlDomain,
  type LockingStrategy,
  UserLlLocking,
} from "@sof-ts/ll-scheduler";
import { type AudioAllocator, AudioMemory, type AudioModule } from "@sof-ts/module-api";
import { describe, expect, it } from "vitest";
import { AudioGraph, type Component, DirectModule } from "../src/index.js";

const params = { rate: 48_000, channels: 2, frameFmt: 2, validFmt: 2, channelMap: 0x10 } as const;
const idle: AudioModule = {
  prepare: () => 0,
  process: () => 0,
  reset: () => 0,
  free: () => {},
};

type Make = (kernel: Kernel, cores: number) => LockingStrategy;

/** A graph with a component on each of two cores, and a thread on core 0 to change it. */
function machine(make: Make) {
  const faults: FatalInfo[] = [];
  const events = new EventQueue();
  const kernel = new Kernel({
    cpus: 2,
    cyclesPerSecond: 400e6,
    ticksPerSecond: 15_000,
    events,
    onFatal: (info) => {
      faults.push(info);
      return "abort-thread";
    },
  });
  kernel.startCpu(1);
  const locking = make(kernel, 2);
  const domain = new LlDomain({
    kernel,
    locking,
    cores: 2,
    periodUs: 1000,
    memoryDomain: null,
    stackBytes: 8192,
    threadName: "ll_thread",
    ticks: { start: () => {}, stop: () => {} },
  });
  const memory = new AudioMemory(4 * AudioMemory.PAGE_BYTES);
  let next = AudioMemory.RESERVED_BYTES;
  const heap: AudioAllocator = {
    memory,
    alloc: (bytes) => (next += bytes) - bytes,
    free: () => {},
  };
  const graph = new AudioGraph({
    kernel,
    domain,
    locking,
    heap: () => heap,
    events: { processError: () => {} },
  });
  const component = (instanceId: number, core: number): Component => {
    const made = graph.addComponent({
      moduleId: 1,
      instanceId,
      pipelineId: 0,
      core,
      name: `component ${instanceId}`,
      pins: { ibs: 384, obs: 384, params, inputPins: [], outputPins: [] },
      initPayload: new Uint8Array(0),
      cpc: 0,
      module: new DirectModule(idle),
      maxSources: 1,
      maxSinks: 1,
      dataProcessing: false,
    });
    if (typeof made === "number") throw new Error(`no component: ${made}`);
    return made;
  };
  const ends = [component(0, 0), component(1, 1)] as const;
  const run = (body: () => Generator<number, void, number>): void => {
    const thread = kernel.createThread({
      name: "ipc",
      priority: 1,
      delay: Number.POSITIVE_INFINITY,
      entry: body,
    });
    thread.cpuPin(0);
    thread.startNow();
    const end = new SimEvent("end", () => {});
    events.schedule(end, (events.now + 400_000) as Cycles);
    kernel.run(events.now + 400_000);
  };
  return { graph, ends, faults, run, kernel };
}

/** A strategy that forgets the lock of one core. */
function forgetting(make: Make, core: number): Make {
  return (kernel, cores) => {
    const strategy = make(kernel, cores);
    const { lock, lockAll, unlock } = strategy;
    return Object.assign(strategy, {
      *lock(this: LockingStrategy, of: number): Generator<number, void, number> {
        if (of !== core) yield* lock.call(this, of);
      },
      *lockAll(this: LockingStrategy, cores: readonly number[]): Generator<number, void, number> {
        yield* lockAll.call(
          this,
          cores.filter((of) => of !== core),
        );
      },
      *unlock(this: LockingStrategy, of: number): Generator<number, void, number> {
        if (of !== core) yield* unlock.call(this, of);
      },
    });
  };
}

const strategies: readonly { readonly name: string; readonly make: Make }[] = [
  { name: "user LL", make: (kernel, cores) => new UserLlLocking(kernel, cores) },
  { name: "kernel LL", make: (kernel, cores) => new KernelLlLocking(kernel, cores) },
  { name: "component mutexes", make: (kernel, cores) => new ComponentMutexLocking(kernel, cores) },
];

describe.each(strategies)("connections with $name", ({ make }) => {
  it("are made and broken with the graphs of both cores locked", () => {
    const m = machine(make);
    const results: number[] = [];
    m.run(function* () {
      results.push(yield* m.graph.bind(...m.ends, 0, 0));
      results.push(yield* m.graph.unbind(...m.ends, 0, 0));
    });
    expect(m.faults).toEqual([]);
    expect(results).toEqual([0, 0]);
  });

  it.each([0, 1])(
    "are refused as a mistake of the firmware without the lock of core %i",
    (core) => {
      const m = machine(forgetting(make, core));
      m.run(function* () {
        yield* m.graph.bind(...m.ends, 0, 0);
      });
      expect(m.faults.map(({ message }) => message)).toEqual([
        expect.stringContaining(`the graph of core ${core} is changed with`),
      ]);
    },
  );

  it("are not broken without the lock either", () => {
    const m = machine(make);
    m.run(function* () {
      yield* m.graph.bind(...m.ends, 0, 0);
    });
    Object.assign(m.graph.locking, forgetting(() => m.graph.locking, 1)(m.kernel, 2));
    m.run(function* () {
      yield* m.graph.removeComponent(m.ends[1]);
    });
    expect(m.faults.map(({ message }) => message)).toEqual([
      expect.stringContaining("the graph of core 1 is changed with"),
    ]);
  });

  it("of two binds in opposite directions do not wait for one another", () => {
    const m = machine(make);
    const results: number[] = [];
    const [a, b] = m.ends;
    const other = m.kernel.createThread({
      name: "other",
      priority: 1,
      delay: Number.POSITIVE_INFINITY,
      *entry() {
        results.push(yield* m.graph.bind(b, a, 0, 0));
      },
    });
    other.cpuPin(1);
    other.startNow();
    m.run(function* () {
      results.push(yield* m.graph.bind(a, b, 0, 0));
    });
    expect(m.faults).toEqual([]);
    expect(results).toEqual([0, 0]);
  });
});
