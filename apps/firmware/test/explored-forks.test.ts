import { explore } from "@sof-ts/explorer";
import { type Cycles, EventQueue, SimEvent } from "@sof-ts/kit";
import { type Chooser, type FatalInfo, Kernel, KHeap, Sem } from "@sof-ts/kernel";
import { LlDomain } from "@sof-ts/ll-scheduler";
import { type AudioAllocator, AudioMemory, type AudioModule } from "@sof-ts/module-api";
import {
  AudioGraph,
  type Component,
  DirectModule,
  type Pipeline,
  type PipelineCommand,
  preparePipeline,
  resetPipeline,
  TriggerBatch,
  triggerPipeline,
} from "@sof-ts/pipeline";
import { describe, expect, it } from "vitest";
import { makeLocking } from "../src/ll-domain.js";
import { strategies } from "./strategies.js";

const MS = 400_000;
const BLOCK = 384;
const params = { rate: 48_000, channels: 2, frameFmt: 2, validFmt: 2, channelMap: 0x10 } as const;

type Blocking = Generator<number, void, number>;
type Locking = (typeof strategies)[number];

/** What must never be touched again: modules and rings that were freed. */
class Heap implements AudioAllocator {
  readonly memory = new AudioMemory(4 * AudioMemory.PAGE_BYTES);
  readonly live = new Set<number>();
  private next: number = AudioMemory.RESERVED_BYTES;

  alloc(bytes: number): number {
    const address = this.next;
    this.next += Math.ceil(bytes / 16) * 16;
    this.live.add(address);
    return address;
  }

  free(address: number): void {
    if (!this.live.delete(address)) throw new Error(`0x${address.toString(16)} is freed twice`);
  }
}

/** A fork: a source with two ways out in two pipelines of core 0, and threads that work on it from `core`. */
class Fork {
  readonly kernel: Kernel;
  readonly faults: string[] = [];
  /** Blocks that the branch which plays on has had, in order. */
  readonly heard: number[] = [];
  private readonly heap = new Heap();
  private readonly graph: AudioGraph;
  private readonly core: number;
  private readonly done: Sem;
  private readonly domain: LlDomain;
  private sent = 0;
  private readonly grant: (thread: ReturnType<Kernel["createThread"]>) => void;

  constructor(locking: Locking, core: number, chooser: Chooser) {
    const events = new EventQueue();
    this.core = core;
    this.kernel = new Kernel({
      cpus: 2,
      cyclesPerSecond: 400e6,
      ticksPerSecond: 15_000,
      events,
      chooser,
      onFatal: ({ message }: FatalInfo) => {
        this.faults.push(message);
        return "abort-thread";
      },
    });
    const { kernel } = this;
    kernel.startCpu(1);
    const strategy = makeLocking(locking, kernel, 2);
    this.grant = (thread) => {
      for (const each of [0, 1]) strategy.grant(thread, each);
    };
    this.done = new Sem(kernel, 0, 1, "triggers done");
    this.domain = new LlDomain({
      kernel,
      locking: strategy,
      cores: 2,
      periodUs: 1000,
      memoryDomain: null,
      stackBytes: 8192,
      threadName: "ll_thread",
      ticks: {
        start: (at, _periodUs, isr) => {
          kernel.irqConnect(at, 3, isr);
          kernel.irqEnable(at, 3);
          const timer: SimEvent = new SimEvent("timer", () => {
            events.schedule(timer, (events.now + MS) as Cycles);
            kernel.irqRaise(at, 3);
          });
          events.schedule(timer, MS as Cycles);
        },
        stop: () => {},
      },
    });
    this.domain.threadInit(0).next();
    const llThread = this.domain.thread(0);
    if (llThread !== null) kernel.accessGrant(this.done, llThread);
    this.graph = new AudioGraph({
      kernel,
      domain: this.domain,
      locking: strategy,
      heap: () => this.heap,
      events: { processError: (_component, rc) => this.faults.push(`copy ${rc}`) },
    });
  }

  /** Runs `body` as an IPC thread does. */
  ipc(body: () => Blocking): void {
    const { kernel, domain } = this;
    const thread = kernel.createThread({
      name: "ipc",
      priority: -1,
      user: domain.thread(0)?.userMode ?? false,
      delay: Number.POSITIVE_INFINITY,
      entry: body,
    });
    thread.cpuPin(this.core);
    thread.heapAssign(new KHeap(kernel, { base: 0x4000_0000, size: 0x4000 }, "objects"));
    this.grant(thread);
    kernel.accessGrant(this.done, thread);
    thread.startNow();
  }

  *build(): Blocking {
    for (const id of [0, 1]) {
      const made = yield* this.graph.createPipeline({
        id,
        priority: 0,
        core: 0,
        lowPower: false,
        memoryPages: 0,
        attributes: 0,
      });
      if (typeof made === "number") throw new Error(`no pipeline: ${made}`);
    }
    const source = this.add(0, 0, (_from, to) => this.feed(to));
    const stays = this.add(1, 0, (from) => this.take(from, true));
    const goes = this.add(2, 1, (from) => this.take(from, false));
    yield* this.graph.bind(source, stays, 0, 0);
    yield* this.graph.bind(source, goes, 1, 0);
    for (const id of [0, 1]) {
      yield* this.command(id, "pause");
      yield* this.command(id, "run");
    }
  }

