import { EINVAL, EIO, ENOMEM } from "@sof-ts/kit";
import type {
  AudioAllocator,
  AudioModule,
  AudioStream,
  BindInfo,
  Blocking,
  FragmentPosition,
  ModuleHandle,
  ModuleOperations,
  Trigger,
} from "@sof-ts/module-api";
import type { DpEngine, DpModuleStats } from "./dp-engine.js";
import { createPort, type DpPort } from "./dp-port.js";
import type { DpScheduler, DpStats, DpTask } from "./dp-scheduler.js";
import type { LockGap } from "./lock-gap.js";

/** Bytes per run of a module's pins, as its INIT_INSTANCE payload gave them. */
export interface DpPins {
  readonly ibs: number;
  readonly obs: number;
  /** Of the further pins, by pin index; 0 or absent where the base size holds. */
  readonly inputBytes: readonly number[];
  readonly outputBytes: readonly number[];
}

/** The parts that a {@link DpModule} is put together from. */
export interface DpModuleParts {
  readonly scheduler: DpScheduler;
  readonly task: DpTask;
  readonly engine: DpEngine;
  readonly module: AudioModule;
  readonly control: ModuleOperations;
  /** Who carries operations out: this thread, the module's own thread, or the given control's. */
  readonly controlBy: "caller" | "thread" | "other";
  readonly gap: LockGap;
  readonly heap: AudioAllocator;
  readonly pins: DpPins;
  /** Runs after the end of the thread: frees what the thread was to free and did not. @returns as `free` */
  finish(): Blocking<number>;
  /** Called when nothing of the instance is left in use. */
  onFreed?(): void;
}

/**
 * A module instance that runs in a thread of its own, as the pipeline sees it (SOF's module adapter for the
 * DP domain). `process` is called in the LL tick and only moves data; the module itself runs in its thread.
 * Everything else waits until that thread is out of the module, at most the scheduler's time-out, and gives
 * up the caller's LL locks meanwhile, so that no tick waits for a module. Results of the scheduler come back
 * as they are: -ETIMEDOUT when the thread did not come out or did not answer, -EIO when it is dead.
 *
 * Calling contexts are those of {@link ModuleHandle}.
 */
export class DpModule implements ModuleHandle {
  /** A module in another thread is not to be called directly. */
  readonly direct = null;
  readonly waits = true;
  private readonly parts: DpModuleParts;
  /** Connections that are gone while the thread may still be looking at their rings. */
  private readonly retired: DpPort[] = [];
  private freed = false;

  constructor(parts: DpModuleParts) {
    this.parts = parts;
  }

  /** Cost of the runs since the last prepare, and ticks without output. */
  get stats(): Readonly<DpModuleStats> {
    return this.parts.engine.stats;
  }

  /** Of the module itself; the blocks that its thread works on come on top. */
  get latencyFrames(): number {
    return this.parts.module.latencyFrames ?? 0;
  }

  /** Length of one run's output in microseconds; 0 before the first prepare. */
  get periodUs(): number {
    return this.parts.engine.periodUs;
  }

  /** Deadlines since the last prepare. */
  get deadlines(): Readonly<DpStats> {
    return this.parts.task.stats;
  }

  /** The task behind the module, for reports. */
  get task(): DpTask {
    return this.parts.task;
  }

  /**
   * Prepares module and rings and puts the module on the DP tick.
   *
   * @returns 0; -ETIMEDOUT while an earlier run goes on; -EINVAL for streams that are not bound or whose
   *   format does not fit; -EIO when the thread is dead; the module's own refusal
   */
  *prepare(sources: readonly AudioStream[], sinks: readonly AudioStream[]): Blocking<number> {
    const { engine, scheduler, task, control } = this.parts;
    const quiet = yield* this.quiesce();
    if (quiet !== 0) return quiet;
    const configured = engine.configure(sources, sinks);
    if (configured !== 0) return configured;
    const prepared = yield* this.guarded(() => control.prepare(engine.sources, engine.sinks));
    if (prepared < 0) return prepared;
    const armed = engine.arm();
    return armed === 0 ? scheduler.schedule(task, engine.periodUs) : armed;
  }

  /** Moves one tick's data. @returns 0; the errno of a failed run; -EIO when the thread is dead */
  process(_sources: readonly AudioStream[], _sinks: readonly AudioStream[]): number {
    const { scheduler, task, engine } = this.parts;
    return scheduler.isDead(task) ? -EIO : engine.move();
  }

  /**
   * @returns 0, also when the thread is dead, so that the pipeline can be taken down; -ETIMEDOUT while a run
   *   goes on, nothing being reset; the module's own result
   */
  *reset(): Blocking<number> {
    const { engine, control, scheduler, task } = this.parts;
    const quiet = yield* this.quiesce();
    if (quiet !== 0) return quiet;
    engine.rewind();
    return scheduler.isDead(task) ? 0 : yield* this.guarded(() => control.reset());
  }

