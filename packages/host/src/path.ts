import { EINVAL, ENODEV } from "@sof-ts/kit";
import type { Pcm, PcmStream, Pipeline, Route, TopologyGraph, Widget } from "@sof-ts/topology";
import { HostError } from "./host-error.js";
import { NO_UUID } from "./module-table.js";
import type { StreamDirection } from "./ports.js";

/** What a stream of a PCM runs through, in the orders in which the Linux driver treats it. */
export interface PcmPath {
  readonly pcm: Pcm;
  readonly stream: PcmStream;
  readonly direction: StreamDirection;
  /** The host copier. */
  readonly host: Widget;
  /** DAI copiers at the other end, one or more. */
  readonly dais: readonly Widget[];
  /** Modules in the order of set-up: with the flow of audio, each once. */
  readonly widgets: readonly Widget[];
  /** Routes between them in the order of binding: from the host copier on, whichever way audio flows. */
  readonly routes: readonly Route[];
  /** Their pipelines in the order of first use. */
  readonly pipelines: readonly Pipeline[];
  /** A DMA chain stands in for all pipelines and modules. */
  readonly chainDma: boolean;
}

/**
 * Finds a PCM by name or id.
 *
 * @throws HostError ENODEV, listing the PCMs that there are
 */
export function findPcm(graph: TopologyGraph, nameOrId: string | number): Pcm {
  const pcm = graph.pcm(nameOrId);
  if (pcm !== undefined) return pcm;
  const names = graph.topology.pcms.map(({ id, name }) => `"${name}" (${id})`).join(", ");
  throw new HostError(`no PCM ${JSON.stringify(nameOrId)}; there are ${names}`, { errno: ENODEV });
}

/** Which way a walk goes: with the flow of audio or against it. */
type Way = "down" | "up";

/**
 * Finds what a stream runs through, by the rules of ALSA's DAPM and of the driver on top of it: the modules
 * that connect the host copier to DAI copiers of the same direction. Virtual widgets are not part of it and
 * not walked through, pipelines of the other direction are not entered, and where a widget has several
 * edges, the one that the topology adds last is walked first.
 *
 * @throws HostError ENODEV when the PCM has no such direction; EINVAL when no DAI is reached, a module lacks
 * a pipeline, or only some of the pipelines are DMA chains
 */
export function findPcmPath(graph: TopologyGraph, pcm: Pcm, direction: StreamDirection): PcmPath {
  const about = { pcm: pcm.name, direction };
  const stream = pcm[direction];
  if (stream === null) throw new HostError(`there is no ${direction}`, { errno: ENODEV, ...about });
  const host = stream.hostWidget === null ? undefined : graph.widget(stream.hostWidget);
  if (host === undefined) {
    const reason = `no host copier has the stream name "${stream.streamName}"`;
    throw new HostError(reason, { errno: EINVAL, ...about });
  }
  const away: Way = direction === "playback" ? "down" : "up";
  const isEnd = (widget: Widget) => widget.kind === "dai" && widget.dai?.direction === direction;
  const enter = (widget: Widget) => directionOf(graph, widget) !== opposite[direction];
  const reached = walk(graph, [host], away, enter, isEnd);
  const dais = reached.filter(isEnd);
  if (dais.length === 0) {
    throw new HostError(noEndReason(graph, reached), { errno: EINVAL, ...about });
  }
  // What leads nowhere (a branch without a DAI at its end) takes no part.
  const within = new Set(reached);
  const connected = new Set(
    walk(graph, dais, away === "down" ? "up" : "down", (widget) => within.has(widget)),
  );
  const list = reached.filter((widget) => connected.has(widget));
  const enterConnected = (widget: Widget) => connected.has(widget);
  const widgets = direction === "playback" ? list : walk(graph, dais, "down", enterConnected);
  const pipelines = pipelinesOf(graph, widgets, about);
  const chains = pipelines.filter((pipeline) => pipeline.chainDma);
  if (chains.length !== 0 && chains.length !== pipelines.length) {
    const names = chains.map((pipeline) => pipeline.name).join(", ");
    throw new HostError(`only some of the pipelines are DMA chains (${names})`, {
      errno: EINVAL,
      ...about,
    });
  }
  const routes = list.flatMap((widget) =>
    edges(graph, widget, away).filter((route) =>
      connected.has(endOf(graph, route, away) as Widget),
    ),
  );
  return {
    pcm,
    stream,
    direction,
    host,
    dais,
    widgets,
    routes,
    pipelines,
    chainDma: chains.length > 0,
  };
}

