import { describe, expect, it } from "vitest";
import {
  chainedPlayback,
  countingBytes,
  echoCancellingCapture,
  mixedPlayback,
} from "../../test/samples.js";
import { audioFormat } from "../audio-format.js";
import { TopologyBuilder } from "../builder/topology-builder.js";
import type { Topology, Widget } from "./types.js";
import { makeTopology, parseTopology } from "./parse.js";

const playback = parseTopology(mixedPlayback().build(), "play.tplg");
const capture = parseTopology(echoCancellingCapture().build(), "rec.tplg");

function widget(topology: Topology, name: string): Widget {
  const found = topology.widgets.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
}

describe("parseTopology: pipelines", () => {
  it("come from schedulers, with the widgets of their index", () => {
    expect(playback.pipelines.map(({ id, name, widgets }) => ({ id, name, widgets }))).toEqual([
      { id: 1, name: "pipeline.1", widgets: ["host-copier.0.playback", "gain.1.1", "mixin.1.1"] },
      {
        id: 2,
        name: "pipeline.2",
        widgets: ["mixout.2.1", "eqiir.2.1", "drc.2.1", "dai-copier.HDA.Analog.playback"],
      },
      {
        id: 15,
        name: "pipeline.15",
        widgets: ["host-copier.31.playback", "gain.15.1", "mixin.15.1"],
      },
    ]);
  });

  it("carry what the driver sends when it makes them", () => {
    expect(playback.pipelines[2]).toMatchObject({
      priority: 1,
      core: 0,
      lpMode: true,
      dynamic: true,
      chainDma: false,
      timeDomain: "timer",
      kcps: 0,
    });
    expect(playback.pipelines[1]).toMatchObject({ core: 1, lpMode: false, priority: 0 });
    const hdmi = parseTopology(chainedPlayback().build(), "hdmi.tplg");
    expect(hdmi.pipelines.map(({ chainDma }) => chainDma)).toEqual([true, true]);
  });

  it("have the direction of their copiers, or that of their own tokens", () => {
    expect(capture.pipelines.map(({ id, direction }) => [id, direction])).toEqual([
      [8, "capture"],
      [13, "capture"],
      [14, "capture"],
      [18, "capture"],
    ]);
    const builder = new TopologyBuilder({ allowDefects: true });
    builder.pipeline({ id: 1 });
    builder.pipeline({ id: 2, direction: "playback" });
    builder.pipeline({ id: 3, direction: "capture" });
    expect(parseTopology(builder.build(), "x").pipelines.map(({ direction }) => direction)).toEqual(
      [null, "playback", "capture"],
    );
  });

  it("find their widgets whichever side of the scheduler these stand on", () => {
    const file = mixedPlayback().file();
    const blocks = file.blocks.map((block) =>
      block.kind === "widgets" ? { ...block, records: block.records.toReversed() } : block,
    );
    const pipelines = makeTopology({ ...file, blocks }).pipelines;
    expect(pipelines[0]?.widgets).toEqual(["mixin.1.1", "gain.1.1", "host-copier.0.playback"]);
  });

  it("may have id 0", () => {
    const builder = new TopologyBuilder({ allowDefects: true });
    const gain = builder.pipeline({ id: 0 }).gain({ format: audioFormat("S32_LE") });
    expect(gain.name).toBe("gain.0.1");
    expect(parseTopology(builder.build(), "x").pipelines).toMatchObject([
      { id: 0, widgets: ["gain.0.1"] },
    ]);
  });
});