  /**
   * Ends the thread, then gives module and rings back. A thread that does not end in time is aborted: after
   * that nothing of it runs.
   *
   * @returns 0; the negative errno of the module's own free, all being given back all the same
   */
  *free(): Blocking<number> {
    if (this.freed) return 0;
    this.freed = true;
    const { scheduler, task, engine, control, controlBy, gap, heap } = this.parts;
    const depths = yield* gap.open();
    yield* scheduler.cancel(task);
    if (controlBy === "thread") yield* control.free();
    if ((yield* scheduler.free(task)) !== 0) {
      yield* scheduler.abort(task);
      yield* scheduler.free(task);
    }
    const rc = controlBy === "thread" ? yield* this.parts.finish() : yield* control.free();
    yield* gap.close(depths);
    for (const port of [...engine.inputs, ...engine.outputs, ...this.retired]) port.free(heap);
    engine.inputs.length = 0;
    engine.outputs.length = 0;
    this.retired.length = 0;
    this.parts.onFreed?.();
    return rc;
  }

  *setConfiguration(
    paramId: number,
    position: FragmentPosition,
    sizeOrOffset: number,
    fragment: Uint8Array,
  ): Blocking<number> {
    const { control } = this.parts;
    return yield* this.guarded(() =>
      control.setConfiguration(paramId, position, sizeOrOffset, fragment),
    );
  }

  *getConfiguration(paramId: number, out: Uint8Array): Blocking<number> {
    return yield* this.guarded(() => this.parts.control.getConfiguration(paramId, out));
  }

  *setConfigParam(paramId: number, value: number): Blocking<number> {
    return yield* this.guarded(() => this.parts.control.setConfigParam(paramId, value));
  }

  *getConfigParam(paramId: number): Blocking<number> {
    return yield* this.guarded(() => this.parts.control.getConfigParam(paramId));
  }

  *trigger(command: Trigger): Blocking<number> {
    return yield* this.guarded(() => this.parts.control.trigger(command));
  }

  /**
   * Gives a connection its ring; the module is told of the thread's face of it.
   *
   * @returns 0; -ENOMEM; the module's refusal, with nothing left behind
   */
  *bind(info: BindInfo): Blocking<number> {
    const { engine, heap, control } = this.parts;
    const port = createPort(heap, info.stream, this.blockBytes(info));
    if (port === null) return -ENOMEM;
    const rc = yield* this.guarded(() => control.bind({ ...info, stream: port.ring.view }));
    if (rc < 0) {
      yield* this.retire(port);
      return rc;
    }
    (info.side === "source" ? engine.outputs : engine.inputs).push(port);
    return rc;
  }

  /**
   * @returns the module's result, the connection being gone all the same; 0 when the thread is dead; -EINVAL
   *   for a connection that is not bound
   */
  *unbind(info: BindInfo): Blocking<number> {
    const { engine, control, scheduler, task } = this.parts;
    const ports = info.side === "source" ? engine.outputs : engine.inputs;
    const port = ports.find(({ attached, stream }) => attached && stream === info.stream);
    if (port === undefined) return -EINVAL;
    const rc = yield* this.guarded(() => control.unbind({ ...info, stream: port.ring.view }));
    yield* this.retire(port);
    return scheduler.isDead(task) ? 0 : rc;
  }

  detached(stream: AudioStream): void {
    const { inputs, outputs } = this.parts.engine;
    for (const ports of [inputs, outputs])
      for (const port of ports) if (port.stream === stream) port.attached = false;
  }

  /** Carries out an operation of the module while its thread is out of it. */
  private *guarded(operation: () => Blocking<number>): Blocking<number> {
    const { scheduler, task, gap, controlBy } = this.parts;
    if (this.freed) return -EINVAL;
    const depths = yield* gap.open();
    if (controlBy === "thread") {
      const rc = yield* operation();
      yield* gap.close(depths);
      return rc;
    }
    let rc = yield* scheduler.lock(task);
    // What a fault left of the module is not to be called.
    if (rc === 0 && scheduler.isDead(task)) rc = -EIO;
    if (rc !== 0) {
      yield* gap.close(depths);
      return rc;
    }
    if (controlBy === "other") {
      rc = yield* operation();
      yield* scheduler.unlock(task);
      yield* gap.close(depths);
      return rc;
    }
    yield* gap.close(depths);
    rc = yield* operation();
    yield* scheduler.unlock(task);
    return rc;
  }

  /** Takes the module off the tick and its thread out of it. @returns 0; -ETIMEDOUT; -EINVAL after the free */
  private *quiesce(): Blocking<number> {
    const { scheduler, task, gap, heap, engine } = this.parts;
    if (this.freed) return -EINVAL;
    const depths = yield* gap.open();
    const rc = yield* scheduler.cancel(task);
    yield* gap.close(depths);
    if (rc !== 0) return rc;
    for (const port of this.retired) {
      engine.remove(port);
      port.free(heap);
    }
    this.retired.length = 0;
    return 0;
  }

  /** Forgets a connection: at once for the tick, as soon as the thread is not looking for the rest. */
  private *retire(port: DpPort): Blocking<void> {
    const { scheduler, task, gap, heap, engine } = this.parts;
    port.attached = false;
    const depths = yield* gap.open();
    const rc = yield* scheduler.lock(task);
    yield* gap.close(depths);
    if (rc !== 0) {
      this.retired.push(port);
      return;
    }
    engine.remove(port);
    yield* scheduler.unlock(task);
    port.free(heap);
  }

  private blockBytes({ side, queueId }: BindInfo): number {
    const { pins, module } = this.parts;
    const output = side === "source";
    const own = queueId === 0 ? 0 : ((output ? pins.outputBytes : pins.inputBytes)[queueId] ?? 0);
    const block = own > 0 ? own : output ? pins.obs : pins.ibs;
    return Math.max(block, (output ? module.outputBytesNeeded : module.inputBytesNeeded) ?? 0);
  }
}
