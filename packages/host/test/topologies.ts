import {
  audioFormat,
  bytesControl,
  type ControlRecord,
  enumControl,
  switchControl,
  TopologyBuilder,
  type TopologyBuilderOptions,
  volumeControl,
  type WidgetRef,
} from "@sof-ts/topology";

export const s16 = audioFormat("S16_LE");
export const s24 = audioFormat("S24_LE");
export const s32 = audioFormat("S32_LE");
const anyDepth = [s16, s24, s32];

/** What a playback PCM that ends in a mixer may differ in. */
export interface MixedPcm {
  readonly pipeline: number;
  readonly id: number;
  readonly name: string;
  readonly core?: number;
  readonly priority?: number;
  readonly deepBufferMs?: number;
  readonly controls?: readonly ControlRecord[];
}

/** Adds host copier, gain and mixin in a pipeline of their own, and a PCM in front of them. */
export function addMixedPcm(
  topology: TopologyBuilder,
  mixout: WidgetRef | string,
  { pipeline: id, id: pcm, name, controls = [], ...options }: MixedPcm,
): void {
  const { core, priority, deepBufferMs } = options;
  const pipeline = topology.pipeline({
    id,
    ...(core === undefined ? {} : { core }),
    ...(priority === undefined ? {} : { priority }),
    lpMode: deepBufferMs !== undefined,
  });
  const placed = core === undefined ? {} : { core };
  const host = pipeline.hostCopier({
    direction: "playback",
    stream: name,
    pcm,
    inputs: anyDepth,
    outputs: [s32],
    ...placed,
    ...(deepBufferMs === undefined ? {} : { deepBufferMs }),
  });
  const gain = pipeline.gain({ format: s32, rampType: 1, controls, ...placed });
  const mixin = pipeline.mixin({ format: s32, ...placed });
  topology.route(host, gain, mixin, mixout);
  topology.pcm({
    id: pcm,
    name,
    playback: { host, formats: ["S16_LE", "S24_LE", "S32_LE"], pauseSupported: true },
  });
}

/** The back half of a playback path: mixout, gain and DAI copier. */
export function addMixedLink(
  topology: TopologyBuilder,
  options: { readonly id: number; readonly core?: number; readonly type?: "HDA" | "SSP" },
): WidgetRef {
  const { id, core, type = "HDA" } = options;
  const placed = core === undefined ? {} : { core };
  const pipeline = topology.pipeline({ id, ...placed });
  const mixout = pipeline.mixout({ format: s32, ...placed });
  const gain = pipeline.gain({
    format: s32,
    rampType: 1,
    controls: [volumeControl({ name: "Master Playback Volume" })],
    ...placed,
  });
  const link = type === "HDA" ? "Analog" : "SSP0-Codec";
  const dai = pipeline.daiCopier({ direction: "playback", type, link, format: s32, ...placed });
  topology.route(mixout, gain, dai);
  topology.link({ id: 0, name: link, type, index: 0 });
  return mixout;
}

/** Host copier, gain, mixin | mixout, gain, DAI copier; and a second PCM mixed in. */
export function mixedPlayback(options: TopologyBuilderOptions = {}): TopologyBuilder {
  const topology = new TopologyBuilder(options);
  const mixout = addMixedLink(topology, { id: 2 });
  const controls = [volumeControl({ name: "Music Playback Volume" })];
  addMixedPcm(topology, mixout, { pipeline: 1, id: 0, name: "Music", controls });
  addMixedPcm(topology, mixout, { pipeline: 15, id: 31, name: "Deep Buffer", deepBufferMs: 100 });
  return topology;
}

/** A stream on core 1 that is mixed into a link on core 0, and one all on core 0. */
export function twoCores(): TopologyBuilder {
  const topology = new TopologyBuilder();
  const mixout = addMixedLink(topology, { id: 2, core: 1 });
  addMixedPcm(topology, mixout, { pipeline: 1, id: 0, name: "Music", core: 1 });
  const plain = topology.pipeline({ id: 5 });
  const host = plain.hostCopier({ direction: "playback", stream: "Plain", pcm: 1, format: s32 });
  const dai = plain.daiCopier({ direction: "playback", type: "HDA", link: "Plain", format: s32 });
  topology.route(host, dai).link({ id: 1, name: "Plain", type: "HDA", index: 0 });
  topology.pcm({ id: 1, name: "Plain", playback: { host, formats: ["S32_LE"] } });
  return topology;
}

/**
 * Two SSP-fed pipelines on a platform whose firmware drives the link: front ends change all states.
 *
 * @param priority of the first stream's own pipeline
 */