describe("parseTopology: widgets", () => {
  it("are of the kind that decides what the driver sends", () => {
    const kinds = (topology: Topology) =>
      Object.fromEntries(topology.widgets.map(({ name, kind }) => [name, kind]));
    expect(kinds(playback)).toMatchObject({
      "host-copier.0.playback": "host",
      "gain.1.1": "gain",
      "mixin.1.1": "mixin",
      "mixout.2.1": "mixout",
      "eqiir.2.1": "process",
      "dai-copier.HDA.Analog.playback": "dai",
      "pipeline.2": "scheduler",
      "Codec Output": "virtual",
    });
    expect(kinds(capture)).toMatchObject({ "module-copier.18.1": "copier" });
  });

  it("tell a mixin from a mixout by the UUID, and by the type token without one", () => {
    const file = mixedPlayback().file();
    const retyped = file.blocks.map((block) =>
      block.kind !== "widgets"
        ? block
        : {
            ...block,
            records: block.records.map((record) => {
              if (!record.name.startsWith("mix")) return record;
              const noUuid = record.tuples.filter((array) => array.type !== "uuid");
              return { ...record, name: record.name.toUpperCase(), tuples: noUuid };
            }),
          },
    );
    const topology = makeTopology({ ...file, blocks: retyped });
    expect(widget(topology, "MIXIN.1.1").kind).toBe("mixin");
    expect(widget(topology, "MIXOUT.2.1").kind).toBe("mixout");
  });

  it("carry pins, bindings, core, pages, cycles and domain", () => {
    expect(widget(capture, "google-rtc-aec.18.1")).toMatchObject({
      module: "google_rtc_audio_processing",
      uuid: "b780a0a6-269f-466f-b477-23dfa05af758",
      core: 2,
      inputPins: 2,
      outputPins: 1,
      inputBindings: ["module-copier.18.1", "dai-copier.SSP.SSP1-Codec.capture"],
      outputBindings: [],
      isPages: 1,
      cpc: 5000,
      domain: { scheduling: "DP", memoryDomain: 3, stackBytes: 4096, heapBytes: 65536 },
    });
    expect(widget(playback, "mixout.2.1")).toMatchObject({ inputPins: 8, outputPins: 1 });
    expect(widget(playback, "mixin.1.1")).toMatchObject({ inputPins: 1, outputPins: 3 });
    expect(widget(playback, "gain.1.1").domain).toEqual({
      scheduling: null,
      memoryDomain: null,
      stackBytes: null,
      heapBytes: null,
    });
  });

  it("carry formats with pin and period bytes", () => {
    const { inputFormats, outputFormats } = widget(capture, "google-rtc-aec.18.1");
    expect(inputFormats.sets.map(({ pin, bufferBytes }) => [pin, bufferBytes])).toEqual([
      [0, 1920],
      [1, 1920],
    ]);
    expect(outputFormats.sets.map(({ pin, bufferBytes }) => [pin, bufferBytes])).toEqual([
      [0, 1920],
    ]);
    expect(widget(playback, "host-copier.0.playback").inputFormats).toMatchObject({
      declared: 3,
      found: 3,
      sets: [
        { bufferBytes: 192, format: { bitDepth: 16, validBits: 16 } },
        { bufferBytes: 384, format: { bitDepth: 32, validBits: 24 } },
        { bufferBytes: 384, format: { bitDepth: 32, validBits: 32 } },
      ],
    });
  });

  it("carry the settings of their kind, and null for other kinds", () => {
    expect(widget(playback, "gain.1.1").gain).toEqual({
      rampType: 2,
      rampDuration: 200000,
      initValue: 0x7fffffff,
    });
    expect(widget(playback, "gain.15.1").gain).toEqual({
      rampType: 1,
      rampDuration: 500000,
      initValue: 0,
    });
    expect(widget(playback, "mixin.1.1").gain).toBeNull();
    expect(widget(playback, "host-copier.31.playback")).toMatchObject({
      deepBufferMs: 100,
      nodeType: 0,
    });
    expect(widget(capture, "host-copier.99.capture")).toMatchObject({
      deepBufferMs: 0,
      nodeType: 1,
    });
    expect(widget(playback, "eqiir.2.1").nodeType).toBeNull();
  });

  it.each([
    ["dai-copier.DMIC.dmic01.capture", "DMIC", 0, "capture", 11],
    ["dai-copier.SSP.SSP1-Codec.capture", "SSP", 1, "capture", 13],
  ])("carry the DAI of %s", (name, type, index, direction, nodeType) => {
    expect(widget(capture, name)).toMatchObject({ nodeType, dai: { type, index, direction } });
  });

  it("carry the rates of converters", () => {
    const builder = new TopologyBuilder({ allowDefects: true });
    const pipeline = builder.pipeline({ id: 1 });
    const formats = {
      inputs: [audioFormat("S16_LE", { rate: 44100 })],
      outputs: [audioFormat("S16_LE")],
    };
    pipeline.src({ ...formats, rateOut: 48000 });
    pipeline.asrc({ ...formats, rateIn: 44100, rateOut: 48000, operationMode: 2 });
    const topology = parseTopology(builder.build(), "x");
    expect(widget(topology, "src.1.1")).toMatchObject({
      kind: "src",
      module: "src4",
      rates: { rateIn: null, rateOut: 48000, operationMode: null },
    });
    expect(widget(topology, "asrc.1.1")).toMatchObject({
      kind: "asrc",
      module: "asrc4",
      rates: { rateIn: 44100, rateOut: 48000, operationMode: 2 },
    });
  });
});

