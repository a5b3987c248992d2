/**
 * The shape of `describeTopology`'s result. Type aliases, not interfaces, so that the whole is assignable to
 * any JSON type.
 */
export type TopologyDescription = {
  source: string;
  /** ABI of SOF's tokens, "3.29.1". */
  abi: string | null;
  counts: {
    pipelines: number;
    controls: number;
    widgets: number;
    graphElements: number;
    pcms: number;
    links: number;
    dais: number;
  };
  pipelines: PipelineDescription[];
  /** Without the schedulers, which are the pipelines. */
  widgets: WidgetDescription[];
  controls: ControlDescription[];
  routes: RouteDescription[];
  pcms: PcmDescription[];
  links: LinkDescription[];
  /** NHLT endpoints. */
  endpoints: EndpointDescription[];
  defects: DefectDescription[];
};

export type PipelineDescription = {
  id: number;
  name: string;
  direction: "playback" | "capture" | null;
  priority: number;
  core: number;
  lpMode: boolean;
  chainDma: boolean;
  dynamic: boolean;
  widgets: string[];
};

export type WidgetDescription = {
  name: string;
  type: string;
  kind: string;
  pipeline: number | null;
  module: string | null;
  uuid: string | null;
  core: number;
  streamName: string;
  pins: { inputs: number; outputs: number };
  inputFormats: string[];
  outputFormats: string[];
  /** What only some kinds of widget have: ramp, rates, DAI, deep buffer, domain, pin bindings. */
  settings: Record<string, string | number>;
  controls: string[];
};

export type ControlDescription = {
  name: string;
  widget: string;
  kind: "volume" | "switch" | "enum" | "bytes";
  index: number;
  values: string;
  channels: number | null;
};

export type RouteDescription = {
  source: string;
  sink: string;
  /** cross, virtual, duplicate, source missing, sink missing */
  flags: string[];
};

export type PcmDescription = {
  id: number;
  name: string;
  playback: StreamDescription | null;
  capture: StreamDescription | null;
};

export type StreamDescription = {
  streamName: string;
  formats: string[];
  rates: string;
  channels: [min: number, max: number];
  periods: [min: number, max: number];
  periodBytes: [min: number, max: number];
  bufferBytes: [min: number, max: number];
  host: string | null;
  /** Modules of the stream in the order of their setup; null without a host copier. */
  path: string[] | null;
};

export type LinkDescription = {
  id: number;
  name: string;
  type: string | null;
  index: number;
  playback: string[];
  capture: string[];
  hwConfigs: string[];
};

export type EndpointDescription = {
  type: string;
  index: number;
  direction: "playback" | "capture";
  formats: string[];
};

export type DefectDescription = {
  severity: "error" | "warning" | "note";
  kind: string;
  subject: string;
  message: string;
};
