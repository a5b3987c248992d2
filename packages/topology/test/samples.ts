import {
  audioFormat,
  bytesControl,
  enumControl,
  switchControl,
  TopologyBuilder,
  type TopologyBuilderOptions,
  volumeControl,
} from "../src/index.js";

const s16 = audioFormat("S16_LE");
const s24 = audioFormat("S24_LE");
const s32 = audioFormat("S32_LE");

/** A payload whose bytes count up, so that a shift by one shows. */
export function countingBytes(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => i & 0xff);
}

/** Two PCMs mixed into one HDA link with post-processing, as a laptop's analog output has it. */
export function mixedPlayback(options: TopologyBuilderOptions = {}): TopologyBuilder {
  const topology = new TopologyBuilder(options);
  const inputs = [s16, s24, s32];
  const music = topology.pipeline({ id: 1 });
  const musicHost = music.hostCopier({
    direction: "playback",
    stream: "Music Playback",
    inputs,
    outputs: [s32],
  });
  const musicGain = music.gain({
    format: s32,
    controls: [volumeControl({ name: "Music Playback Volume" })],
  });
  const musicMixin = music.mixin({ format: s32 });

  const deep = topology.pipeline({ id: 15, lpMode: true, priority: 1 });
  const deepHost = deep.hostCopier({
    direction: "playback",
    stream: "Deep Buffer",
    pcm: 31,
    inputs,
    outputs: [s32],
    deepBufferMs: 100,
  });
  const deepGain = deep.gain({ format: s32, rampType: 1, rampDuration: 500_000, initValue: 0 });
  const deepMixin = deep.mixin({ format: s32 });

  const post = topology.pipeline({ id: 2, core: 1 });
  const mixout = post.mixout({ format: s32 });
  const eq = post.module("eq_iir", {
    format: s32,
    controls: [bytesControl({ name: "IIR Eq", payload: countingBytes(88), abi: 0x0301a000 })],
  });
  const drc = post.module("drc", {
    format: s32,
    controls: [
      bytesControl({ name: "DRC bytes", payload: countingBytes(108) }),
      switchControl({ name: "DRC switch" }),
    ],
  });
  const dai = post.daiCopier({
    direction: "playback",
    type: "HDA",
    link: "Analog",
    format: s32,
  });
  topology.virtual("out_drv", "Codec Output", 2);
  return topology
    .route(musicHost, musicGain, musicMixin, mixout, eq, drc, dai)
    .route(deepHost, deepGain, deepMixin, mixout)
    .route(drc, "Codec Output")
    .pcm({
      id: 0,
      name: "HDA Analog",
      playback: { host: musicHost, formats: ["S16_LE", "S24_LE", "S32_LE"] },
    })
    .pcm({
      id: 31,
      name: "Deepbuffer HDA Analog",
      playback: { host: deepHost, formats: ["S16_LE", "S32_LE"], d0i3Compatible: true },
    })
    .link({ id: 4, name: "Analog", type: "HDA", index: 0 });
}