export function serialPlayback(priority = 0): TopologyBuilder {
  const blob = Uint8Array.from({ length: 84 }, (_, i) => i);
  const formats = [{ rate: 48000, channels: 2, bitDepth: 32, blob }];
  const topology = new TopologyBuilder({
    nhlt: [{ type: "SSP", index: 0, direction: "playback", formats }],
  });
  const mixout = addMixedLink(topology, { id: 2, type: "SSP" });
  addMixedPcm(topology, mixout, { pipeline: 1, id: 0, name: "Music", priority });
  addMixedPcm(topology, mixout, { pipeline: 15, id: 31, name: "Deep Buffer" });
  return topology;
}

/** HDA link into an equalizer, a copier with a second sink, and two PCMs that record from it. */
export function analogCapture(): TopologyBuilder {
  const topology = new TopologyBuilder();
  const back = topology.pipeline({ id: 4 });
  const dai = back.daiCopier({ direction: "capture", type: "HDA", link: "Analog", format: s32 });
  const eq = back.module("eq_iir", {
    format: s32,
    controls: [bytesControl({ name: "Capture EQ", payload: new Uint8Array(8).fill(7) })],
  });
  const copier = back.moduleCopier({ format: s32 });
  const first = topology.pipeline({ id: 3 });
  const firstHost = first.hostCopier({
    direction: "capture",
    stream: "Record",
    inputs: [s32],
    outputs: [s16, s24, s32],
  });
  const second = topology.pipeline({ id: 6 });
  const secondHost = second.hostCopier({
    direction: "capture",
    stream: "Monitor",
    pcm: 1,
    inputs: [s32],
    outputs: [s16, s24, s32],
  });
  const formats = ["S16_LE", "S24_LE", "S32_LE"] as const;
  return topology
    .route(dai, eq, copier, firstHost)
    .route(copier, secondHost)
    .link({ id: 0, name: "Analog", type: "HDA", index: 0 })
    .pcm({ id: 0, name: "Record", capture: { host: firstHost, formats } })
    .pcm({ id: 1, name: "Monitor", capture: { host: secondHost, formats } });
}

/** HDMI: DMA chains both ways. */
export function chains(): TopologyBuilder {
  const topology = new TopologyBuilder();
  const front = topology.pipeline({ id: 50, chainDma: true });
  const host = front.hostCopier({
    direction: "playback",
    stream: "HDMI",
    pcm: 5,
    inputs: anyDepth,
    outputs: [s32],
  });
  const back = topology.pipeline({ id: 51, chainDma: true });
  const dai = back.daiCopier({ direction: "playback", type: "HDA", link: "iDisp1", format: s32 });
  const inFront = topology.pipeline({ id: 52, chainDma: true });
  const inHost = inFront.hostCopier({
    direction: "capture",
    stream: "HDMI In",
    pcm: 6,
    format: s32,
  });
  const inBack = topology.pipeline({ id: 53, chainDma: true });
  const inDai = inBack.daiCopier({ direction: "capture", type: "HDA", link: "In", format: s32 });
  return topology
    .route(host, dai)
    .route(inDai, inHost)
    .link({ id: 0, name: "iDisp1", type: "HDA", index: 0 })
    .link({ id: 1, name: "In", type: "HDA", index: 1 })
    .pcm({
      id: 5,
      name: "HDMI1",
      playback: { host, formats: ["S16_LE", "S32_LE"], rates: [44_100, 48_000] },
    })
    .pcm({ id: 6, name: "HDMI In", capture: { host: inHost, formats: ["S32_LE"] } });
}

/** One stream for two amplifiers: two DAI copiers of one SoundWire link, the second behind a virtual widget. */
export function aggregatedAmps(): TopologyBuilder {
  const topology = new TopologyBuilder();
  const pipeline = topology.pipeline({ id: 21 });
  const host = pipeline.hostCopier({ direction: "playback", stream: "Speaker", format: s32 });
  const amp = { direction: "playback", type: "ALH", link: "Amps", format: s32 } as const;
  const left = pipeline.daiCopier(amp);
  const right = pipeline.daiCopier(amp);
  const joint = topology.virtual("out_drv", "virtual.sdw-amp", 21);
  return topology
    .route(host, left)
    .route(host, joint, right)
    .link({ id: 0, name: "Amps", type: "ALH", index: 0, direction: "playback" })
    .pcm({ id: 2, name: "Speaker", playback: { host, formats: ["S32_LE"] } });
}

