import { assert } from "@sof-ts/kit";
import type { Pipeline, Route, TopologyGraph, Widget } from "@sof-ts/topology";
import type { ChosenFormats } from "./format-selection.js";
import { IdAllocator } from "./id-allocator.js";
import type { FirmwareModule } from "./module-table.js";

/** Pipelines that a firmware has at most, when it does not say. */
const DEFAULT_MAX_PIPELINES = 32;
/** Groups of SoundWire gateways that a firmware has. */
const ALH_GROUPS = 8;
/** Highest queue id that BIND can name. */
const LAST_QUEUE = 7;

/** A module instance as the driver keeps it while streams use it. */
export interface ModuleInstance {
  readonly module: FirmwareModule;
  readonly instanceId: number;
  readonly formats: ChosenFormats;
  /** Buffer bytes of a period as they were sent. */
  readonly ibs: number;
  readonly obs: number;
  /** Gateway of a copier; null for other modules. */
  readonly nodeId: number | null;
  /** Number of a group of SoundWire gateways; null without one. */
  readonly alhGroup: number | null;
}

/** What the driver knows of a widget. */
export class WidgetState {
  readonly widget: Widget;
  readonly pipeline: PipelineUse;
  /** Streams that use it. */
  useCount = 0;
  /** Present while {@link useCount} is not 0. */
  instance: ModuleInstance | null = null;
  readonly inputQueues: IdAllocator;
  readonly outputQueues: IdAllocator;

  constructor(widget: Widget, pipeline: PipelineUse) {
    this.widget = widget;
    this.pipeline = pipeline;
    this.inputQueues = new IdAllocator(Math.min(widget.inputPins, LAST_QUEUE));
    this.outputQueues = new IdAllocator(Math.min(widget.outputPins, LAST_QUEUE));
  }

  /** The instance of a widget in use. */
  get running(): ModuleInstance {
    assert(this.instance !== null, `widget ${this.widget.name} is not set up`);
    return this.instance;
  }
}

/** What the driver knows of a pipeline. */
export class PipelineUse {
  readonly pipeline: Pipeline;
  /** Widgets of it that are set up. */
  useCount = 0;
  /** Id on the wire; -1 while the firmware does not have it. */
  ipcId = -1;
  /** Streams that were started, and that are paused, of those that run through it. */
  startedCount = 0;
  pausedCount = 0;
  /** Last state that the firmware confirmed; 0 before the first. */
  wireState = 0;
  /** The back end changes its state, not the front ends. */
  readonly backEndDriven: boolean;
  /** Cores that its modules need, ascending. */
  readonly cores: readonly number[];

  constructor(pipeline: Pipeline, backEndDriven: boolean, cores: readonly number[]) {
    this.pipeline = pipeline;
    this.backEndDriven = backEndDriven;
    this.cores = cores;
  }
}

/** What the driver knows of a route. */
export interface RouteState {
  readonly route: Route;
  readonly source: WidgetState;
  readonly sink: WidgetState;
  /** Present while the firmware has the connection. */
  queues: RouteQueues | null;
}

/** Queues that a bound route connects, and whether they came from an allocator. */
export interface RouteQueues {
  readonly source: number;
  readonly sink: number;
  readonly sourceAllocated: boolean;
  readonly sinkAllocated: boolean;
}

/** What decides about the states when a topology is loaded. */
export interface DriverStateOptions {
  /** Whether the host drives the DMA of a DAI copier's link. */
  readonly drivesLink: (dai: Widget) => boolean;
  /** Core that a module runs on. */
  readonly coreOf: (widget: Widget, pipeline: Pipeline) => number;
}

/** The use that is made of a topology's parts, and the numbers that are given out for them. */
export class DriverState {
  readonly graph: TopologyGraph;
  readonly widgets: ReadonlyMap<string, WidgetState>;
  readonly pipelines: ReadonlyMap<number, PipelineUse>;
  /** Routes between modules, in file order. */
  readonly routes: readonly RouteState[];
  pipelineIds = new IdAllocator(DEFAULT_MAX_PIPELINES);
  readonly alhGroups = new IdAllocator(ALH_GROUPS - 1);
  private readonly instanceIds = new Map<string, IdAllocator>();

