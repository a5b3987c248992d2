import {
  audioFormat,
  type AudioFormat,
  bytesControl,
  makeAudioFormat,
  type PipelineBuilder,
  TopologyBuilder,
  type WidgetRef,
} from "@sof-ts/topology";
import {
  beamBlob,
  crossoverBlob,
  dcBlockBlob,
  drcBlob,
  firBlob,
  iirBlob,
  levelBlob,
  multibandBlob,
  selectorBlob,
} from "./blobs.js";

/** A playback path from a host's PCM to an ALH link, all in 32-bit stereo. */
export interface Path {
  readonly name: string;
  /** Multiple of real time that SOF's C testbench (generic C, gcc, x86-64) reaches on it; left out where none is known. */
  readonly reference?: number;
  /** Rate of the PCM, Hz; the link has 48000. */
  readonly rate: number;
  /** @param samples 32 bits, as the reference was timed with, unless given */
  readonly topology: (samples?: Samples) => Uint8Array;
}

/** Sample formats that paths are made for. */
export type Samples = "S16_LE" | "S24_LE" | "S32_LE";

type Add = (pipeline: PipelineBuilder, format: AudioFormat) => WidgetRef;

const RATE = 48_000;
const controls = (name: string, payload: Uint8Array) => [
  bytesControl({ name, payload, maxBytes: 65_536 }),
];

const module =
  (name: string, blob: Uint8Array): Add =>
  (pipeline, format) =>
    pipeline.module(name, { format, controls: controls(`${name} bytes`, blob) });

const gain =
  (initValue: number): Add =>
  (pipeline, format) =>
    pipeline.gain({ format, initValue });

function host(pipeline: PipelineBuilder, input: AudioFormat): WidgetRef {
  return pipeline.hostCopier({ format: input, direction: "playback", stream: "Music" });
}

function link(
  builder: TopologyBuilder,
  pipeline: PipelineBuilder,
  id: number,
  format: AudioFormat,
): WidgetRef {
  const name = `Link ${id}`;
  builder.link({ id, name, type: "ALH", index: id });
  return pipeline.daiCopier({ format, direction: "playback", type: "ALH", index: id, link: name });
}

function finish(builder: TopologyBuilder, hostRef: WidgetRef, samples: Samples): Uint8Array {
  const playback = {
    host: hostRef,
    formats: [samples],
    rates: { min: 4000, max: 192_000 },
    channels: [2, 2] as const,
    periods: [1, 4096] as const,
    bufferBytes: [1, 1 << 26] as const,
    periodBytes: [1, 1 << 22] as const,
  };
  builder.pcm({ id: 0, name: "Music", playback });
  return builder.build();
}

/** Host, one module after the other, link: one pipeline. */
function chain(rate: number, ...modules: readonly Add[]): Path["topology"] {
  return (samples = "S32_LE") => {
    const format = audioFormat(samples);
    const builder = new TopologyBuilder();
    const pipeline = builder.pipeline({ id: 1 });
    const first = host(pipeline, makeAudioFormat({ ...format, rate }));
    const added = modules.map((add) => add(pipeline, format));
    const widgets = [first, ...added, link(builder, pipeline, 0, format)];
    widgets.slice(1).forEach((sink, i) => builder.route(widgets[i] as WidgetRef, sink));
    return finish(builder, first, samples);
  };
}

const converter =
  (kind: "src" | "asrc", rate: number): Add =>
  (pipeline, format) =>
    pipeline[kind]({
      inputs: [makeAudioFormat({ ...format, rate })],
      outputs: [format],
      rateOut: RATE,
    });

/** Both bands play on links of their own. */
function crossover(samples: Samples = "S32_LE"): Uint8Array {
  const format = audioFormat(samples);
  const builder = new TopologyBuilder();
  const pipeline = builder.pipeline({ id: 1 });
  const first = host(pipeline, format);
  const sinks = [0, 1].map((id) => link(builder, pipeline, id, format));
  const split = pipeline.module("crossover", {
    inputs: [format],
    outputs: sinks.map((_, pin) => ({ format, pin })),
    outputPins: sinks.length,
    outputBindings: sinks.map(({ name }) => name),
    controls: controls("crossover bytes", crossoverBlob()),
  });
  builder.route(first, split);
  for (const sink of sinks) builder.route(split, sink);
  return finish(builder, first, samples);
}

