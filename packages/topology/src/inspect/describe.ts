import { formatText } from "../audio-format.js";
import { printable } from "../container/codec.js";
import type { Control } from "../model/controls.js";
import { TopologyGraph } from "../model/graph.js";
import type { NhltEndpoint } from "../model/nhlt.js";
import type { PcmStream, RateCaps } from "../model/pcms.js";
import type { Pipeline, Route, Topology, Widget } from "../model/types.js";
import { validateTopology } from "../model/validate.js";
import { countElements } from "../model/validate-file.js";
import type { PinFormats } from "../tuples/pin-formats.js";
import { volumeDb } from "../volume-table.js";
import type {
  ControlDescription,
  EndpointDescription,
  PipelineDescription,
  RouteDescription,
  StreamDescription,
  TopologyDescription,
  WidgetDescription,
} from "./description.js";

/**
 * Describes a topology for people and tools: plain objects, arrays, strings, numbers and booleans, fit for
 * JSON and for tables. Formats are texts ("48000 Hz 2ch 24/32, 384 bytes"); control characters in names are
 * escaped, so that every text is one line.
 *
 * Plain function without side effects.
 */
export function describeTopology(topology: Topology): TopologyDescription {
  const text = JSON.stringify(describe(topology));
  return JSON.parse(text, (_, value: unknown) =>
    typeof value === "string" ? printable(value) : value,
  ) as TopologyDescription;
}

function describe(topology: Topology): TopologyDescription {
  const graph = new TopologyGraph(topology);
  const abi = topology.manifest?.abi ?? null;
  return {
    source: topology.source,
    abi: abi === null ? null : `${abi.major}.${abi.minor}.${abi.patch}`,
    counts: { pipelines: topology.pipelines.length, ...countElements(topology) },
    pipelines: topology.pipelines.map(describePipeline),
    widgets: topology.widgets
      .filter((widget) => widget.kind !== "scheduler")
      .map((widget) => describeWidget(widget, graph)),
    controls: topology.widgets.flatMap((widget) =>
      widget.controls.map((control) => describeControl(widget, control)),
    ),
    routes: topology.routes.map(describeRoute),
    pcms: topology.pcms.map((pcm) => {
      const side = (stream: PcmStream | null) => {
        if (stream === null) return null;
        const path = graph.path(pcm, stream.direction);
        return describeStream(
          stream,
          path === null ? null : path.widgets.map((widget) => widget.name),
        );
      };
      return {
        id: pcm.id,
        name: pcm.name,
        playback: side(pcm.playback),
        capture: side(pcm.capture),
      };
    }),
    links: topology.links.map((link) => ({
      id: link.id,
      name: link.name,
      type: link.daiType,
      index: link.daiIndex,
      playback: [...link.widgets.playback],
      capture: [...link.widgets.capture],
      hwConfigs:
        link.daiType === "SSP"
          ? link.hwConfigs.map(
              (hw) =>
                `${hw.format} ${hw.fsyncRate} Hz, ${hw.tdmSlots} slots of ${hw.tdmSlotWidth} bits`,
            )
          : [],
    })),
    endpoints: (topology.manifest?.nhlt?.endpoints ?? []).map(describeEndpoint),
    defects: validateTopology(topology).map(({ severity, kind, subject, message }) => ({
      severity,
      kind,
      subject,
      message,
    })),
  };
}

function describePipeline(pipeline: Pipeline): PipelineDescription {
  const { id, name, direction, priority, core, lpMode, chainDma, dynamic } = pipeline;
  return {
    id,
    name,
    direction,
    priority,
    core,
    lpMode,
    chainDma,
    dynamic,
    widgets: [...pipeline.widgets],
  };
}

function describeWidget(widget: Widget, graph: TopologyGraph): WidgetDescription {
  return {
    name: widget.name,
    type: widget.dapmType,
    kind: widget.kind,
    pipeline: graph.pipelineOf(widget)?.id ?? null,
    module: widget.module,
    uuid: widget.uuid,
    core: widget.core,
    streamName: widget.streamName,
    pins: { inputs: widget.inputPins, outputs: widget.outputPins },
    inputFormats: describeFormats(widget.inputFormats),
    outputFormats: describeFormats(widget.outputFormats),
    settings: describeSettings(widget),
    controls: widget.controls.map((control) => control.name),
  };
}

function describeFormats(formats: PinFormats): string[] {
  return formats.sets.map(({ pin, bufferBytes, format }) => {
    const where = pin === 0 ? "" : `pin ${pin}: `;
    return `${where}${formatText(format)}, ${bufferBytes} bytes`;
  });
}