  /** Stops the second branch. */
  *stop(): Blocking {
    yield* this.command(1, "pause");
    yield* this.command(1, "reset");
  }

  /** Frees the second branch. */
  *free(how: (typeof ways)[number]): Blocking {
    const [source, , goes] = this.graph.components;
    if (source === undefined || goes === undefined) throw new Error("a part is missing");
    if (how === "unbind first") yield* this.graph.unbind(source, goes, 1, 0);
    if (how === "delete the module") yield* this.graph.removeComponent(goes);
    const rc = yield* this.graph.deletePipeline(this.pipeline(1));
    if (rc !== 0) throw new Error(`the pipeline is not deleted: ${rc}`);
  }

  get parts(): readonly [pipelines: number, components: number, tasks: number] {
    const { graph, domain } = this;
    return [
      graph.pipelines.length,
      graph.components.length,
      domain.scheduler(0)?.taskCount ?? Number.NaN,
    ];
  }

  private pipeline(id: number): Pipeline {
    const found = this.graph.pipeline(id);
    if (found === null) throw new Error(`no pipeline ${id}`);
    return found;
  }

  /** SET_PIPELINE_STATE for one pipeline. */
  private *command(id: number, command: PipelineCommand): Blocking {
    const pipeline = this.pipeline(id);
    const prepared = yield* preparePipeline(this.graph, pipeline, command);
    if (prepared !== "done") throw new Error(`${command} of ${id}: ${prepared}`);
    const batch = yield* TriggerBatch.begin(this.done);
    const triggered = yield* triggerPipeline(this.graph, pipeline, command, batch);
    if (triggered !== "done") throw new Error(`${command} of ${id}: ${triggered}`);
    const rc = yield* batch.wait();
    if (rc !== 0) throw new Error(`${command} of ${id}: ${rc}`);
    if (command === "reset") yield* resetPipeline(this.graph, pipeline);
  }

  private add(instanceId: number, pipelineId: number, process: AudioModule["process"]): Component {
    let freed = false;
    const module: AudioModule = {
      cost: { cycles: 700 },
      prepare: () => 0,
      reset: () => 0,
      process: (from, to) => {
        if (freed) throw new Error(`module ${instanceId} runs after it was freed`);
        for (const { start } of [...from, ...to])
          if (!this.heap.live.has(start)) throw new Error("a ring is used after it was freed");
        return process(from, to);
      },
      free: () => {
        freed = true;
      },
    };
    const component = this.graph.addComponent({
      moduleId: 1,
      instanceId,
      pipelineId,
      core: 0,
      name: `component ${instanceId}`,
      pins: { ibs: BLOCK, obs: BLOCK, params, inputPins: [], outputPins: [] },
      initPayload: new Uint8Array(0),
      cpc: 0,
      module: new DirectModule(module),
      maxSources: 1,
      maxSinks: 2,
      dataProcessing: false,
    });
    if (typeof component === "number") throw new Error(`no component: ${component}`);
    return component;
  }

  /** A numbered block to every way out that is listened to and has room. */
  private feed(sinks: Parameters<AudioModule["process"]>[1]): number {
    this.sent++;
    for (const sink of sinks) {
      if (!sink.consumerActive || sink.free < BLOCK) continue;
      sink.memory.i32[sink.writePtr / 4] = this.sent;
      sink.produce(BLOCK);
    }
    return 0;
  }

  private take([ring]: Parameters<AudioModule["process"]>[0], counts: boolean): number {
    if (ring === undefined || ring.available < BLOCK) return 0;
    if (counts) this.heard.push(ring.memory.i32[ring.readPtr / 4] as number);
    ring.consume(BLOCK);
    return 0;
  }
}

const ways = ["unbind first", "delete the pipeline", "delete the module"] as const;

/** Instants of a period, close enough that every operation of a thread is cut by a tick at some of them. */
const INSTANTS = 48;
const BETWEEN = 170;

/** One branch stops and is freed around a tick; everything else is the chooser's, too. */
function scenario(
  chooser: Chooser,
  locking: Locking,
  core: number,
  how: (typeof ways)[number],
): readonly number[] {
  // Boot and set-up are the same in every run.
  let open = false;
  const fork = new Fork(locking, core, {
    choose: (kind, count) => (open ? chooser.choose(kind, count) : 0),
  });
  const { kernel } = fork;
  fork.ipc(() => fork.build());
  kernel.run(8.5 * MS);
  open = true;
  fork.ipc(() => fork.stop());
  kernel.run(13 * MS - (INSTANTS - chooser.choose("step", INSTANTS)) * BETWEEN);
  fork.ipc(() => fork.free(how));
  kernel.run(15.5 * MS);
  expect(fork.faults).toEqual([]);
  expect(fork.parts).toEqual([1, 2, 2]);
  const { heard } = fork;
  expect(heard.length).toBeGreaterThan(10);
  expect(heard).toEqual(heard.map((_, i) => (heard[0] ?? 0) + i));
  return fork.parts;
}

describe.each(strategies)("a graph that forks, with %s", (locking) => {
  it.each(ways)(
    "plays on when the other branch is stopped and freed at any instant, in every order: %s",
    (how) => {
      for (const core of [0, 1]) {
        const result = explore((chooser) => scenario(chooser, locking, core, how), {
          maxRuns: 2000,
        });
        expect(result.exhausted).toBe(true);
        expect(result.runs).toBeGreaterThanOrEqual(INSTANTS);
      }
    },
  );
});