/** What a PC plays: a volume, a mixer, a second volume, equalizers that pass and a compressor that is off. */
function hdaGeneric(samples: Samples = "S32_LE"): Uint8Array {
  const format = audioFormat(samples);
  const builder = new TopologyBuilder();
  const front = builder.pipeline({ id: 1 });
  const back = builder.pipeline({ id: 2 });
  const first = host(front, format);
  const widgets = [
    first,
    gain(0x7fff_ffff)(front, format),
    front.mixin({ format }),
    back.mixout({ format }),
    gain(0x7fff_ffff)(back, format),
    module("eq_iir", iirBlob(true))(back, format),
    module("eq_fir", firBlob(4, true))(back, format),
    module("drc", drcBlob(false))(back, format),
    link(builder, back, 0, format),
  ];
  widgets.slice(1).forEach((sink, i) => builder.route(widgets[i] as WidgetRef, sink));
  return finish(builder, first, samples);
}

/** The paths that SOF's C testbench was timed on, and a few neighbours of them. */
export const paths: readonly Path[] = [
  { name: "pass-through", reference: 1765, rate: RATE, topology: chain(RATE) },
  {
    name: "gain at -6 dB",
    reference: 1153,
    rate: RATE,
    topology: chain(RATE, gain(0x4000_0000)),
  },
  {
    name: "eq_iir, 3 sections",
    reference: 309,
    rate: RATE,
    topology: chain(RATE, module("eq_iir", iirBlob(false))),
  },
  {
    name: "eq_fir, 252 taps",
    reference: 34,
    rate: RATE,
    topology: chain(RATE, module("eq_fir", firBlob(252, false))),
  },
  { name: "drc", reference: 266, rate: RATE, topology: chain(RATE, module("drc", drcBlob(true))) },
  {
    name: "multiband_drc, 3 bands, emphasis",
    reference: 54,
    rate: RATE,
    topology: chain(RATE, module("multiband_drc", multibandBlob())),
  },
  {
    name: "dcblock",
    reference: 1272,
    rate: RATE,
    topology: chain(RATE, module("dcblock", dcBlockBlob())),
  },
  ...(
    [
      ["src", 16_000, 138],
      ["src", 44_100, 86],
      ["src", 96_000, 65],
      ["asrc", 44_100, 63],
    ] as const
  ).map(([kind, rate, reference]): Path => ({
    name: `${kind}, ${rate} to 48000 Hz`,
    reference,
    rate,
    topology: chain(rate, converter(kind, rate)),
  })),
  { name: "asrc, 48000 to 48000 Hz", rate: RATE, topology: chain(RATE, converter("asrc", RATE)) },
  {
    name: "tdfb, 4 filters, beam off",
    reference: 402,
    rate: RATE,
    topology: chain(RATE, module("tdfb", beamBlob(64))),
  },
  { name: "crossover, 2 bands", reference: 258, rate: RATE, topology: crossover },
  { name: "hda-generic playback", reference: 809, rate: RATE, topology: hdaGeneric },
];

/** Modules whose speed nobody published. */
export const otherPaths: readonly Path[] = [
  {
    name: "level_multiplier at -6 dB",
    rate: RATE,
    topology: chain(RATE, module("level_multiplier", levelBlob())),
  },
  {
    name: "selector, mean of both channels",
    rate: RATE,
    topology: chain(RATE, module("selector4", selectorBlob())),
  },
  { name: "template", rate: RATE, topology: chain(RATE, module("template", new Uint8Array(0))) },
  {
    name: "eq_iir, multiband_drc and tdfb in a row",
    rate: RATE,
    topology: chain(
      RATE,
      module("eq_iir", iirBlob(false)),
      module("multiband_drc", multibandBlob()),
      module("tdfb", beamBlob(64)),
    ),
  },
];
