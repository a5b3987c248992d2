import type { Blocking } from "@sof-ts/kernel";
import { type LlTask, RunAgain } from "@sof-ts/ll-scheduler";
import { type AudioStream, DirectOperations } from "@sof-ts/module-api";
import { createDpModule, type DpModule, type DpModuleConfig, type DpPins } from "../src/index.js";
import { BlockModule } from "./block-module.js";
import { llStream, type Machine, MS_BYTES, MS_SAMPLES, TestHeap } from "./machine.js";

/** Sample `index` of input `input`. */
export const inputSample = (input: number, index: number): number => (index + 1) * (input + 1) * 3;

export interface StreamOptions {
  /** Core of the pipeline. */
  readonly core?: number;
  /** Core of the module's thread. */
  readonly dpCore?: number;
  readonly blockMs?: number;
  readonly inputs?: number;
  /** Cost of a run in cycles. */
  readonly cycles?: number;
  /** Cost of a run that the host announces. */
  readonly cpc?: number;
  readonly priority?: number;
  readonly ipcByDpThread?: boolean;
  /** Operations go through a control of their own, as with a userspace proxy. */
  readonly proxied?: boolean;
  /** Format and sizes of the module's pins, where they are not those of one block. */
  readonly pins?: DpPins;
  readonly memory?: DpModuleConfig["memory"];
  readonly name?: string;
}

/**
 * A pipeline with one DP module between sources and a sink of one millisecond: what the pipeline package does
 * with a module handle, in small. Graph operations hold the LL locks of both cores, as there.
 */
export class DpStream {
  readonly machine: Machine;
  readonly module: BlockModule;
  readonly heap = new TestHeap();
  readonly sources: AudioStream[] = [];
  readonly sink: AudioStream;
  /** Samples that the sink took, tick by tick; an empty list is a tick without output. */
  readonly output: number[][] = [];
  /** Ticks of the pipeline since the last start. */
  ticks = 0;
  handle: DpModule | null = null;
  /** The sink takes nothing although it runs. */
  sinkStalls = false;
  /** Results of `process` that were not 0. */
  readonly errors: number[] = [];
  readonly options: Required<Omit<StreamOptions, "memory" | "name" | "pins">> & { name: string };
  memoryFreed = false;
  /** Time at which each tick's copy began, in cycles. */
  readonly tickTimes: number[] = [];
  private readonly memory: DpModuleConfig["memory"];
  private readonly pins: DpPins;
  private copyTask: LlTask | null = null;
  private fed = 0;

  constructor(machine: Machine, options: StreamOptions = {}) {
    const { core = 0, blockMs = 10, cycles = 0, inputs = 2, priority = 0 } = options;
    const { cpc = 0, proxied = false } = options;
    const { dpCore = core, ipcByDpThread = false, name = "aec" } = options;
    this.options = {
      core,
      dpCore,
      blockMs,
      inputs,
      cycles,
      cpc,
      priority,
      ipcByDpThread,
      proxied,
      name,
    };
    this.memory = options.memory ?? null;
    this.pins = options.pins ?? {
      ibs: blockMs * MS_BYTES,
      obs: blockMs * MS_BYTES,
      inputBytes: [],
      outputBytes: [],
    };
    this.machine = machine;
    const blockBytes = blockMs * MS_BYTES;
    this.module = new BlockModule(blockBytes, cycles);
    for (let i = 0; i < inputs; i++) this.sources.push(llStream(machine.heap, 2 * blockBytes));
    this.sink = llStream(machine.heap, 2 * MS_BYTES);
  }

  *create(): Blocking<number> {
    const { machine, options } = this;
    const handle = yield* createDpModule({
      scheduler: machine.dp,
      locking: machine.locking,
      name: options.name,
      core: options.dpCore,
      module: this.module,
      pins: this.pins,
      cpc: options.cpc,
      heap: this.heap,
      llPeriodUs: 1000,
      stackBytes: 2048,
      memory: this.memory,
      ipcByDpThread: options.ipcByDpThread,
      ...(options.proxied ? { control: new SlowControl(machine, this.module) } : {}),
      onFreed: () => (this.memoryFreed = true),
    });
    if (typeof handle === "number") return handle;
    this.handle = handle;
    return 0;
  }

  *bind(): Blocking<number> {
    yield* this.lock();
    let rc = 0;
    for (const [queueId, stream] of this.sources.entries()) {
      if (rc === 0) rc = yield* this.dp.bind({ side: "sink", queueId, stream, peer: null });
    }
    if (rc === 0) {
      rc = yield* this.dp.bind({ side: "source", queueId: 0, stream: this.sink, peer: null });
    }
    yield* this.unlock();
    return rc;
  }

