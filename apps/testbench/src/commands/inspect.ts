import { builtinModules } from "@sof-ts/modules";
import {
  describeTopology,
  toDot,
  type Topology,
  type TopologyDescription,
  type Widget,
  type WidgetDescription,
} from "@sof-ts/topology";
import { Graphviz } from "@hpcc-js/wasm-graphviz";
import Table from "cli-table3";
import { loadTopology } from "../cli/load-topology.js";
import { writeWhole } from "../run/output-file.js";

/** Forms in which `inspect` shows a topology. */
export type InspectFormat = "table" | "json" | "dot" | "svg";

export interface InspectOptions {
  readonly format: InspectFormat;
  /** File to write instead of the standard output. */
  readonly output?: string | undefined;
}

/** Shows what is in a topology file. @returns the text that goes to the standard output */
export async function inspect(path: string, options: InspectOptions): Promise<string> {
  const topology = loadTopology(path);
  const description = withCycles(describeTopology(topology), topology);
  const text = await render();
  if (options.output === undefined) return text;
  writeWhole(options.output, new TextEncoder().encode(text));
  return `${options.output}: written\n`;

  async function render(): Promise<string> {
    switch (options.format) {
      case "json":
        return `${JSON.stringify(description, null, 2)}\n`;
      case "dot":
        return `${toDot(topology)}\n`;
      case "svg":
        return (await Graphviz.load()).layout(toDot(topology), "svg", "dot");
      case "table":
        return tables(description);
    }
  }
}

/** What the firmware's manifest says that a widget's module costs with one pair of its buffer sizes. */
interface PeriodCost {
  readonly ibs: number;
  readonly obs: number;
  readonly cycles: number;
}
type CostedWidget = WidgetDescription & { cyclesPerPeriod: readonly PeriodCost[] };
type CostedDescription = Omit<TopologyDescription, "widgets"> & { widgets: CostedWidget[] };

function withCycles(description: TopologyDescription, topology: Topology): CostedDescription {
  const costs = new Map(topology.widgets.map((widget) => [widget.name, costsOf(widget)]));
  return {
    ...description,
    widgets: description.widgets.map((widget) => ({
      ...widget,
      cyclesPerPeriod: costs.get(widget.name) ?? [],
    })),
  };
}

/** Costs of the buffer sizes that a widget's formats allow. */
function costsOf({ uuid, inputFormats, outputFormats }: Widget): PeriodCost[] {
  const driver = builtinModules.find(({ manifest }) => manifest.uuid === uuid);
  const sizes = ({ sets }: Widget["inputFormats"]) =>
    new Set(sets.map(({ bufferBytes }) => bufferBytes));
  const [inputs, outputs] = [sizes(inputFormats), sizes(outputFormats)];
  return (driver?.manifest.configs ?? [])
    .filter(({ ibs, obs }) => inputs.has(ibs) && outputs.has(obs))
    .map(({ ibs, obs, cpc }) => ({ ibs, obs, cycles: cpc }));
}

function tables(description: CostedDescription): string {
  const { counts } = description;
  const sections = [
    `${description.source}: ${counts.pcms} PCMs, ${counts.pipelines} pipelines, ${counts.widgets} widgets, ` +
      `${counts.graphElements} routes, ${counts.controls} controls, ${counts.links} links, ABI ${description.abi ?? "none"}`,
    section(
      "PCMs",
      ["id", "name", "direction", "formats", "rates", "channels", "path"],
      pcmRows(description),
    ),
    section(
      "Pipelines",
      ["id", "direction", "prio", "core", "flags", "widgets"],
      pipelineRows(description),
    ),
    section(
      "Widgets",
      ["pipeline", "name", "module", "inputs", "outputs", "cycles a period", "settings"],
      widgetRows(description),
    ),
    section("Controls", ["name", "kind", "widget", "values", "channels"], controlRows(description)),
    section(
      "Routes",
      ["source", "sink", "flags"],
      description.routes.map((r) => [r.source, r.sink, r.flags.join(", ")]),
    ),
    section(
      "Links",
      ["id", "name", "type", "playback", "capture", "hardware"],
      linkRows(description),
    ),
    section(
      "Defects",
      ["severity", "what", "where"],
      description.defects.map((d) => [d.severity, d.message, d.subject]),
    ),
  ];
  return `${sections.filter((text) => text !== "").join("\n\n")}\n`;
}

function section(title: string, head: string[], rows: readonly string[][]): string {
  if (rows.length === 0) return "";
  const table = new Table({ head, style: { head: [], border: [], compact: true } });
  table.push(...rows);
  return `${title}\n${table.toString()}`;
}

function pcmRows({ pcms }: TopologyDescription): string[][] {
  return pcms.flatMap(({ id, name, playback, capture }) =>
    (["playback", "capture"] as const).flatMap((direction) => {
      const stream = direction === "playback" ? playback : capture;
      if (stream === null) return [];
      const [min, max] = stream.channels;
      const path = stream.path === null ? "no host copier" : stream.path.join("\n");
      const channels = min === max ? String(min) : `${min}..${max}`;
      return [
        [String(id), name, direction, stream.formats.join(" "), stream.rates, channels, path],
      ];
    }),
  );
}

function pipelineRows({ pipelines }: TopologyDescription): string[][] {
  return pipelines.map((pipeline) => {
    const flags = [
      pipeline.lpMode && "lp",
      pipeline.chainDma && "chain-dma",
      pipeline.dynamic && "dynamic",
    ];
    return [
      String(pipeline.id),
      pipeline.direction ?? "",
      String(pipeline.priority),
      String(pipeline.core),
      flags.filter(Boolean).join(" "),
      pipeline.widgets.join("\n"),
    ];
  });
}

function widgetRows({ widgets }: CostedDescription): string[][] {
  return widgets.map((widget) => [
    widget.pipeline === null ? "" : String(widget.pipeline),
    widget.name,
    moduleText(widget.module, widget.uuid, widget.kind),
    widget.inputFormats.join("\n"),
    widget.outputFormats.join("\n"),
    cyclesText(widget.cyclesPerPeriod),
    Object.entries(widget.settings)
      .map(([key, value]) => `${key} ${value}`)
      .join("\n"),
  ]);
}

/** One figure where there is one pair of sizes, else each with its sizes, input to output bytes. */
function cyclesText(costs: readonly PeriodCost[]): string {
  const [first] = costs;
  if (costs.length === 1 && first !== undefined) return String(first.cycles);
  return costs.map(({ ibs, obs, cycles }) => `${ibs} to ${obs}: ${cycles}`).join("\n");
}

/** Name of a module, with what there is to say about its implementation here. */
function moduleText(module: string | null, uuid: string | null, kind: string): string {
  if (uuid === null) return kind === "virtual" ? "(virtual)" : "no UUID";
  const driver = builtinModules.find(({ manifest }) => manifest.uuid === uuid);
  const name = module ?? uuid;
  if (driver === undefined) return `${name}\nnot implemented`;
  return driver.placeholder === undefined ? name : `${name}\n${driver.placeholder}`;
}

function controlRows({ controls }: TopologyDescription): string[][] {
  return controls.map((control) => [
    control.name,
    control.kind,
    control.widget,
    control.values,
    control.channels === null ? "" : String(control.channels),
  ]);
}

function linkRows({ links }: TopologyDescription): string[][] {
  return links.map((link) => [
    String(link.id),
    link.name,
    `${link.type ?? "?"} ${link.index}`,
    link.playback.join("\n"),
    link.capture.join("\n"),
    link.hwConfigs.join("\n"),
  ]);
}
