import type { Direction } from "../abi.js";
import type { Pcm, PcmStream } from "./pcms.js";
import type { Pipeline, Route, Topology, Widget } from "./types.js";
import { endpointDirection } from "./widgets.js";

/** What a stream of a PCM uses. */
export interface StreamPath {
  readonly pcm: Pcm;
  readonly stream: PcmStream;
  readonly host: Widget;
  /**
   * The modules that the stream needs, each once, in the order in which the driver sets them up: from each
   * source along the flow of audio, a branch to its end before the next branch. Where branches meet again, the
   * meeting point comes after the first of them.
   */
  readonly widgets: readonly Widget[];
  /** Routes between those modules in the same order, without duplicates. */
  readonly routes: readonly Route[];
  /** Pipelines of those modules, in order of first use. */
  readonly pipelines: readonly Pipeline[];
  /** DAI copiers at the far end. */
  readonly dais: readonly Widget[];
  /** Every pipeline is a DMA chain; `"mixed"` is refused by the driver. */
  readonly chainDma: boolean | "mixed";
  /** Routes from or to the path whose other end does not exist. */
  readonly brokenRoutes: readonly Route[];
}

const none: readonly Route[] = [];

/** Finds things in a topology by name and follows its routes. Makes its indices once; changes nothing. */
export class TopologyGraph {
  readonly topology: Topology;
  private readonly widgetsByName = new Map<string, Widget>();
  private readonly pipelinesById = new Map<number, Pipeline>();
  private readonly bySource = new Map<string, Route[]>();
  private readonly bySink = new Map<string, Route[]>();

  constructor(topology: Topology) {
    this.topology = topology;
    // The first of two things with one name is the one that the driver finds.
    for (const widget of topology.widgets) {
      if (!this.widgetsByName.has(widget.name)) this.widgetsByName.set(widget.name, widget);
    }
    for (const pipeline of topology.pipelines) {
      if (!this.pipelinesById.has(pipeline.id)) this.pipelinesById.set(pipeline.id, pipeline);
    }
    for (const route of topology.routes) {
      addTo(this.bySource, route.source, route);
      addTo(this.bySink, route.sink, route);
    }
  }

  widget(name: string): Widget | undefined {
    return this.widgetsByName.get(name);
  }

  pipeline(id: number): Pipeline | undefined {
    return this.pipelinesById.get(id);
  }

  /** @returns the pipeline a widget belongs to, undefined for one whose index has no scheduler */
  pipelineOf(widget: Widget): Pipeline | undefined {
    return this.pipelinesById.get(widget.pipelineId);
  }

  /** @returns the PCM with a name, or with an id when `nameOrId` is a number or decimal digits */
  pcm(nameOrId: string | number): Pcm | undefined {
    const { pcms } = this.topology;
    const byName = pcms.find((pcm) => pcm.name === nameOrId);
    if (byName !== undefined || !/^\d+$/.test(String(nameOrId))) return byName;
    return pcms.find((pcm) => pcm.id === Number(nameOrId));
  }

  /** @returns the routes out of a widget in file order, duplicates and broken ones included */
  routesFrom(name: string): readonly Route[] {
    return this.bySource.get(name) ?? none;
  }

  /** @returns the routes into a widget in file order, duplicates and broken ones included */
  routesTo(name: string): readonly Route[] {
    return this.bySink.get(name) ?? none;
  }

  /**
   * Follows the routes from a widget through modules; virtual widgets are neither listed nor passed.
   *
   * @param way `"down"` with the flow of audio, `"up"` against it
   * @param enter whether a widget belongs to the walk; by default every one does
   * @returns the widgets in the order of a depth-first walk over routes in file order, `start` first
   */
  reachable(
    start: Widget,
    way: "down" | "up",
    enter: (widget: Widget) => boolean = () => true,
  ): Widget[] {
    const seen = new Set<Widget>();
    const order: Widget[] = [];
    const pending = [start];
    for (let widget = pending.pop(); widget !== undefined; widget = pending.pop()) {
      if (seen.has(widget)) continue;
      seen.add(widget);
      order.push(widget);
      const next = this.neighbours(widget, way).filter((other) => !seen.has(other) && enter(other));
      for (let i = next.length - 1; i >= 0; i--) pending.push(next[i] as Widget);
    }
    return order;
  }

