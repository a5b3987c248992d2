import { displayText } from "../container/codec.js";
import type { TopologyFile } from "../container/records.js";
import type { Route, Widget } from "./types.js";

/** Makes the routes of a file, in file order. The index of a graph block carries no meaning. */
export function makeRoutes(file: TopologyFile, widgets: readonly Widget[]): Route[] {
  const byName = new Map<string, Widget>();
  for (const widget of widgets) if (!byName.has(widget.name)) byName.set(widget.name, widget);
  const firstByEnds = new Map<string, number>();
  const routes: Route[] = [];
  for (const block of file.blocks) {
    if (block.kind !== "graph") continue;
    for (const record of block.records) {
      const index = routes.length;
      const source = displayText(record.source);
      const sink = displayText(record.sink);
      const from = byName.get(source);
      const to = byName.get(sink);
      const ends = `${source}\0${sink}`;
      const first = firstByEnds.get(ends);
      if (first === undefined) firstByEnds.set(ends, index);
      routes.push({
        index,
        source,
        sink,
        control: displayText(record.control),
        sourceMissing: from === undefined,
        sinkMissing: to === undefined,
        virtualSource: from?.kind === "virtual",
        virtualSink: to?.kind === "virtual",
        crossPipeline: from !== undefined && to !== undefined && from.pipelineId !== to.pipelineId,
        duplicateOf: first ?? null,
      });
    }
  }
  return routes;
}