/** A DMIC whose signal is cleaned with an echo reference from an SSP, recorded clean and raw. */
export function echoCancellingCapture(): TopologyBuilder {
  const quad = audioFormat("S32_LE", { channels: 4 });
  const topology = new TopologyBuilder({
    source: "aec",
    nhlt: [
      {
        type: "DMIC",
        index: 0,
        formats: [{ rate: 48000, channels: 2, bitDepth: 32, blob: countingBytes(40) }],
      },
      {
        type: "SSP",
        index: 1,
        direction: "capture",
        formats: [
          { rate: 48000, channels: 2, bitDepth: 16, blob: countingBytes(12) },
          { rate: 16000, channels: 1, bitDepth: 16, blob: countingBytes(16) },
        ],
      },
    ],
  });
  const mic = topology.pipeline({ id: 14 });
  const micDai = mic.daiCopier({
    direction: "capture",
    type: "DMIC",
    link: "dmic01",
    index: 0,
    inputs: [s16, audioFormat("S24_LE", { sampleType: 0 }), s32],
    outputs: [s32],
  });
  const micGain = mic.gain({
    format: s32,
    controls: [
      volumeControl({ name: "Dmic0 Capture Volume" }),
      switchControl({ name: "Dmic0 Capture Switch", channels: 4, led: "mic" }),
    ],
  });
  const micSplit = mic.moduleCopier({ format: s32 });

  const raw = topology.pipeline({ id: 13 });
  const rawHost = raw.hostCopier({ direction: "capture", stream: "Raw", pcm: 99, format: s32 });

  const reference = topology.pipeline({ id: 8 });
  const referenceDai = reference.daiCopier({
    direction: "capture",
    type: "SSP",
    link: "SSP1-Codec",
    index: 1,
    format: s16,
  });

  const clean = topology.pipeline({ id: 18, priority: 2 });
  const convert = clean.moduleCopier({
    inputs: [s32, quad],
    outputs: [s16],
    name: "module-copier.18.1",
  });
  const cancel = clean.module("google_rtc_audio_processing", {
    inputs: [
      { format: s16, pin: 0, periodMs: 10 },
      { format: s16, pin: 1, periodMs: 10 },
    ],
    outputs: [{ format: s16, periodMs: 10 }],
    inputPins: 2,
    inputBindings: ["module-copier.18.1", "dai-copier.SSP.SSP1-Codec.capture"],
    core: 2,
    isPages: 1,
    cpc: 5000,
    domain: { scheduling: "DP", memoryDomain: 3, stackBytes: 4096, heapBytes: 65536 },
    controls: [bytesControl({ name: "Config", payload: null, maxBytes: 2048, access: "write" })],
  });
  const beam = clean.module("tdfb", {
    format: s16,
    controls: [
      bytesControl({ name: "TDFB bytes", payload: countingBytes(788), maxBytes: 16384 }),
      switchControl({ name: "TDFB beam" }),
      switchControl({ name: "TDFB track" }),
      enumControl({ name: "TDFB angle", items: ["-90", "0", "90"] }),
      enumControl({ name: "TDFB estimate", items: ["-90", "0", "90"] }),
    ],
  });
  const cleanHost = clean.hostCopier({
    direction: "capture",
    stream: "Clean",
    pcm: 27,
    inputs: [s16],
    outputs: [s16, s32],
  });
  return topology
    .route(micDai, micGain, micSplit, rawHost)
    .route(micSplit, convert, cancel, beam, cleanHost)
    .route(referenceDai, cancel)
    .pcm({ id: 99, name: "DMIC Raw", capture: { host: rawHost, formats: ["S32_LE"] } })
    .pcm({
      id: 27,
      name: "DMIC Clean",
      capture: { host: cleanHost, formats: ["S16_LE", "S32_LE"] },
    })
    .link({
      id: 0,
      name: "SSP1-Codec",
      type: "SSP",
      index: 1,
      hwConfigs: [
        { format: "DSP_A", fsyncRate: 16000, tdmSlots: 1, tdmSlotWidth: 16, invertBclk: true },
        { format: "I2S", fsyncRate: 48000, tdmSlotWidth: 16 },
      ],
    })
    .link({ id: 1, name: "dmic01", type: "DMIC", index: 0 });
}

/** An HDMI output whose pipelines a DMA chain replaces. */
export function chainedPlayback(): TopologyBuilder {
  const topology = new TopologyBuilder({ source: "hdmi" });
  const host = topology.pipeline({ id: 50, chainDma: true }).hostCopier({
    direction: "playback",
    stream: "HDMI1",
    pcm: 5,
    inputs: [s16, s32],
    outputs: [s32],
  });
  const dai = topology
    .pipeline({ id: 51, chainDma: true })
    .daiCopier({ direction: "playback", type: "HDA", link: "iDisp1", format: s32 });
  return topology
    .route(host, dai)
    .pcm({
      id: 5,
      name: "HDMI1",
      playback: {
        host,
        formats: ["S16_LE", "S32_LE", "IEC958_SUBFRAME_LE"],
        rates: [32000, 44100, 48000, 88200, 96000, 176400, 192000],
        channels: [2, 8],
      },
    })
    .link({ id: 3, name: "iDisp1", type: "HDA", index: 4 });
}

/** One topology for each shape above. */
export function samples(): { name: string; bytes: Uint8Array }[] {
  return [
    { name: "mixed playback", bytes: mixedPlayback().build() },
    { name: "echo-cancelling capture", bytes: echoCancellingCapture().build() },
    { name: "chained playback", bytes: chainedPlayback().build() },
  ];
}