const opposite = { playback: "capture", capture: "playback" } as const;

/**
 * Depth-first, each widget when it is first met.
 *
 * @param stop whether the walk does not go on behind a widget
 */
function walk(
  graph: TopologyGraph,
  starts: readonly Widget[],
  way: Way,
  enter: (widget: Widget) => boolean,
  stop: (widget: Widget) => boolean = () => false,
): Widget[] {
  const order = new Set<Widget>();
  const visit = (widget: Widget) => {
    if (order.has(widget)) return;
    order.add(widget);
    if (stop(widget)) return;
    for (const widgetBehind of neighbours(graph, widget, way)) {
      if (enter(widgetBehind)) visit(widgetBehind);
    }
  };
  for (const start of starts) visit(start);
  return [...order];
}

function neighbours(graph: TopologyGraph, widget: Widget, way: Way): Widget[] {
  return edges(graph, widget, way).map((route) => endOf(graph, route, way) as Widget);
}

/** The routes of one side of a widget whose other end is a module: DAPM keeps the newest edge first. */
export function edges(graph: TopologyGraph, widget: Widget, way: Way): Route[] {
  const routes = way === "down" ? graph.routesFrom(widget.name) : graph.routesTo(widget.name);
  return routes
    .filter((route) => {
      if (route.duplicateOf !== null) return false;
      const other = endOf(graph, route, way);
      return other !== undefined && other.kind !== "virtual" && other.kind !== "scheduler";
    })
    .reverse();
}

function endOf(graph: TopologyGraph, route: Route, way: Way): Widget | undefined {
  return graph.widget(way === "down" ? route.sink : route.source);
}

function directionOf(graph: TopologyGraph, widget: Widget): StreamDirection | null {
  if (widget.dapmType === "aif_in" || widget.dapmType === "dai_in") return "playback";
  if (widget.dapmType === "aif_out" || widget.dapmType === "dai_out") return "capture";
  return graph.pipelineOf(widget)?.direction ?? null;
}

function pipelinesOf(
  graph: TopologyGraph,
  widgets: readonly Widget[],
  about: { readonly pcm: string; readonly direction: StreamDirection },
): Pipeline[] {
  const pipelines = new Set<Pipeline>();
  for (const widget of widgets) {
    const pipeline = graph.pipelineOf(widget);
    if (pipeline === undefined) {
      // The driver looks for a widget's module when it loads the widget, before it binds pipelines.
      const reason =
        widget.uuid === null ? NO_UUID : `pipeline ${widget.pipelineId} has no scheduler`;
      throw new HostError(reason, {
        errno: EINVAL,
        widget: widget.name,
        ...about,
      });
    }
    pipelines.add(pipeline);
  }
  return [...pipelines];
}

function noEndReason(graph: TopologyGraph, reached: readonly Widget[]): string {
  const broken = reached.flatMap((widget) => [
    ...graph.routesFrom(widget.name).filter((route) => route.sinkMissing),
    ...graph.routesTo(widget.name).filter((route) => route.sourceMissing),
  ]);
  const first = broken[0];
  if (first === undefined) return "no back end is connected to the host copier";
  const missing = first.sinkMissing ? first.sink : first.source;
  return `no back end is connected: route ${first.source} -> ${first.sink} names ${missing}, which does not exist`;
}