  /** Prepares the module and puts the pipeline's copy on the tick. */
  *start(): Blocking<number> {
    yield* this.lock();
    const rc = yield* this.dp.prepare(this.sources, [this.sink]);
    yield* this.unlock();
    if (rc !== 0) return rc;
    this.ticks = 0;
    this.fed = 0;
    this.output.length = 0;
    this.tickTimes.length = 0;
    const scheduler = this.machine.scheduler(this.options.core);
    this.copyTask ??= scheduler.createTask({
      name: `${this.options.name} copy`,
      core: this.options.core,
      priority: this.options.priority,
      run: () => this.copy(),
    });
    return yield* scheduler.schedule(this.copyTask);
  }

  /** Takes the copy off the tick; the module keeps what it has. */
  *pause(): Blocking<number> {
    const { copyTask } = this;
    if (copyTask === null) return 0;
    return yield* this.machine.scheduler(this.options.core).cancel(copyTask);
  }

  *resume(): Blocking<number> {
    return yield* this.machine.scheduler(this.options.core).schedule(this.copyTask as LlTask);
  }

  /** Stops the copy and resets the module, under the LL lock as a pipeline's reset is. */
  *stop(): Blocking<number> {
    yield* this.pause();
    yield* this.lock();
    const rc = yield* this.dp.reset();
    for (const stream of [...this.sources, this.sink]) stream.reset();
    yield* this.unlock();
    return rc;
  }

  /** Takes the copy away, then the connections, then the module. */
  *free(): Blocking<void> {
    yield* this.drop();
    if (this.handle !== null) yield* this.handle.free();
  }

  *drop(): Blocking<void> {
    const { copyTask } = this;
    this.copyTask = null;
    if (copyTask !== null) {
      yield* this.machine.scheduler(this.options.core).free(copyTask);
    }
  }

  *setUp(): Blocking<number> {
    let rc = yield* this.create();
    if (rc === 0) rc = yield* this.bind();
    return rc === 0 ? yield* this.start() : rc;
  }

  get dp(): DpModule {
    return this.handle as DpModule;
  }

  /** What the sink got, in one list. */
  get samples(): number[] {
    return this.output.flat();
  }

  /** Tick, from 1, at which the first sample came out; 0 for none. */
  get firstOutputTick(): number {
    return this.output.findIndex((block) => block.length > 0) + 1;
  }

  /** The first `count` samples that the module is to put out. */
  expected(count: number): number[] {
    return Array.from({ length: count }, (_, index) => {
      let value = inputSample(0, index);
      for (let input = 1; input < this.sources.length; input++) value -= inputSample(input, index);
      return value;
    });
  }

  private copy(): RunAgain {
    this.ticks++;
    this.tickTimes.push(this.machine.kernel.now);
    for (const [input, source] of this.sources.entries()) {
      if (source.producerActive) feed(source, input, this.fed);
    }
    this.fed += MS_SAMPLES;
    const rc = this.dp.process(this.sources, [this.sink]);
    if (rc !== 0) this.errors.push(rc);
    const { sink } = this;
    const block: number[] = [];
    if (sink.available >= MS_BYTES && !this.sinkStalls) {
      for (let i = 0; i < MS_SAMPLES; i++) {
        block.push(sink.memory.i32[sink.wrap(sink.readPtr + 4 * i) >> 2] as number);
      }
      sink.consume(MS_BYTES);
    }
    this.output.push(block);
    return RunAgain.RESCHEDULE;
  }

  private *lock(): Blocking<void> {
    const { core, dpCore } = this.options;
    const { locking } = this.machine;
    yield* locking.lock(Math.min(core, dpCore));
    if (core !== dpCore) yield* locking.lock(Math.max(core, dpCore));
  }

  private *unlock(): Blocking<void> {
    const { core, dpCore } = this.options;
    const { locking } = this.machine;
    if (core !== dpCore) yield* locking.unlock(Math.max(core, dpCore));
    yield* locking.unlock(Math.min(core, dpCore));
  }
}

/** Stands in for a userspace proxy: an operation takes a millisecond, and a parameter set answers 100. */
class SlowControl extends DirectOperations {
  private readonly machine: Machine;

  constructor(machine: Machine, module: BlockModule) {
    super(module);
    this.machine = machine;
  }

  override *setConfigParam(paramId: number, value: number): Blocking<number> {
    yield* this.machine.kernel.sleep(0.9e6);
    return 100 + (yield* super.setConfigParam(paramId, value));
  }
}

/** One millisecond of the test signal; what does not fit is lost, as at a gateway. */
function feed(source: AudioStream, input: number, from: number): void {
  if (source.free < MS_BYTES) return;
  for (let i = 0; i < MS_SAMPLES; i++) {
    source.memory.i32[source.wrap(source.writePtr + 4 * i) >> 2] = inputSample(input, from + i);
  }
  source.produce(MS_BYTES);
}