function describeSettings(widget: Widget): Record<string, string | number> {
  const settings: Record<string, string | number> = {};
  const put = (name: string, value: string | number | null) => {
    if (value !== null) settings[name] = value;
  };
  put("nodeType", widget.nodeType);
  if (widget.deepBufferMs > 0) put("deepBufferMs", widget.deepBufferMs);
  if (widget.gain !== null) {
    const curves = [
      "none",
      "windows fade",
      "linear",
      "log",
      "linear at zero crossings",
      "log at zero crossings",
    ];
    put("ramp", curves[widget.gain.rampType] ?? widget.gain.rampType);
    put("rampMs", widget.gain.rampDuration / 10_000);
    put("initVolumeQ31", widget.gain.initValue);
  }
  if (widget.dai !== null) {
    put("daiType", widget.dai.type);
    put("daiIndex", widget.dai.index);
  }
  if (widget.rates !== null) {
    put("rateIn", widget.rates.rateIn);
    put("rateOut", widget.rates.rateOut);
    put("operationMode", widget.rates.operationMode);
  }
  put("scheduling", widget.domain.scheduling);
  put("memoryDomain", widget.domain.memoryDomain);
  put("stackBytes", widget.domain.stackBytes);
  put("heapBytes", widget.domain.heapBytes);
  if (widget.inputBindings.length > 0) put("inputBindings", widget.inputBindings.join(", "));
  if (widget.outputBindings.length > 0) put("outputBindings", widget.outputBindings.join(", "));
  return settings;
}

function describeControl(widget: Widget, control: Control): ControlDescription {
  const common = {
    name: control.name,
    widget: widget.name,
    kind: control.kind,
    index: control.index,
  };
  switch (control.kind) {
    case "volume": {
      const scale = control.scale;
      const range =
        scale === null
          ? `${control.min}..${control.max}`
          : `${volumeDb({ ...scale, mute: false }, control.min)}..${volumeDb(scale, control.max)} dB in steps of ${scale.stepCentiDb / 100} dB`;
      return { ...common, values: range, channels: control.channels.length };
    }
    case "switch": {
      const led = control.led === null ? "" : `, ${control.led} mute LED`;
      return { ...common, values: `off, on${led}`, channels: control.channels.length };
    }
    case "enum":
      return { ...common, values: control.items.join(", "), channels: control.channels.length };
    case "bytes": {
      const data =
        control.data === null ? "no first value" : `first value of ${control.data.length} bytes`;
      return {
        ...common,
        values: `parameter ${control.paramId}, at most ${control.maxBytes} bytes, ${data}`,
        channels: null,
      };
    }
  }
}

function describeRoute(route: Route): RouteDescription {
  const flags: string[] = [];
  if (route.crossPipeline) flags.push("cross");
  if (route.virtualSource || route.virtualSink) flags.push("virtual");
  if (route.duplicateOf !== null) flags.push("duplicate");
  if (route.sourceMissing) flags.push("source missing");
  if (route.sinkMissing) flags.push("sink missing");
  return { source: route.source, sink: route.sink, flags };
}

function describeStream(stream: PcmStream, path: string[] | null): StreamDescription {
  return {
    streamName: stream.streamName,
    formats: [...stream.formats],
    rates: describeRates(stream.rates),
    channels: [stream.channels.min, stream.channels.max],
    periods: [stream.periods.min, stream.periods.max],
    periodBytes: [stream.periodBytes.min, stream.periodBytes.max],
    bufferBytes: [stream.bufferBytes.min, stream.bufferBytes.max],
    host: stream.hostWidget,
    path,
  };
}

function describeRates(rates: RateCaps): string {
  if (!rates.continuous) return rates.list.join(", ");
  return rates.min === rates.max ? String(rates.min) : `${rates.min}..${rates.max}`;
}

function describeEndpoint(endpoint: NhltEndpoint): EndpointDescription {
  return {
    type:
      endpoint.linkType === 2
        ? "DMIC"
        : endpoint.linkType === 3
          ? "SSP"
          : `type ${endpoint.linkType}`,
    index: endpoint.virtualBusId,
    direction: endpoint.direction === 0 ? "playback" : "capture",
    formats: endpoint.formats.map(
      (format) =>
        `${format.rate} Hz ${format.channels}ch ${format.validBits}/${format.bitDepth}, blob of ${format.blob.length} bytes`,
    ),
  };
}
