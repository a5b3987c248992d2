import type {
  Block,
  BlockFields,
  GraphRecord,
  LinkRecord,
  PcmRecord,
  TopologyFile,
  WidgetRecord,
} from "../container/records.js";
import { writeTopology } from "../container/writer.js";
import type { NhltTable } from "../model/nhlt.js";
import { makeTopology } from "../model/parse.js";
import { validateTopology } from "../model/validate.js";
import { buildError, nameField } from "./fields.js";
import { type LinkOptions, linkRecord } from "./link-records.js";
import {
  manifestRecord,
  type NhltEndpointOptions,
  nhltTable,
  type SofAbi,
} from "./manifest-record.js";
import type { PipelineOptions } from "./module-options.js";
import { type PcmOptions, pcmRecord } from "./pcm-records.js";
import { PipelineBuilder, type VirtualType, type WidgetRef } from "./pipeline-builder.js";
import { plainWidget } from "./widget-records.js";

export interface TopologyBuilderOptions {
  /** Name for messages; "built topology" when left out. */
  readonly source?: string;
  /** ABI of SOF's tokens; 3.29.1 when left out. */
  readonly abi?: SofAbi;
  /** DMIC and SSP endpoints with their blobs. */
  readonly nhlt?: readonly NhltEndpointOptions[] | NhltTable;
  /**
   * Builds also what the Linux driver would refuse, to try how a host takes it. False when left out: `build`
   * fails with the first defect.
   */
  readonly allowDefects?: boolean;
}

interface Edge {
  readonly source: string;
  readonly sink: string;
}

/**
 * Builds IPC4 topologies: describe pipelines, modules, routes, PCMs and links, and get the file that alsatplg
 * would make of the same description. Order of blocks, names and tokens follow the topologies that SOF ships.
 *
 * Plain object for use outside the firmware; nothing is written before `build`.
 */
export class TopologyBuilder {
  private readonly options: TopologyBuilderOptions;
  private readonly pipelines: PipelineBuilder[] = [];
  private readonly virtuals: { index: number; record: WidgetRecord }[] = [];
  private readonly edges: Edge[] = [];
  private readonly pcms: PcmRecord[] = [];
  private readonly links: LinkRecord[] = [];

  constructor(options: TopologyBuilderOptions = {}) {
    this.options = options;
  }

  /** Adds a pipeline, to be filled through the builder that comes back. */
  pipeline(options: PipelineOptions): PipelineBuilder {
    if (this.pipelines.some((other) => other.id === options.id)) {
      throw buildError(
        `pipeline ${options.id} is there already`,
        "Give each pipeline an id of its own",
      );
    }
    const pipeline = new PipelineBuilder(options);
    this.pipelines.push(pipeline);
    return pipeline;
  }

  /** Adds a widget that never reaches the firmware: a codec pin or a place where routes end. */
  virtual(type: VirtualType, name: string, index = 0): WidgetRef {
    this.virtuals.push({ index, record: plainWidget(type, name) });
    return { name, streamName: "", pipelineId: index };
  }

  /** Adds a route for each two neighbours of a chain of widgets. */
  route(...chain: readonly (WidgetRef | string)[]): this {
    const names = chain.map((end) => (typeof end === "string" ? end : end.name));
    for (let i = 1; i < names.length; i++) {
      this.edges.push({ source: names[i - 1] as string, sink: names[i] as string });
    }
    return this;
  }

  pcm(options: PcmOptions): this {
    this.pcms.push(pcmRecord(options));
    return this;
  }

  link(options: LinkOptions): this {
    this.links.push(linkRecord(options));
    return this;
  }

  /**
   * @returns the file
   * @throws InputError when the topology has a defect that the Linux driver refuses, unless the options allow it
   */
  build(): Uint8Array {
    return writeTopology(this.file());
  }

  /** @returns the records of the file; fails as {@link TopologyBuilder.build} does */
  file(): TopologyFile {
    const widgetBlocks = this.widgetBlocks();
    const graphBlocks = this.graphBlocks();
    const widgets = widgetBlocks.flatMap((block) =>
      block.kind === "widgets" ? block.records : [],
    );
    const totals = {
      controls: widgets.reduce((sum, widget) => sum + widget.controls.length, 0),
      widgets: widgets.length,
      graphElements: this.edges.length,
      pcms: this.pcms.length,
      links: this.links.length,
      dais: 0,
    };
    const { abi = { major: 3, minor: 29, patch: 1 }, source = "built topology" } = this.options;
    const manifest = manifestRecord(totals, abi, this.nhlt());
    const blocks: Block[] = [
      { kind: "manifest", ...fields(0), records: [manifest] },
      ...widgetBlocks,
    ];
    if (this.pcms.length > 0) blocks.push({ kind: "pcms", ...fields(0), records: [...this.pcms] });
    if (this.links.length > 0)
      blocks.push({ kind: "links", ...fields(0), records: [...this.links] });
    const file: TopologyFile = { source, blocks: [...blocks, ...graphBlocks] };
    if (this.options.allowDefects !== true) refuseDefects(file);
    return file;
  }

  /** One block for each index, ascending. */
  private widgetBlocks(): Block[] {
    const groups = new Map<number, WidgetRecord[]>();
    for (const { index, record } of this.virtuals) addTo(groups, index, record);
    for (const pipeline of this.pipelines) {
      for (const record of pipeline.records()) addTo(groups, pipeline.id, record);
    }
    return sortedGroups(groups).map(([index, records]) => ({
      kind: "widgets",
      ...fields(index),
      records,
    }));
  }

  /** Routes inside a pipeline go into its block, all others into block 0. */
  private graphBlocks(): Block[] {
    const indexOf = new Map<string, number>();
    for (const { index, record } of this.virtuals) indexOf.set(record.name, index);
    for (const pipeline of this.pipelines) {
      for (const record of pipeline.records()) indexOf.set(record.name, pipeline.id);
    }
    const groups = new Map<number, GraphRecord[]>();
    for (const edge of this.edges) {
      const source = nameField(edge.source, "route source");
      const sink = nameField(edge.sink, "route sink");
      const index = indexOf.get(source);
      const inside = index !== undefined && index === indexOf.get(sink);
      addTo(groups, inside ? index : 0, { sink, control: "", source });
    }
    return sortedGroups(groups).map(([index, records]) => ({
      kind: "graph",
      ...fields(index),
      records,
    }));
  }

  private nhlt(): NhltTable | null {
    const { nhlt } = this.options;
    if (nhlt === undefined) return null;
    return "endpoints" in nhlt ? nhlt : nhltTable(nhlt);
  }
}

function fields(index: number): BlockFields {
  return { version: 0, vendorType: 0, index };
}

function addTo<T>(groups: Map<number, T[]>, index: number, record: T): void {
  const group = groups.get(index);
  if (group === undefined) groups.set(index, [record]);
  else group.push(record);
}

function sortedGroups<T>(groups: Map<number, T[]>): [number, T[]][] {
  return [...groups].sort(([a], [b]) => a - b);
}

function refuseDefects(file: TopologyFile): void {
  const defect = validateTopology(makeTopology(file)).find(({ severity }) => severity === "error");
  if (defect === undefined) return;
  throw buildError(
    `${defect.subject}: ${defect.message}`,
    "Mend the description, or build with allowDefects",
  );
}
