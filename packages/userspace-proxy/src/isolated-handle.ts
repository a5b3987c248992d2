import { EINVAL, ENODEV } from "@sof-ts/kit";
import type { MemDomain } from "@sof-ts/kernel";
import {
  type PeriodCost,
  type AudioModule,
  AudioStream,
  type BindInfo,
  type Blocking,
  type FragmentPosition,
  type ModuleHandle,
  type StreamParams,
  type Trigger,
} from "@sof-ts/module-api";
import type { ModuleContext } from "./module-context.js";
import { OperationParams } from "./operations.js";
import { ModuleState } from "./module-state.js";
import type { ProxiedModule } from "./proxied-module.js";

/** What a handle asks the proxy for. */
export interface HandlePort {
  /** Carries an operation out. @returns its result */
  invoke(context: ModuleContext, params: OperationParams): Blocking<number>;
  /** Frees the module and what isolates it. @returns the result of the module's own free */
  release(context: ModuleContext): Blocking<number>;
}

/**
 * An isolated instance as the pipeline sees it: the counterpart of a module that is called directly. Its
 * operations run in user mode in its own memory domain, on a worker or on its own thread, while the caller
 * waits, at most the proxy's time-out.
 *
 * Results are the module's own; besides -ETIMEDOUT or -EIO for the operation that was lost, -ENODEV for
 * every later one, and -ENOMEM, -ENOSPC when an operation could not be submitted.
 *
 * Calling context: threads, user mode included; may block, but for `process` and what `direct` offers.
 */
export class IsolatedHandle implements ModuleHandle {
  readonly waits = true;
  private readonly context: ModuleContext;
  private readonly proxy: HandlePort;

  /** Made by the proxy. */
  constructor(context: ModuleContext, proxy: HandlePort) {
    this.context = context;
    this.proxy = proxy;
  }

  /**
   * The instance, when it carries its border with it (a sandbox of its own memory): then any thread may call
   * it. Else null, and `process` is called in a thread of {@link domain}.
   */
  get direct(): AudioModule | null {
    const { instance } = this;
    return instance.sandboxed === true ? instance : null;
  }

  /** The instance itself, for the thread that runs its periods. */
  get instance(): ProxiedModule {
    return this.context.instance;
  }

  /** The memory domain that the instance runs in. */
  get domain(): MemDomain {
    return this.context.domain;
  }

  get state(): ModuleState {
    return this.context.state;
  }

  /** Frames of delay between input and output, as the module told when it was last prepared or configured. */
  get latencyFrames(): number {
    return this.instance.latencyFrames ?? 0;
  }

  /** What the last period cost; undefined when the module does not tell. */
  get cost(): PeriodCost | undefined {
    return this.instance.cost;
  }

  /**
   * One period on the caller's own thread: the LL thread for a sandboxed module, else a thread of
   * {@link domain}. Does not block.
   *
   * @returns the module's result; -ENODEV when the instance is dead or freed
   */
  process(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    const { state } = this.context;
    if (state === ModuleState.DEAD || state === ModuleState.FREED) return -ENODEV;
    return this.context.instance.process(sources, sinks);
  }

  /** One period on the worker, for callers that may wait. */
  *processByWorker(
    sources: readonly AudioStream[],
    sinks: readonly AudioStream[],
  ): Blocking<number> {
    const params = new OperationParams("process");
    // Copies, as for `prepare`: the grant is the period's streams, not the graph's lists of them.
    params.sources = [...sources];
    params.sinks = [...sinks];
    return yield* this.proxy.invoke(this.context, params);
  }

  *prepare(sources: readonly AudioStream[], sinks: readonly AudioStream[]): Blocking<number> {
    const params = new OperationParams("prepare");
    // Copies: the worker's domain reaches neither the lists nor the rings, which are the graph's.
    params.sources = sources.map(shapeOf);
    params.sinks = sinks.map(shapeOf);
    const rc = yield* this.proxy.invoke(this.context, params);
    adopt(sources, params.sources);
    adopt(sinks, params.sinks);
    return rc;
  }

