import type { Direction } from "../abi.js";
import { readTopology } from "../container/reader.js";
import type { TopologyFile } from "../container/records.js";
import { makeLink } from "./links.js";
import { makeManifest, type SofManifest } from "./manifest.js";
import { makePcm } from "./pcms.js";
import { makeRoutes } from "./routes.js";
import type { Pipeline, Topology, Widget } from "./types.js";
import { endpointDirection, makePipeline, makeWidget } from "./widgets.js";

/**
 * Reads a topology file into the typed model. Defects of the content (a route into nowhere, a module without
 * UUID, missing format sets) do not stop it: `validateTopology` lists them.
 *
 * Plain function without side effects; linear in the size of the input.
 *
 * @param bytes the whole file; not kept and not changed
 * @param source file name, for messages
 * @throws InputError with source, offset and remedy for a file that cannot be read completely
 */
export function parseTopology(bytes: Uint8Array, source: string): Topology {
  return makeTopology(readTopology(bytes, source));
}

/**
 * Makes the typed model of records.
 *
 * @throws InputError when the private data of the manifest cannot be read
 */
export function makeTopology(file: TopologyFile): Topology {
  const widgets = file.blocks.flatMap((block) =>
    block.kind === "widgets" ? block.records.map((record) => makeWidget(record, block.index)) : [],
  );
  const hosts = byStream(widgets, "host");
  const dais = byStream(widgets, "dai");
  const findHost = (name: string, direction: Direction) => hosts[direction].get(name)?.[0] ?? null;
  const findDais = (name: string, direction: Direction) => dais[direction].get(name) ?? [];
  return {
    source: file.source,
    manifest: firstManifest(file),
    pipelines: makePipelines(widgets),
    widgets,
    routes: makeRoutes(file, widgets),
    pcms: file.blocks.flatMap((block) =>
      block.kind === "pcms" ? block.records.map((record) => makePcm(record, findHost)) : [],
    ),
    links: file.blocks.flatMap((block) =>
      block.kind === "links" ? block.records.map((record) => makeLink(record, findDais)) : [],
    ),
    file,
  };
}

function firstManifest(file: TopologyFile): SofManifest | null {
  for (const block of file.blocks) {
    const record = block.kind === "manifest" ? block.records[0] : undefined;
    if (record !== undefined) return makeManifest(record, file.source);
  }
  return null;
}

/** Names of the endpoint widgets of one kind by direction and stream name. */
function byStream(widgets: readonly Widget[], kind: "host" | "dai") {
  const found = { playback: new Map<string, string[]>(), capture: new Map<string, string[]>() };
  for (const widget of widgets) {
    const direction = endpointDirection(widget.dapmType);
    if (widget.kind !== kind || direction === null) continue;
    const names = found[direction].get(widget.streamName);
    if (names === undefined) found[direction].set(widget.streamName, [widget.name]);
    else names.push(widget.name);
  }
  return found;
}

/** Widgets of a pipeline may stand before and after its scheduler, so they are collected first. */
function makePipelines(widgets: readonly Widget[]): Pipeline[] {
  const members = new Map<number, Widget[]>();
  for (const widget of widgets) {
    if (widget.kind === "scheduler" || widget.kind === "virtual") continue;
    const list = members.get(widget.pipelineId);
    if (list === undefined) members.set(widget.pipelineId, [widget]);
    else list.push(widget);
  }
  return widgets
    .filter((widget) => widget.kind === "scheduler")
    .map((scheduler) => makePipeline(scheduler, members.get(scheduler.pipelineId) ?? []));
}
