import { printable } from "../container/codec.js";
import type { TopologyDefect } from "./defects.js";
import { TopologyGraph } from "./graph.js";
import type { Route, Topology } from "./types.js";
import { fileDefects } from "./validate-file.js";
import { widgetDefects } from "./validate-widget.js";

/**
 * Lists what is wrong in a topology that could be read, in the order file, widgets, routes, PCMs, links. The
 * severities say what the Linux driver makes of each.
 *
 * Plain function without side effects; linear in the size of the topology.
 */
export function validateTopology(topology: Topology): TopologyDefect[] {
  const graph = new TopologyGraph(topology);
  const linkNames = new Set(topology.links.map((link) => link.name));
  const defects = [
    ...fileDefects(topology),
    ...topology.widgets.flatMap((widget) => widgetDefects(widget, graph, linkNames)),
    ...topology.routes.flatMap((route) => routeDefects(route, graph)),
    ...streamDefects(topology),
    ...linkDefects(topology),
  ];
  return defects.map((defect) => ({
    ...defect,
    subject: printable(defect.subject),
    message: printable(defect.message),
  }));
}

function routeDefects(route: Route, graph: TopologyGraph): TopologyDefect[] {
  const subject = `${route.source} -> ${route.sink}`;
  const defects: TopologyDefect[] = [];
  for (const end of ["source", "sink"] as const) {
    if (!(end === "source" ? route.sourceMissing : route.sinkMissing)) continue;
    const name = end === "source" ? route.source : route.sink;
    defects.push({
      kind: "route-end-missing",
      severity: "error",
      subject,
      message: `the route's ${end} "${name}" does not exist; the driver refuses the route`,
      route,
      end,
    });
  }
  if (route.duplicateOf !== null) {
    defects.push({
      kind: "route-duplicate",
      severity: "warning",
      subject,
      message: `route ${route.index} repeats route ${route.duplicateOf}`,
      route,
      first: route.duplicateOf,
    });
  }
  if (endsDisagreeOnChainDma(route, graph)) {
    defects.push({
      kind: "chain-dma-mixed",
      severity: "error",
      subject,
      message: "one end is in a DMA chain and the other is not; the driver refuses the stream",
      route,
    });
  }
  return defects;
}

function endsDisagreeOnChainDma(route: Route, graph: TopologyGraph): boolean {
  const chains = [route.source, route.sink].map((name) => {
    const widget = graph.widget(name);
    if (widget === undefined || widget.kind === "virtual") return undefined;
    return graph.pipelineOf(widget)?.chainDma;
  });
  return chains.every((chain) => chain !== undefined) && chains[0] !== chains[1];
}

function streamDefects(topology: Topology): TopologyDefect[] {
  return topology.pcms.flatMap((pcm) =>
    [pcm.playback, pcm.capture].flatMap((stream): TopologyDefect[] => {
      if (stream === null || stream.hostWidget !== null) return [];
      const { direction, streamName } = stream;
      return [
        {
          kind: "stream-without-host",
          severity: "error",
          subject: `${pcm.name} ${direction}`,
          message: `no host copier has the stream name "${streamName}"`,
          pcm,
          direction,
        },
      ];
    }),
  );
}

function linkDefects(topology: Topology): TopologyDefect[] {
  return topology.links.flatMap((link) => {
    const defects: TopologyDefect[] = [];
    if (link.daiType === null) {
      defects.push({
        kind: "link-without-type",
        severity: "error",
        subject: link.name,
        message: "the link does not say its DAI type; the driver refuses it",
        link,
      });
    }
    if (link.widgets.playback.length + link.widgets.capture.length === 0) {
      defects.push({
        kind: "link-without-dai",
        severity: "note",
        subject: link.name,
        message: "no DAI copier uses the link",
        link,
      });
    }
    return defects;
  });
}