  *reset(): Blocking<number> {
    return yield* this.proxy.invoke(this.context, new OperationParams("reset"));
  }

  /** Frees the module, if it can still be asked to, and everything that isolates it. Once. */
  *free(): Blocking<number> {
    return yield* this.proxy.release(this.context);
  }

  *setConfiguration(
    paramId: number,
    position: FragmentPosition,
    sizeOrOffset: number,
    fragment: Uint8Array,
  ): Blocking<number> {
    if (this.instance.setConfiguration === undefined) return -EINVAL;
    const params = new OperationParams("set configuration");
    params.paramId = paramId;
    params.position = position;
    params.value = sizeOrOffset;
    params.bytes = fragment;
    return yield* this.proxy.invoke(this.context, params);
  }

  *getConfiguration(paramId: number, out: Uint8Array): Blocking<number> {
    if (this.instance.getConfiguration === undefined) return -EINVAL;
    // With what the caller put there: a control's header is part of the question. The module writes to a
    // copy, and only what it says it wrote goes back.
    const own = out.slice();
    const params = new OperationParams("get configuration");
    params.paramId = paramId;
    params.bytes = own;
    const rc = yield* this.proxy.invoke(this.context, params);
    if (rc > 0) out.set(own.subarray(0, rc));
    return rc;
  }

  *setConfigParam(paramId: number, value: number): Blocking<number> {
    const params = new OperationParams("set param");
    params.paramId = paramId;
    params.value = value;
    return yield* this.proxy.invoke(this.context, params);
  }

  *getConfigParam(paramId: number): Blocking<number> {
    const params = new OperationParams("get param");
    params.paramId = paramId;
    return yield* this.proxy.invoke(this.context, params);
  }

  *bind(info: BindInfo): Blocking<number> {
    const params = new OperationParams("bind");
    params.info = info;
    return yield* this.proxy.invoke(this.context, params);
  }

  *unbind(info: BindInfo): Blocking<number> {
    const params = new OperationParams("unbind");
    params.info = info;
    return yield* this.proxy.invoke(this.context, params);
  }

  *trigger(command: Trigger): Blocking<number> {
    const params = new OperationParams("trigger");
    params.command = command;
    return yield* this.proxy.invoke(this.context, params);
  }

  /** SOF's `set_processing_mode`: 0 normal, 1 bypass. @returns as the others; -ENOSYS when the module has none */
  *setProcessingMode(mode: number): Blocking<number> {
    const params = new OperationParams("set mode");
    params.value = mode;
    return yield* this.proxy.invoke(this.context, params);
  }

  /** SOF's `get_processing_mode`. @returns the mode; -ENOSYS when the module has none */
  *getProcessingMode(): Blocking<number> {
    return yield* this.proxy.invoke(this.context, new OperationParams("get mode"));
  }
}

/** What a module may know of a ring before it runs: its size and format. */
function shapeOf(stream: AudioStream): AudioStream {
  const { memory, start, size, shared, frameAlign, producerActive, consumerActive } = stream;
  const { sourceQueue, sinkQueue } = stream;
  const shape = new AudioStream(memory, start, size, shared);
  shape.setParams(stream.params);
  shape.frameBytes = stream.frameBytes;
  return Object.assign(shape, {
    frameAlign,
    producerActive,
    consumerActive,
    sourceQueue,
    sinkQueue,
  });
}

/** Takes over what the module has changed of the rings' formats. */
function adopt(streams: readonly AudioStream[], shapes: readonly AudioStream[]): void {
  for (const [i, shape] of shapes.entries()) {
    const stream = streams[i] as AudioStream;
    if (!sameParams(stream.params, shape.params)) stream.setParams(shape.params);
    if (stream.frameAlign !== shape.frameAlign) stream.frameAlign = shape.frameAlign;
  }
}

function sameParams(a: StreamParams, b: StreamParams): boolean {
  return (
    a.rate === b.rate &&
    a.channels === b.channels &&
    a.frameFmt === b.frameFmt &&
    a.validFmt === b.validFmt &&
    a.channelMap === b.channelMap
  );
}
