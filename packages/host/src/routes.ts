import { EINVAL, ENOSPC } from "@sof-ts/kit";
import { CopierParam, sinkFormat } from "@sof-ts/ipc4";
import { wireFormat } from "./audio-format.js";
import { HostError } from "./host-error.js";
import type { HostTask } from "./host-task.js";
import type { IdAllocator } from "./id-allocator.js";
import type { IpcTransport } from "./ipc-transport.js";
import { largeConfigSet } from "./large-config.js";
import type { HostVariant } from "./host-variant.js";
import type { DriverState, RouteQueues, RouteState, WidgetState } from "./widget-state.js";

interface Queue {
  readonly id: number;
  readonly allocated: boolean;
}

/** Binds and unbinds the routes between modules. */
export class RouteControl {
  private readonly ipc: IpcTransport;
  private readonly state: DriverState;
  private readonly variant: HostVariant;

  constructor(ipc: IpcTransport, state: DriverState, variant: HostVariant) {
    this.ipc = ipc;
    this.state = state;
    this.variant = variant;
  }

  /**
   * Binds a route between two modules that exist, unless it is bound. A copier's outputs beyond the first
   * are told their format before.
   *
   * @throws HostError EINVAL when a side has no pins, ENOSPC when its queues are all taken, or what the
   * firmware answers; the queues are free again then
   */
  *bind(route: RouteState): HostTask<void> {
    if (route.queues !== null) return;
    const { source, sink } = route;
    const queues = this.takeQueues(source, sink);
    try {
      if (isCopier(source) && queues.source > 0) yield* this.setSinkFormat(source, sink, queues);
      this.ipc.note(
        `bind ${source.widget.name}:${queues.source} -> ${sink.widget.name}:${queues.sink}`,
      );
      yield* this.ipc.exchange({ message: { kind: "bind", ...connection(source, sink, queues) } });
    } catch (error) {
      freeQueues(source, sink, queues);
      throw error instanceof HostError ? error.within({ widget: source.widget.name }) : error;
    }
    route.queues = queues;
  }

  /**
   * Takes a bound route down. Inside one pipeline nothing is sent: deleting the pipeline does it. The queues
   * are free again also when the firmware refuses.
   */
  *unbind(route: RouteState): HostTask<void> {
    const { source, sink, queues } = route;
    if (queues === null) return;
    route.queues = null;
    freeQueues(source, sink, queues);
    this.ipc.note(
      `unbind modules ${source.widget.name}:${queues.source} -> ${sink.widget.name}:${queues.sink}`,
    );
    if (source.pipeline === sink.pipeline) return;
    yield* this.ipc.exchange({ message: { kind: "unbind", ...connection(source, sink, queues) } });
  }

  /** @returns the bound routes from and to a widget, in file order */
  boundTo(state: WidgetState): RouteState[] {
    return this.state.routes.filter(
      ({ source, sink, queues }) => queues !== null && (source === state || sink === state),
    );
  }

  private takeQueues(source: WidgetState, sink: WidgetState): RouteQueues {
    if (this.variant.queueIds === "zero") {
      return { source: 0, sink: 0, sourceAllocated: false, sinkAllocated: false };
    }
    const out = takeQueue(source, "output", sink.widget.name);
    let into: Queue;
    try {
      into = takeQueue(sink, "input", source.widget.name);
    } catch (error) {
      if (out.allocated) source.outputQueues.free(out.id);
      throw error;
    }
    return {
      source: out.id,
      sink: into.id,
      sourceAllocated: out.allocated,
      sinkAllocated: into.allocated,
    };
  }

  private *setSinkFormat(
    source: WidgetState,
    sink: WidgetState,
    queues: RouteQueues,
  ): HostTask<void> {
    const { module, instanceId, formats } = source.running;
    const target = { moduleId: module.moduleId, instanceId, paramId: CopierParam.SET_SINK_FORMAT };
    const data = sinkFormat.encode({
      sinkId: queues.source,
      sourceFmt: wireFormat(formats.input.format),
      sinkFmt: wireFormat(inputFormatOf(sink, queues.sink)),
    });
    yield* largeConfigSet(this.ipc, target, data, this.variant.chunkBytes);
  }
}

function isCopier({ widget }: WidgetState): boolean {
  return widget.kind === "host" || widget.kind === "dai" || widget.kind === "copier";
}

/** What a module takes at a pin: pin 0 what was chosen, others the first format given for them. */
function inputFormatOf(sink: WidgetState, pin: number) {
  const chosen = sink.running.formats.input;
  if (pin === 0) return chosen.format;
  const { sets } = sink.widget.inputFormats;
  return (sets.find((candidate) => candidate.pin === pin) ?? chosen).format;
}

/**
 * A module with one pin has queue 0. Else the pin that the topology binds the peer to counts; without a
 * binding the lowest queue that is free.
 */
function takeQueue(state: WidgetState, side: "input" | "output", peer: string): Queue {
  const { widget } = state;
  const pins = side === "input" ? widget.inputPins : widget.outputPins;
  if (pins < 1) {
    const reason = `the topology gives it no ${side} pins, but a route to ${peer}`;
    throw new HostError(reason, { errno: EINVAL, widget: widget.name });
  }
  if (pins === 1) return { id: 0, allocated: false };
  const bound = (side === "input" ? widget.inputBindings : widget.outputBindings).indexOf(peer);
  if (bound >= 0) return { id: bound, allocated: false };
  const id = allocatorOf(state, side).allocate();
  if (id < 0) {
    throw new HostError(`all ${side} queues are taken, none is left for ${peer}`, {
      errno: ENOSPC,
      widget: widget.name,
    });
  }
  return { id, allocated: true };
}

const allocatorOf = (state: WidgetState, side: "input" | "output"): IdAllocator =>
  side === "input" ? state.inputQueues : state.outputQueues;

function freeQueues(source: WidgetState, sink: WidgetState, queues: RouteQueues): void {
  if (queues.sourceAllocated) source.outputQueues.free(queues.source);
  if (queues.sinkAllocated) sink.inputQueues.free(queues.sink);
}

function connection(source: WidgetState, sink: WidgetState, queues: RouteQueues) {
  const from = source.running;
  const to = sink.running;
  return {
    moduleId: from.module.moduleId,
    instanceId: from.instanceId,
    dstModuleId: to.module.moduleId,
    dstInstanceId: to.instanceId,
    dstQueue: queues.sink,
    srcQueue: queues.source,
  };
}