/** Microphones into an echo canceller whose second input comes from another link. */
export function echoCanceller(): TopologyBuilder {
  const blob = new Uint8Array(64).fill(3);
  const topology = new TopologyBuilder({
    nhlt: [
      { type: "DMIC", index: 0, formats: [{ rate: 48000, channels: 2, bitDepth: 32, blob }] },
      {
        type: "SSP",
        index: 1,
        direction: "capture",
        formats: [{ rate: 48000, channels: 2, bitDepth: 32, blob }],
      },
    ],
  });
  const mics = topology.pipeline({ id: 14, priority: 1 });
  const dmic = mics.daiCopier({
    direction: "capture",
    type: "DMIC",
    link: "dmic01",
    inputs: [s16, s32],
    outputs: [s32],
  });
  const copier = mics.moduleCopier({ format: s32 });
  const speaker = topology.pipeline({ id: 8 });
  const reference = speaker.daiCopier({
    direction: "capture",
    type: "SSP",
    index: 1,
    link: "SSP1-Codec",
    inputs: [s32],
    outputs: [s16],
  });
  const aec = topology.pipeline({ id: 18, priority: 2 });
  const into = aec.moduleCopier({ inputs: [s32], outputs: [s16] });
  const module = aec.module("google_rtc_audio_processing", {
    inputs: [
      { format: s16, pin: 0, periodMs: 10 },
      { format: s16, pin: 1, periodMs: 10 },
    ],
    outputs: [{ format: s16, periodMs: 10 }],
    inputPins: 2,
    inputBindings: [into.name, reference.name],
  });
  const front = topology.pipeline({ id: 19, priority: 3 });
  const host = front.hostCopier({
    direction: "capture",
    stream: "Echo Cancelled",
    inputs: [s16],
    outputs: [s16],
  });
  return topology
    .route(reference, module)
    .route(dmic, copier, into, module, host)
    .link({ id: 0, name: "dmic01", type: "DMIC", index: 0 })
    .link({ id: 1, name: "SSP1-Codec", type: "SSP", index: 1 })
    .pcm({ id: 27, name: "Echo Cancelled", capture: { host, formats: ["S16_LE"] } });
}

/** A gain and a processing module with every kind of control. */
export function controls(): TopologyBuilder {
  const topology = new TopologyBuilder();
  const pipeline = topology.pipeline({ id: 1 });
  const host = pipeline.hostCopier({ direction: "playback", stream: "Music", format: s32 });
  const gain = pipeline.gain({
    format: s32,
    rampDuration: 200_000,
    controls: [
      volumeControl({ name: "Volume" }),
      switchControl({ name: "Mute Switch", channels: 2 }),
    ],
  });
  const beam = pipeline.module("tdfb", {
    format: s32,
    controls: [
      bytesControl({ name: "Filters", payload: Uint8Array.of(1, 2, 3, 4) }),
      switchControl({ name: "Beam Switch" }),
      enumControl({ name: "Angle", items: ["-90", "0", "90"] }),
    ],
  });
  const dai = pipeline.daiCopier({
    direction: "playback",
    type: "HDA",
    link: "Analog",
    format: s32,
  });
  return topology
    .route(host, gain, beam, dai)
    .link({ id: 0, name: "Analog", type: "HDA", index: 0 })
    .pcm({ id: 0, name: "Music", playback: { host, formats: ["S32_LE"] } });
}

/** A playback path with a tap that a capture path listens to, and its microphones. */
export function sidetone(): TopologyBuilder {
  const topology = new TopologyBuilder();
  const play = topology.pipeline({ id: 1, direction: "playback" });
  const host = play.hostCopier({ direction: "playback", stream: "Play", format: s32 });
  const tap = play.moduleCopier({ format: s32 });
  const out = play.daiCopier({ direction: "playback", type: "HDA", link: "Analog", format: s32 });
  const record = topology.pipeline({ id: 2, direction: "capture" });
  const mic = record.daiCopier({ direction: "capture", type: "HDA", link: "Analog", format: s32 });
  const cancel = record.module("google_rtc_audio_processing", {
    inputs: [s32, { format: s32, pin: 1 }],
    outputs: [s32],
    inputPins: 2,
    inputBindings: [mic.name, tap.name],
  });
  const into = record.hostCopier({ direction: "capture", stream: "Record", pcm: 1, format: s32 });
  return topology
    .route(host, tap, out)
    .route(mic, cancel, into)
    .route(tap, cancel)
    .link({ id: 0, name: "Analog", type: "HDA", index: 0 })
    .pcm({ id: 0, name: "Play", playback: { host, formats: ["S32_LE"] } })
    .pcm({ id: 1, name: "Record", capture: { host: into, formats: ["S32_LE"] } });
}
