import { assert } from "@sof-ts/kit";
import type { Widget } from "@sof-ts/topology";
import type { BackEndSetup } from "./back-end.js";
import type { DriverServices } from "./driver-services.js";
import { FirstError } from "./first-error.js";
import { type FormatPlan, planFormats } from "./format-plan.js";
import type { HostTask } from "./host-task.js";
import type { SetupInput } from "./module-setup.js";
import type { PcmPath } from "./path.js";
import type { StreamParams } from "./pcm-params.js";
import { countTrigger, resetPipelines, type TriggerCommand, triggerFrontEnd } from "./trigger.js";
import type { ModuleInstance, PipelineUse, RouteState, WidgetState } from "./widget-state.js";

/**
 * Checks that the firmware has every module of a path. A DMA chain needs none.
 *
 * @throws HostError EINVAL naming the first widget without
 */
export function requireModules({ modules, options }: DriverServices, path: PcmPath): void {
  if (path.chainDma) return;
  for (const widget of path.widgets) modules.moduleOf(widget, options.variant);
}

/**
 * Chooses the formats of a stream's modules as they would be set up now; nothing is sent.
 *
 * @throws HostError for formats that do not fit
 */
export function planStream(
  services: DriverServices,
  path: PcmPath,
  frontEnd: StreamParams,
): FormatPlan {
  const { state, backEnds } = services;
  return planFormats(state.graph, path, {
    frontEnd,
    backEnd: (dai) => backEnds.of(dai).paramsFor(frontEnd),
    inUse: (widget) => state.stateOf(widget).instance?.formats ?? null,
  });
}

/**
 * The modules, routes and pipelines of one stream in the firmware: made in the order of the audio's way,
 * shared with other streams where paths meet, given back together.
 */
export class StreamGraph {
  private readonly services: DriverServices;
  private readonly path: PcmPath;
  private readonly taken: WidgetState[] = [];
  private readonly pipelines: readonly PipelineUse[];
  /** This stream is counted as started, and as paused, by its pipelines. */
  private countsStarted = false;
  private countsPaused = false;

  constructor(services: DriverServices, path: PcmPath) {
    this.services = services;
    this.path = path;
    this.pipelines = path.pipelines.map((pipeline) => services.state.pipelineState(pipeline));
  }

  /** What the firmware has of a widget of the path; null while it is not set up. */
  instanceOf(widget: Widget): ModuleInstance | null {
    return this.services.state.stateOf(widget).instance;
  }

  /**
   * Makes everything.
   *
   * @throws HostError naming the widget; what was made is given back then, last first
   */
  *setUp(
    frontEnd: StreamParams,
    streamTag: number,
    backEnds: ReadonlyMap<Widget, BackEndSetup>,
  ): HostTask<void> {
    const input: SetupInput = {
      direction: this.path.direction,
      formats: planStream(this.services, this.path, frontEnd),
      streamTag,
      backEnd: (dai) => {
        const setup = backEnds.get(dai);
        assert(setup !== undefined, `back end of ${dai.name} is not set up`);
        return setup;
      },
    };
    try {
      for (const widget of this.path.widgets) {
        const state = this.services.state.stateOf(widget);
        yield* this.services.setup.setUp(state, input);
        this.taken.push(state);
        if (this.bindsWithSink) yield* this.bindInto(state);
      }
      if (!this.bindsWithSink) yield* this.bindPath();
      yield* this.bindAcross();
    } catch (error) {
      yield* this.give(this.taken.toReversed(), new FirstError(this.services.ipc));
      throw error;
    }
  }

  /** Carries out a trigger command on the pipelines that are this front end's to change. */
  *trigger(command: TriggerCommand): HostTask<void> {
    const counted = yield* triggerFrontEnd(this.services.pipelines, this.pipelines, command);
    if (counted) this.remember(command);
  }

  /** Resets the pipelines that no other stream keeps running. */
  *reset(): HostTask<void> {
    yield* resetPipelines(this.services.pipelines, this.pipelines);
  }

  /** Takes this stream off its pipelines' counters without a message: after a stop that was refused. */
  uncount(): void {
    if (this.countsPaused) countTrigger(this.pipelines, "pauseRelease");
    if (this.countsStarted) countTrigger(this.pipelines, "stop");
    this.countsPaused = false;
    this.countsStarted = false;
  }

  /** Gives everything back, in the order of set-up. Failures are kept in `errors`; nothing stays taken. */
  *free(errors: FirstError): HostTask<void> {
    yield* this.give([...this.taken], errors);
  }

  private remember(command: TriggerCommand): void {
    if (command === "start" || command === "resume") this.countsStarted = true;
    if (command === "stop" || command === "suspend") this.countsStarted = false;
    if (command === "pausePush") this.countsPaused = true;
    if (command === "pauseRelease") this.countsPaused = false;
  }

  private *give(states: readonly WidgetState[], errors: FirstError): HostTask<void> {
    this.taken.length = 0;
    for (const state of states) yield* this.services.setup.free(state, errors);
  }

  private get bindsWithSink(): boolean {
    return this.services.options.variant.bindOrder === "withSink";
  }

  private *bindPath(): HostTask<void> {
    const { state, routes } = this.services;
    for (const route of this.path.routes) yield* routes.bind(state.routeState(route));
  }

  private *bindInto(sink: WidgetState): HostTask<void> {
    const { state, routes } = this.services;
    for (const route of this.path.routes) {
      const routeState = state.routeState(route);
      if (routeState.sink !== sink) continue;
      if (routeState.source.instance !== null) yield* routes.bind(routeState);
    }
  }

  /** Binds to modules of other streams that exist already: loopbacks and echo references. */
  private *bindAcross(): HostTask<void> {
    const { state, routes } = this.services;
    const members = new Set(this.path.widgets);
    const leaves = ({ source, sink }: RouteState) =>
      members.has(source.widget) !== members.has(sink.widget);
    for (const route of state.routes) {
      const exists = route.source.instance !== null && route.sink.instance !== null;
      if (route.queues === null && exists && leaves(route)) yield* routes.bind(route);
    }
  }
}
