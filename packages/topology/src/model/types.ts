import type { DapmType, Direction } from "../abi.js";
import type { TopologyFile } from "../container/records.js";
import type { PinFormats } from "../tuples/pin-formats.js";
import type { Tuples } from "../tuples/tuples.js";
import type { Control } from "./controls.js";
import type { SofManifest } from "./manifest.js";
import type { Link } from "./links.js";
import type { Pcm } from "./pcms.js";

/**
 * What a widget is to the host driver; decides what is sent for it. `process` is every effect; `mixer` is a
 * mixer widget that is neither a mixin nor a mixout; `virtual` never reaches the firmware.
 */
export type WidgetKind =
  | "host"
  | "dai"
  | "copier"
  | "gain"
  | "mixin"
  | "mixout"
  | "mixer"
  | "src"
  | "asrc"
  | "process"
  | "scheduler"
  | "virtual"
  | "other";

/** Ramp of a gain, as IPC4's `ipc4_peak_volume_config` carries it. */
export interface GainSettings {
  /** 0 none, 1 windows fade, 2 linear, 3 log, 4 linear and 5 log at zero crossings. */
  readonly rampType: number;
  /** Length of the ramp in units of 100 ns. */
  readonly rampDuration: number;
  /** First target volume, Q1.31. */
  readonly initValue: number;
}

/** Where a DAI copier is connected. */
export interface DaiSettings {
  /** HDA, SSP, DMIC, ALH; null when the file does not say. */
  readonly type: string | null;
  readonly index: number;
  readonly direction: Direction;
}

/** Rates of a sample rate converter, Hz; null when the file leaves them to the pin formats. */
export interface RateSettings {
  readonly rateIn: number | null;
  readonly rateOut: number | null;
  /** Of an asynchronous converter: 1 push, 2 pull. */
  readonly operationMode: number | null;
}

/** Scheduling domain of a module, where the topology and not the firmware's manifest decides it. */
export interface DomainSettings {
  /** `LL` or `DP`; null when the manifest decides. */
  readonly scheduling: string | null;
  readonly memoryDomain: number | null;
  readonly stackBytes: number | null;
  readonly heapBytes: number | null;
}

/** A DAPM widget: a module of the firmware, a pipeline's scheduler, or a virtual end. */
export interface Widget {
  readonly name: string;
  /** Joins a host copier to a PCM's stream and a DAI copier to a link. */
  readonly streamName: string;
  readonly dapmType: DapmType;
  readonly kind: WidgetKind;
  /** Index of the widget's block: the pipeline it belongs to, when there is one of that id. */
  readonly pipelineId: number;
  /** The firmware module, 8-4-4-4-12 text; null for schedulers, virtual widgets and defective files. */
  readonly uuid: string | null;
  /** The module's name by SOF's registry; null without a UUID, or for one that is not registered. */
  readonly module: string | null;
  readonly core: number;
  readonly inputPins: number;
  readonly outputPins: number;
  /** Widget at each input pin, in pin order; empty when the pins are given out in route order. */
  readonly inputBindings: readonly string[];
  readonly outputBindings: readonly string[];
  readonly inputFormats: PinFormats;
  readonly outputFormats: PinFormats;
  readonly isPages: number;
  readonly cpc: number;
  readonly domain: DomainSettings;
  readonly gain: GainSettings | null;
  readonly dai: DaiSettings | null;
  readonly rates: RateSettings | null;
  /** Gateway node type of a copier (bits 12:8 of the IPC4 node id); null without one. */
  readonly nodeType: number | null;
  /** Host DMA buffer of a deep-buffer host copier; 0 otherwise. */
  readonly deepBufferMs: number;
  readonly controls: readonly Control[];
  readonly tuples: Tuples;
}

/** A pipeline, as its scheduler widget describes it. */
export interface Pipeline {
  /** Topology-wide id; the id on the wire is the host's choice. */
  readonly id: number;
  /** Name of the scheduler widget. */
  readonly name: string;
  /** Name of the widget that drives the pipeline, where the file gives one. */
  readonly streamName: string;
  readonly priority: number;
  readonly core: number;
  /** Low power mode. */
  readonly lpMode: boolean;
  /** Made when a stream needs it, instead of at boot. */
  readonly dynamic: boolean;
  /** A DMA chain from host to link stands in for the pipeline and its modules. */
  readonly chainDma: boolean;
  readonly timeDomain: "dma" | "timer" | null;
  readonly kcps: number;
  /**
   * From the scheduler's tokens where it has them, else from the host and DAI copiers in the pipeline; null
   * for one in the middle that has neither.
   */
  readonly direction: Direction | null;
  /** Names of the modules in the pipeline, in file order. */
  readonly widgets: readonly string[];
}

/** A route of the graph, with what is peculiar about it. */
export interface Route {
  /** Position among all routes of the file. */
  readonly index: number;
  readonly source: string;
  readonly sink: string;
  /** Control of the route; empty in every IPC4 topology of the field. */
  readonly control: string;
  /** The file has no widget called `source`. */
  readonly sourceMissing: boolean;
  /** The file has no widget called `sink`. */
  readonly sinkMissing: boolean;
  readonly virtualSource: boolean;
  /** The driver does not send a route whose sink is virtual. */
  readonly virtualSink: boolean;
  /** Ends are in different pipelines. */
  readonly crossPipeline: boolean;
  /** Index of an earlier route with the same ends; null for the first. */
  readonly duplicateOf: number | null;
}

/** A topology with all that the host driver takes from it. Plain data; the queries are in `TopologyGraph`. */
export interface Topology {
  /** Name for messages. */
  readonly source: string;
  /** Null when the file has none, which no file of the field does. */
  readonly manifest: SofManifest | null;
  readonly pipelines: readonly Pipeline[];
  /** Every widget in file order, schedulers and virtual ones included. */
  readonly widgets: readonly Widget[];
  readonly routes: readonly Route[];
  readonly pcms: readonly Pcm[];
  readonly links: readonly Link[];
  /** The records that the model was made from. */
  readonly file: TopologyFile;
}