  constructor(graph: TopologyGraph, options: DriverStateOptions) {
    this.graph = graph;
    this.pipelines = makePipelines(graph, options);
    const widgets = new Map<string, WidgetState>();
    for (const widget of graph.topology.widgets) {
      const pipeline = this.pipelines.get(widget.pipelineId);
      if (pipeline === undefined || !isModule(widget) || widgets.has(widget.name)) continue;
      widgets.set(widget.name, new WidgetState(widget, pipeline));
    }
    this.widgets = widgets;
    this.routes = makeRouteStates(graph, widgets);
  }

  /** The state of a widget that has a pipeline. */
  stateOf(widget: Widget): WidgetState {
    const state = this.widgets.get(widget.name);
    assert(state !== undefined, `widget ${widget.name} has no state`);
    return state;
  }

  pipelineState(pipeline: Pipeline): PipelineUse {
    const state = this.pipelines.get(pipeline.id);
    assert(state !== undefined, `pipeline ${pipeline.name} has no state`);
    return state;
  }

  routeState(route: Route): RouteState {
    const state = this.routes.find((candidate) => candidate.route === route);
    assert(state !== undefined, `route ${route.source} -> ${route.sink} has no state`);
    return state;
  }

  /** The allocator of instance ids of a module (or of a kind of modules); made on first use. */
  instanceAllocator(key: string, maxInstances: number): IdAllocator {
    let allocator = this.instanceIds.get(key);
    if (allocator === undefined) {
      allocator = new IdAllocator(maxInstances);
      this.instanceIds.set(key, allocator);
    }
    return allocator;
  }

  /** Numbers and uses that are given out now; all 0 when no stream is set up. */
  get inUse(): {
    readonly widgets: number;
    readonly pipelines: number;
    readonly routes: number;
    readonly instanceIds: number;
    readonly pipelineIds: number;
    readonly queueIds: number;
    readonly alhGroups: number;
  } {
    let queueIds = 0;
    let widgets = 0;
    for (const state of this.widgets.values()) {
      queueIds += state.inputQueues.inUse + state.outputQueues.inUse;
      widgets += state.useCount;
    }
    let instanceIds = 0;
    for (const allocator of this.instanceIds.values()) instanceIds += allocator.inUse;
    let pipelines = 0;
    for (const state of this.pipelines.values()) pipelines += state.useCount;
    return {
      widgets,
      pipelines,
      routes: this.routes.filter((route) => route.queues !== null).length,
      instanceIds,
      pipelineIds: this.pipelineIds.inUse,
      queueIds,
      alhGroups: this.alhGroups.inUse,
    };
  }
}

function isModule(widget: Widget): boolean {
  return widget.kind !== "virtual" && widget.kind !== "scheduler";
}

function makePipelines(
  graph: TopologyGraph,
  { drivesLink, coreOf }: DriverStateOptions,
): Map<number, PipelineUse> {
  const pipelines = new Map<number, PipelineUse>();
  for (const pipeline of graph.topology.pipelines) {
    if (pipelines.has(pipeline.id)) continue;
    const members = graph.topology.widgets.filter(
      (widget) => widget.pipelineId === pipeline.id && isModule(widget),
    );
    const cores = new Set([pipeline.core, ...members.map((widget) => coreOf(widget, pipeline))]);
    const driven =
      !pipeline.chainDma && members.some((widget) => widget.kind === "dai" && drivesLink(widget));
    const state = new PipelineUse(
      pipeline,
      driven,
      [...cores].sort((a, b) => a - b),
    );
    pipelines.set(pipeline.id, state);
  }
  return pipelines;
}

/** A duplicate of a route is never bound: the driver finds the first one. */
function makeRouteStates(
  graph: TopologyGraph,
  widgets: ReadonlyMap<string, WidgetState>,
): RouteState[] {
  const states: RouteState[] = [];
  for (const route of graph.topology.routes) {
    const source = widgets.get(route.source);
    const sink = widgets.get(route.sink);
    if (source === undefined || sink === undefined || route.duplicateOf !== null) continue;
    states.push({ route, source, sink, queues: null });
  }
  return states;
}
