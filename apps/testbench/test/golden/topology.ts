import type { GoldenRun } from "@sof-ts/golden";
import {
  audioFormat,
  type AudioFormat,
  bytesControl,
  type ControlRecord,
  enumControl,
  makeAudioFormat,
  type PipelineBuilder,
  switchControl,
  TopologyBuilder,
  volumeControl,
  type WidgetRef,
} from "@sof-ts/topology";

type GoldenModule = GoldenRun["modules"][number];
type GoldenControl = GoldenModule["controls"][number];

/** Number of items that an enum control has at most in the recorded topologies. */
const ENUM_ITEMS = 16;

/** Builds the topology that a recorded run describes: its pipelines, modules, controls, routes. */
export function goldenTopology(run: GoldenRun): Uint8Array {
  const builder = new TopologyBuilder();
  const capture = run.modules[0]?.widget === "dai_out";
  const direction = capture ? "capture" : "playback";
  const pipelines = new Map<number, PipelineBuilder>();
  const widgets = new Map<string, WidgetRef>();
  let host: WidgetRef | null = null;
  let links = 0;
  let fallback = audioFormat(sampleFormat(run));
  for (const module of run.modules) {
    const pipeline = pipelines.get(module.pipeline) ?? builder.pipeline({ id: module.pipeline });
    pipelines.set(module.pipeline, pipeline);
    const format = module.format === null ? fallback : formatOf(module.format);
    fallback = format;
    const controls = module.controls.map((control) => controlOf(run, module, control));
    const options = { name: module.name, format, controls };
    if (module.widget === "aif_in" || module.widget === "aif_out") {
      host = pipeline.hostCopier({ ...options, direction, stream: "Golden" });
      widgets.set(module.name, host);
    } else if (module.widget === "dai_in" || module.widget === "dai_out") {
      builder.link({ id: links++, name: module.name, type: "ALH", index: links });
      widgets.set(
        module.name,
        pipeline.daiCopier({ ...options, direction, type: "ALH", index: 0, link: module.name }),
      );
    } else {
      widgets.set(
        module.name,
        processing(run, pipeline, module, options, format, (next) => (fallback = next)),
      );
    }
  }
  // The driver walks a widget's edges newest first; the reference binds them in the order of the file.
  for (const [source, sink] of run.connections.toReversed())
    builder.route(ref(widgets, source), ref(widgets, sink));
  const stream = {
    host: host as WidgetRef,
    formats: [sampleFormat(run)],
    rates: { min: 4000, max: 192_000 },
    channels: [1, 8] as const,
    periods: [1, 4096] as const,
    bufferBytes: [1, 1 << 26] as const,
    periodBytes: [1, 1 << 22] as const,
  };
  builder.pcm({ id: 0, name: "Golden", [direction]: stream });
  return builder.build();
}

function processing(
  run: GoldenRun,
  pipeline: PipelineBuilder,
  module: GoldenModule,
  options: { name: string; format: AudioFormat; controls: ControlRecord[] },
  format: AudioFormat,
  onRate: (format: AudioFormat) => void,
): WidgetRef {
  const { settings, type, uuid, name } = module;
  const sinks = run.connections.filter(([source]) => source === name).map(([, sink]) => sink);
  switch (type) {
    case "gain":
      return pipeline.gain({
        ...options,
        rampType: Number(settings["gain.curve_type"]),
        rampDuration: Number(settings["gain.curve_duration"]),
        initValue: Number(settings["gain.init_value"]),
      });
    case "mixin":
      return pipeline.mixin(options);
    case "mixout":
      return pipeline.mixout(options);
    case "src4":
    case "asrc4": {
      const kind = type === "src4" ? "src" : "asrc";
      const rateOut = Number(settings[`${kind}.rate_out`]);
      const output = makeAudioFormat({ ...format, rate: rateOut });
      onRate(output);
      const { name: widget, controls } = options;
      const converter = {
        name: widget,
        controls,
        inputs: [format],
        outputs: [output],
        rateOut,
        module: uuid,
      };
      if (kind === "src") return pipeline.src(converter);
      const operationMode = Number(settings["asrc.operation_mode"] ?? 1);
      return pipeline.asrc({ ...converter, operationMode });
    }
    default:
      if (sinks.length < 2) return pipeline.module(uuid, options);
      return pipeline.module(uuid, {
        name,
        controls: options.controls,
        inputs: [format],
        outputs: sinks.map((_, pin) => ({ format, pin })),
        outputPins: sinks.length,
        outputBindings: sinks,
      });
  }
}

function controlOf(run: GoldenRun, module: GoldenModule, control: GoldenControl): ControlRecord {
  const { name } = control;
  switch (control.kind) {
    case "mixer":
      if ((control.max ?? 1) <= 1) return switchControl({ name, channels: control.channels ?? 1 });
      return volumeControl({
        name,
        channels: control.channels ?? 2,
        max: control.max ?? 45,
        scale: {
          minCentiDb: control.tlv_min_centidB ?? -9000,
          stepCentiDb: control.tlv_step_centidB ?? 200,
          mute: control.mute_at_0 ?? true,
        },
      });
    case "enum":
      return enumControl({
        name,
        items: Array.from({ length: ENUM_ITEMS }, (_, i) => `item ${i}`),
        channels: 1,
      });
    case "bytes": {
      const blob = run.blobs.find(
        (entry) => entry.module === module.name && entry.control === name,
      );
      const event = run.controls_script.find(
        (entry) => entry.control === name && entry.kind === "bytes",
      );
      const payload = blob === undefined || blob.size === 0 ? null : fromHex(blob.payload_hex);
      return bytesControl({
        name,
        paramId: event?.param_id ?? control.param_id ?? 0,
        payload,
        maxBytes: 65_536,
      });
    }
  }
}

export function fromHex(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) =>
    Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16),
  );
}

function ref(widgets: ReadonlyMap<string, WidgetRef>, name: string): WidgetRef {
  const widget = widgets.get(name);
  if (widget === undefined)
    throw new Error(`the manifest connects ${name}, which it does not list`);
  return widget;
}

function formatOf(format: NonNullable<GoldenModule["format"]>): AudioFormat {
  return makeAudioFormat({
    rate: format.rate,
    bitDepth: format.bit_depth,
    chMap: Number(format.ch_map),
    chCfg: format.ch_cfg,
    interleaving: format.interleaving,
    fmtCfg: format.channels | (format.valid_bit_depth << 8) | (format.sample_type << 16),
  });
}

/** ALSA format of a run's samples. */
export function sampleFormat(run: GoldenRun): "S16_LE" | "S24_LE" | "S32_LE" {
  return { 16: "S16_LE", 24: "S24_LE", 32: "S32_LE" }[run.input.bits] as
    | "S16_LE"
    | "S24_LE"
    | "S32_LE";
}
