import type { PcmStream } from "../model/pcms.js";
import type { Route, Topology, Widget } from "../model/types.js";

/**
 * Draws a topology as Graphviz text: a cluster for each pipeline, PCMs and links at the ends. Virtual widgets
 * and the routes that touch them are dashed, routes that repeat another are dotted, ends that do not exist red.
 *
 * Plain function without side effects. `dot -Tsvg` or any other layout tool takes the text.
 */
export function toDot(topology: Topology): string {
  const lines = [
    `digraph ${quote(topology.source)} {`,
    "  rankdir=LR;",
    '  node [shape=box, fontname="sans-serif", fontsize=10];',
    '  edge [fontname="sans-serif", fontsize=9];',
  ];
  const known = new Set<string>();
  for (const pipeline of topology.pipelines) {
    const details = [
      `pipeline ${pipeline.id}`,
      pipeline.core === 0 ? "" : `core ${pipeline.core}`,
      pipeline.priority === 0 ? "" : `priority ${pipeline.priority}`,
      pipeline.lpMode ? "low power" : "",
      pipeline.chainDma ? "chain DMA" : "",
    ];
    lines.push(`  subgraph ${quote(`cluster_${pipeline.name}`)} {`);
    lines.push(`    label=${quote(details.filter((part) => part !== "").join(", "))}; color=gray;`);
    const members = new Set(pipeline.widgets);
    for (const widget of topology.widgets) {
      if (!members.has(widget.name) || known.has(widget.name)) continue;
      known.add(widget.name);
      lines.push(`    ${widgetNode(widget)}`);
    }
    lines.push("  }");
  }
  for (const widget of topology.widgets) {
    if (widget.kind === "scheduler" || known.has(widget.name)) continue;
    known.add(widget.name);
    lines.push(`  ${widgetNode(widget)}`);
  }
  for (const route of topology.routes) {
    for (const name of [route.source, route.sink]) {
      if (known.has(name)) continue;
      known.add(name);
      lines.push(`  ${node(name, `${name}\nmissing`, "color=red, fontcolor=red, style=dashed")}`);
    }
    lines.push(
      `  ${quote(`w:${route.source}`)} -> ${quote(`w:${route.sink}`)}${routeStyle(route)};`,
    );
  }
  lines.push(...pcmLines(topology), ...linkLines(topology), "}");
  return `${lines.join("\n")}\n`;
}

function pcmLines(topology: Topology): string[] {
  const lines: string[] = [];
  for (const pcm of topology.pcms) {
    const id = quote(`p:${pcm.id}:${pcm.name}`);
    lines.push(`  ${id} [label=${quote(`PCM ${pcm.id}\n${pcm.name}`)}, shape=cds];`);
    const host = (stream: PcmStream | null) =>
      stream?.hostWidget == null ? null : quote(`w:${stream.hostWidget}`);
    const playback = host(pcm.playback);
    const capture = host(pcm.capture);
    if (playback !== null) lines.push(`  ${id} -> ${playback};`);
    if (capture !== null) lines.push(`  ${capture} -> ${id};`);
  }
  return lines;
}

function linkLines(topology: Topology): string[] {
  const lines: string[] = [];
  for (const link of topology.links) {
    if (link.widgets.playback.length + link.widgets.capture.length === 0) continue;
    const id = quote(`l:${link.name}`);
    const label = `${link.daiType ?? "DAI"} ${link.daiIndex}\n${link.name}`;
    lines.push(`  ${id} [label=${quote(label)}, shape=component];`);
    for (const name of link.widgets.playback) lines.push(`  ${quote(`w:${name}`)} -> ${id};`);
    for (const name of link.widgets.capture) lines.push(`  ${id} -> ${quote(`w:${name}`)};`);
  }
  return lines;
}

function widgetNode(widget: Widget): string {
  const module =
    widget.module ?? widget.uuid ?? (widget.kind === "virtual" ? "virtual" : "no module");
  const style =
    widget.kind === "virtual"
      ? "style=dashed"
      : widget.kind === "host" || widget.kind === "dai"
        ? "style=bold"
        : "";
  return node(widget.name, `${widget.name}\n${module}`, style);
}

function node(name: string, label: string, style: string): string {
  const attributes = [`label=${quote(label)}`, style].filter((part) => part !== "").join(", ");
  return `${quote(`w:${name}`)} [${attributes}];`;
}

function routeStyle(route: Route): string {
  if (route.sourceMissing || route.sinkMissing) return " [color=red]";
  if (route.virtualSource || route.virtualSink) return " [style=dashed]";
  if (route.duplicateOf !== null) return ' [style=dotted, label="again"]';
  return "";
}

/** A quoted Graphviz identifier; control characters have no form in it. */
function quote(text: string): string {
  const plain = text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
  // oxlint-disable-next-line no-control-regex
  return `"${plain.replaceAll(/[\u0000-\u001f\u007f]/g, "?")}"`;
}
