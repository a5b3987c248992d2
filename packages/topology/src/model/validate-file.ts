import type { TopologyDefect } from "./defects.js";
import type { ManifestTotals } from "./manifest.js";
import type { Topology } from "./types.js";
import { tupleDefects } from "./validate-tuples.js";

/** Defects of the file as a whole and of what belongs to no widget. */
export function fileDefects(topology: Topology): TopologyDefect[] {
  const defects: TopologyDefect[] = [...countDefects(topology), ...pipelineDefects(topology)];
  for (const block of topology.file.blocks) {
    if (block.kind !== "opaque") continue;
    defects.push({
      kind: "block-unknown",
      severity: "warning",
      subject: topology.source,
      message: `a block of type ${block.type} with ${block.count} elements is left unread`,
      type: block.type,
    });
  }
  for (const pcm of topology.pcms) defects.push(...tupleDefects(pcm.tuples, pcm.name));
  for (const link of topology.links) defects.push(...tupleDefects(link.tuples, link.name));
  return defects;
}

/** @returns the elements that are really there, counted as the manifest counts them */
export function countElements(topology: Topology): ManifestTotals {
  let controls = 0;
  for (const widget of topology.widgets) controls += widget.controls.length;
  return {
    controls,
    widgets: topology.widgets.length,
    graphElements: topology.routes.length,
    pcms: topology.pcms.length,
    links: topology.links.length,
    dais: 0,
  };
}

function countDefects(topology: Topology): TopologyDefect[] {
  const { manifest, source } = topology;
  if (manifest === null) {
    return [
      {
        kind: "manifest-missing",
        severity: "error",
        subject: source,
        message: "the file has no manifest; the driver does not load it",
      },
    ];
  }
  const found = countElements(topology);
  const rows: [string, number, number][] = [
    ["controls", manifest.totals.controls, found.controls],
    ["widgets", manifest.totals.widgets, found.widgets],
    ["routes", manifest.totals.graphElements, found.graphElements],
    ["PCMs", manifest.totals.pcms, found.pcms],
    ["links", manifest.totals.links, found.links],
    ["DAIs", manifest.totals.dais, found.dais],
  ];
  return rows.flatMap(([element, declared, actual]): TopologyDefect[] =>
    declared === actual
      ? []
      : [
          {
            kind: "count-wrong",
            severity: "warning",
            subject: source,
            message: `the manifest announces ${declared} ${element}, the file has ${actual}`,
            element,
            declared,
            found: actual,
          },
        ],
  );
}

function pipelineDefects(topology: Topology): TopologyDefect[] {
  const seen = new Set<number>();
  return topology.pipelines.flatMap((pipeline): TopologyDefect[] => {
    if (!seen.has(pipeline.id)) {
      seen.add(pipeline.id);
      return [];
    }
    return [
      {
        kind: "pipeline-repeated",
        severity: "error",
        subject: pipeline.name,
        message: `pipeline ${pipeline.id} has a second scheduler`,
        pipelineId: pipeline.id,
      },
    ];
  });
}
