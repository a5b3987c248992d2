import {
  audioFormat,
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
  multibandBlob,
} from "./blobs.js";

/** A playback path from a host's PCM to an ALH link, all in 32-bit stereo. */
export interface Path {
  readonly name: string;
  /** Multiple of real time that SOF's C testbench (generic C, gcc, x86-64) reaches on it; left out where none is known. */
  readonly reference?: number;
  /** Rate of the PCM, Hz; the link has 48000. */
  readonly rate: number;
  readonly topology: () => Uint8Array;
}

type Add = (pipeline: PipelineBuilder) => WidgetRef;

const RATE = 48_000;
const format = audioFormat("S32_LE");
const controls = (name: string, payload: Uint8Array) => [
  bytesControl({ name, payload, maxBytes: 65_536 }),
];

const module =
  (name: string, blob: Uint8Array): Add =>
  (pipeline) =>
    pipeline.module(name, { format, controls: controls(`${name} bytes`, blob) });

const gain =
  (initValue: number): Add =>
  (pipeline) =>
    pipeline.gain({ format, initValue });

function builderFor(rate: number): { builder: TopologyBuilder; input: typeof format } {
  const builder = new TopologyBuilder();
  return { builder, input: makeAudioFormat({ ...format, rate }) };
}

function host(pipeline: PipelineBuilder, input: typeof format): WidgetRef {
  return pipeline.hostCopier({ format: input, direction: "playback", stream: "Music" });
}

function link(builder: TopologyBuilder, pipeline: PipelineBuilder, id: number): WidgetRef {
  const name = `Link ${id}`;
  builder.link({ id, name, type: "ALH", index: id });
  return pipeline.daiCopier({ format, direction: "playback", type: "ALH", index: id, link: name });
}

function finish(builder: TopologyBuilder, hostRef: WidgetRef): Uint8Array {
  const playback = {
    host: hostRef,
    formats: ["S32_LE"] as const,
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
function chain(rate: number, ...modules: readonly Add[]): () => Uint8Array {
  return () => {
    const { builder, input } = builderFor(rate);
    const pipeline = builder.pipeline({ id: 1 });
    const first = host(pipeline, input);
    const widgets = [first, ...modules.map((add) => add(pipeline)), link(builder, pipeline, 0)];
    widgets.slice(1).forEach((sink, i) => builder.route(widgets[i] as WidgetRef, sink));
    return finish(builder, first);
  };
}

const converter =
  (kind: "src" | "asrc", rate: number): Add =>
  (pipeline) =>
    pipeline[kind]({
      inputs: [makeAudioFormat({ ...format, rate })],
      outputs: [format],
      rateOut: RATE,
    });

/** Both bands play on links of their own. */
function crossover(): Uint8Array {
  const { builder, input } = builderFor(RATE);
  const pipeline = builder.pipeline({ id: 1 });
  const first = host(pipeline, input);
  const sinks = [link(builder, pipeline, 0), link(builder, pipeline, 1)];
  const split = pipeline.module("crossover", {
    inputs: [format],
    outputs: sinks.map((_, pin) => ({ format, pin })),
    outputPins: sinks.length,
    outputBindings: sinks.map(({ name }) => name),
    controls: controls("crossover bytes", crossoverBlob()),
  });
  builder.route(first, split);
  for (const sink of sinks) builder.route(split, sink);
  return finish(builder, first);
}

/** What a PC plays: a volume, a mixer, a second volume, equalizers that pass and a compressor that is off. */
function hdaGeneric(): Uint8Array {
  const { builder, input } = builderFor(RATE);
  const front = builder.pipeline({ id: 1 });
  const back = builder.pipeline({ id: 2 });
  const first = host(front, input);
  const widgets = [
    first,
    gain(0x7fff_ffff)(front),
    front.mixin({ format }),
    back.mixout({ format }),
    gain(0x7fff_ffff)(back),
    module("eq_iir", iirBlob(true))(back),
    module("eq_fir", firBlob(4, true))(back),
    module("drc", drcBlob(false))(back),
    link(builder, back, 0),
  ];
  widgets.slice(1).forEach((sink, i) => builder.route(widgets[i] as WidgetRef, sink));
  return finish(builder, first);
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