describe("parseTopology: manifest", () => {
  it("gives the ABI and the totals", () => {
    expect(playback.manifest).toMatchObject({
      abi: { major: 3, minor: 29, patch: 1 },
      totals: { controls: 4, widgets: 14, graphElements: 10, pcms: 2, links: 1, dais: 0 },
      nhlt: null,
    });
  });

  it("gives the NHLT endpoints with their blobs", () => {
    const nhlt = capture.manifest?.nhlt ?? { header: new Uint8Array(), endpoints: [] };
    expect(
      nhlt.endpoints.map((each) => [each.linkType, each.virtualBusId, each.direction]),
    ).toEqual([
      [2, 0, 1],
      [3, 1, 1],
    ]);
    expect(nhlt.endpoints[1]?.formats[1]).toMatchObject({
      rate: 16000,
      channels: 1,
      bitDepth: 16,
      validBits: 16,
      blockAlign: 2,
      bytesPerSecond: 32000,
      blob: countingBytes(16),
    });
  });
});

describe("parseTopology: routes", () => {
  it("say what is peculiar about them", () => {
    const flags = playback.routes.map((route) => [
      `${route.source} ${route.sink}`,
      route.crossPipeline,
      route.virtualSink,
    ]);
    expect(flags).toEqual([
      ["mixin.1.1 mixout.2.1", true, false],
      ["mixin.15.1 mixout.2.1", true, false],
      ["host-copier.0.playback gain.1.1", false, false],
      ["gain.1.1 mixin.1.1", false, false],
      ["mixout.2.1 eqiir.2.1", false, false],
      ["eqiir.2.1 drc.2.1", false, false],
      ["drc.2.1 dai-copier.HDA.Analog.playback", false, false],
      ["drc.2.1 Codec Output", false, true],
      ["host-copier.31.playback gain.15.1", false, false],
      ["gain.15.1 mixin.15.1", false, false],
    ]);
    expect(playback.routes.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
});

describe("parseTopology: PCMs and links", () => {
  it("join a stream to its host copier by name", () => {
    expect(
      playback.pcms.map((pcm) => [pcm.id, pcm.name, pcm.playback?.hostWidget, pcm.capture]),
    ).toEqual([
      [0, "HDA Analog", "host-copier.0.playback", null],
      [31, "Deepbuffer HDA Analog", "host-copier.31.playback", null],
    ]);
    expect(capture.pcms.map((pcm) => [pcm.playback, pcm.capture?.hostWidget])).toEqual([
      [null, "host-copier.99.capture"],
      [null, "host-copier.27.capture"],
    ]);
  });

  it("join DAI copiers to a link by name, by direction", () => {
    expect(
      capture.links.map((link) => [link.name, link.daiType, link.daiIndex, link.widgets]),
    ).toEqual([
      ["SSP1-Codec", "SSP", 1, { playback: [], capture: ["dai-copier.SSP.SSP1-Codec.capture"] }],
      ["dmic01", "DMIC", 0, { playback: [], capture: ["dai-copier.DMIC.dmic01.capture"] }],
    ]);
  });

  it("give the hardware configurations that are used", () => {
    expect(capture.links[0]?.hwConfigs).toMatchObject([
      {
        id: 0,
        format: "DSP_A",
        fsyncRate: 16000,
        bclkRate: 256000,
        tdmSlots: 1,
        invertBclk: true,
        txSlots: 1,
      },
      {
        id: 1,
        format: "I2S",
        fsyncRate: 48000,
        bclkRate: 1536000,
        tdmSlots: 2,
        tdmSlotWidth: 16,
        txSlots: 3,
      },
    ]);
    expect(capture.links[1]?.hwConfigs).toMatchObject([{ id: 1, format: "none", fsyncRate: 0 }]);
  });
});