  /**
   * Finds what a stream needs. Playback follows the routes down from the host copier to the DAI copiers,
   * capture up from it. A path never enters a pipeline of the other direction (an echo reference leads into
   * one) nor a virtual widget.
   *
   * @returns null when the PCM has no such direction or the stream has no host copier
   */
  path(pcm: Pcm, direction: Direction): StreamPath | null {
    const stream = pcm[direction];
    const host = stream?.hostWidget == null ? undefined : this.widget(stream.hostWidget);
    if (stream === null || host === undefined) return null;
    const enter = (widget: Widget) => this.directionOf(widget) !== opposite[direction];
    const reached = this.reachable(host, direction === "playback" ? "down" : "up", enter);
    const widgets = direction === "playback" ? reached : this.downstreamOrder(reached);
    const members = new Set(widgets.map((widget) => widget.name));
    const pipelines = new Set<Pipeline>();
    for (const widget of widgets) {
      const pipeline = this.pipelineOf(widget);
      if (pipeline !== undefined) pipelines.add(pipeline);
    }
    const chains = widgets.filter((widget) => this.pipelineOf(widget)?.chainDma === true).length;
    return {
      pcm,
      stream,
      host,
      widgets,
      routes: widgets.flatMap((widget) =>
        this.routesFrom(widget.name).filter(
          (route) => route.duplicateOf === null && members.has(route.sink),
        ),
      ),
      pipelines: [...pipelines],
      dais: widgets.filter((widget) => widget.kind === "dai"),
      chainDma: chains === 0 ? false : chains === widgets.length ? true : "mixed",
      brokenRoutes: widgets.flatMap((widget) => [
        ...this.routesFrom(widget.name).filter((route) => route.sinkMissing),
        ...this.routesTo(widget.name).filter((route) => route.sourceMissing),
      ]),
    };
  }

  /** Capture is set up from the DAI copiers down, over what was reached from the host copier up. */
  private downstreamOrder(reached: readonly Widget[]): Widget[] {
    const members = new Set(reached);
    const isSource = (widget: Widget) =>
      !this.neighbours(widget, "up").some((other) => members.has(other));
    const fileOrder = this.topology.widgets.filter((widget) => members.has(widget));
    const starts = [
      ...fileOrder.filter((widget) => widget.dapmType === "dai_out"),
      ...fileOrder.filter(isSource),
      ...fileOrder,
    ];
    const order = new Set<Widget>();
    for (const start of starts) {
      if (order.has(start)) continue;
      const enter = (widget: Widget) => members.has(widget) && !order.has(widget);
      for (const widget of this.reachable(start, "down", enter)) order.add(widget);
    }
    return [...order];
  }

  private directionOf(widget: Widget): Direction | null {
    return endpointDirection(widget.dapmType) ?? this.pipelineOf(widget)?.direction ?? null;
  }

  private neighbours(widget: Widget, way: "down" | "up"): Widget[] {
    const routes = way === "down" ? this.routesFrom(widget.name) : this.routesTo(widget.name);
    const found: Widget[] = [];
    for (const route of routes) {
      const other = this.widget(way === "down" ? route.sink : route.source);
      if (other !== undefined && other.kind !== "virtual" && other.kind !== "scheduler")
        found.push(other);
    }
    return found;
  }
}

const opposite: Readonly<Record<Direction, Direction>> = {
  playback: "capture",
  capture: "playback",
};

function addTo(map: Map<string, Route[]>, key: string, route: Route): void {
  const routes = map.get(key);
  if (routes === undefined) map.set(key, [route]);
  else routes.push(route);
}
