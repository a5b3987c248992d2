import type { TopologyGraph } from "@sof-ts/topology";
import { findPcm, findPcmPath } from "./path.js";
import type { StreamDirection } from "./ports.js";

/** A firmware module that a stream needs. */
export interface ModuleNeed {
  /** 8-4-4-4-12 text; null for widgets that the topology gives no UUID, which the driver refuses. */
  readonly uuid: string | null;
  /** Name in SOF's registry; null for a UUID that is not in it. */
  readonly name: string | null;
  /** Widgets of the path that are instances of it. */
  readonly widgets: readonly string[];
}

/**
 * Lists the modules that a stream needs of the firmware, in the order of first use. A DMA chain needs none.
 *
 * @throws HostError when the stream has no path
 */
export function describeModuleNeeds(
  graph: TopologyGraph,
  pcmNameOrId: string | number,
  direction: StreamDirection,
): ModuleNeed[] {
  const path = findPcmPath(graph, findPcm(graph, pcmNameOrId), direction);
  if (path.chainDma) return [];
  const needs = new Map<
    string | null,
    { uuid: string | null; name: string | null; widgets: string[] }
  >();
  for (const widget of path.widgets) {
    const known = needs.get(widget.uuid);
    if (known === undefined) {
      needs.set(widget.uuid, { uuid: widget.uuid, name: widget.module, widgets: [widget.name] });
    } else {
      known.widgets.push(widget.name);
    }
  }
  return [...needs.values()];
}
