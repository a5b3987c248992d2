import { describe, expect, it } from "vitest";
import { chainedPlayback, echoCancellingCapture, mixedPlayback } from "../../test/samples.js";
import { parseTopology } from "../model/parse.js";
import { describeTopology } from "./describe.js";
import { toDot } from "./dot.js";

const broken = mixedPlayback({ allowDefects: true })
  .route("mixin.1.1", "mixout.21.1")
  .route("mixout.2.1", "eqiir.2.1");
const playback = parseTopology(broken.build(), "play.tplg");
const capture = parseTopology(echoCancellingCapture().build(), "rec.tplg");

describe("describeTopology", () => {
  const description = describeTopology(playback);

  it("is plain JSON", () => {
    expect(JSON.parse(JSON.stringify(description))).toEqual(description);
  });

  it("counts what is there", () => {
    expect(description).toMatchObject({
      source: "play.tplg",
      abi: "3.29.1",
      counts: { pipelines: 3, widgets: 14, controls: 4, graphElements: 12, pcms: 2, links: 1 },
    });
  });

  it("describes widgets by kind, module, formats and settings", () => {
    const widgets = new Map(description.widgets.map((widget) => [widget.name, widget]));
    expect(widgets.has("pipeline.1")).toBe(false);
    expect(widgets.get("host-copier.31.playback")).toEqual({
      name: "host-copier.31.playback",
      type: "aif_in",
      kind: "host",
      pipeline: 15,
      module: "copier",
      uuid: "9ba00c83-ca12-4a83-943c-1fa2e82f9dda",
      core: 0,
      streamName: "Deep Buffer",
      pins: { inputs: 0, outputs: 1 },
      inputFormats: [
        "48000 Hz 2ch 16/16, 192 bytes",
        "48000 Hz 2ch 24/32, 384 bytes",
        "48000 Hz 2ch 32/32, 384 bytes",
      ],
      outputFormats: ["48000 Hz 2ch 32/32, 384 bytes"],
      settings: { nodeType: 0, deepBufferMs: 100 },
      controls: [],
    });
    expect(widgets.get("gain.15.1")?.settings).toEqual({
      ramp: "windows fade",
      rampMs: 50,
      initVolumeQ31: 0,
    });
    expect(widgets.get("Codec Output")).toMatchObject({ kind: "virtual", module: null });
  });

  it("describes controls by what they take", () => {
    const values = (topology: typeof playback) =>
      Object.fromEntries(
        describeTopology(topology).controls.map((control) => [control.name, control.values]),
      );
    expect(values(playback)).toEqual({
      "Music Playback Volume": "-90..0 dB in steps of 2 dB",
      "IIR Eq": "parameter 0, at most 1024 bytes, first value of 88 bytes",
      "DRC bytes": "parameter 0, at most 1024 bytes, first value of 108 bytes",
      "DRC switch": "off, on",
    });
    expect(values(capture)).toMatchObject({
      "Dmic0 Capture Switch": "off, on, mic mute LED",
      "TDFB angle": "-90, 0, 90",
      Config: "parameter 0, at most 2048 bytes, no first value",
    });
  });

  it("describes PCMs with the path of each direction", () => {
    expect(description.pcms[1]).toMatchObject({
      id: 31,
      name: "Deepbuffer HDA Analog",
      capture: null,
      playback: {
        formats: ["S16_LE", "S32_LE"],
        rates: "48000",
        channels: [2, 2],
        host: "host-copier.31.playback",
        path: [
          "host-copier.31.playback",
          "gain.15.1",
          "mixin.15.1",
          "mixout.2.1",
          "eqiir.2.1",
          "drc.2.1",
          "dai-copier.HDA.Analog.playback",
        ],
      },
    });
  });

  it("describes links, endpoints and pins", () => {
    const { links, endpoints, widgets } = describeTopology(capture);
    expect(links[0]).toMatchObject({
      type: "SSP",
      hwConfigs: ["DSP_A 16000 Hz, 1 slots of 16 bits", "I2S 48000 Hz, 2 slots of 16 bits"],
    });
    expect(endpoints).toEqual([
      {
        type: "DMIC",
        index: 0,
        direction: "capture",
        formats: ["48000 Hz 2ch 32/32, blob of 40 bytes"],
      },
      {
        type: "SSP",
        index: 1,
        direction: "capture",
        formats: ["48000 Hz 2ch 16/16, blob of 12 bytes", "16000 Hz 1ch 16/16, blob of 16 bytes"],
      },
    ]);
    expect(widgets.find(({ module }) => module === "google_rtc_audio_processing")).toMatchObject({
      inputFormats: ["48000 Hz 2ch 16/16, 1920 bytes", "pin 1: 48000 Hz 2ch 16/16, 1920 bytes"],
      settings: {
        scheduling: "DP",
        memoryDomain: 3,
        inputBindings: "module-copier.18.1, dai-copier.SSP.SSP1-Codec.capture",
      },
    });
  });

  it("marks routes and lists defects", () => {
    const flagged = description.routes.filter(({ flags }) => flags.length > 0);
    expect(flagged).toEqual([
      { source: "mixin.1.1", sink: "mixout.2.1", flags: ["cross"] },
      { source: "mixin.15.1", sink: "mixout.2.1", flags: ["cross"] },
      { source: "mixin.1.1", sink: "mixout.21.1", flags: ["sink missing"] },
      { source: "drc.2.1", sink: "Codec Output", flags: ["virtual"] },
      { source: "mixout.2.1", sink: "eqiir.2.1", flags: ["duplicate"] },
    ]);
    expect(description.defects.map(({ severity, kind }) => [severity, kind])).toEqual([
      ["error", "route-end-missing"],
      ["warning", "route-duplicate"],
    ]);
  });
});

describe("toDot", () => {
  const dot = toDot(playback);

  it("draws a cluster for each pipeline with its widgets", () => {
    const cluster = dot.match(/subgraph "cluster_pipeline.2" \{[^}]*\}/)?.[0] ?? "";
    expect(cluster).toContain('label="pipeline 2, core 1"');
    expect(cluster.match(/"w:[^"]+"/g)).toEqual([
      '"w:mixout.2.1"',
      '"w:eqiir.2.1"',
      '"w:drc.2.1"',
      '"w:dai-copier.HDA.Analog.playback"',
    ]);
    expect(dot).toContain('label="pipeline 15, priority 1, low power"');
    expect(toDot(parseTopology(chainedPlayback().build(), "x"))).toContain("chain DMA");
  });

  it("draws each route once, in its style", () => {
    const edges = dot.match(/"w:[^"]+" -> "w:[^"]+".*;/g) ?? [];
    expect(edges.length).toBe(12);
    expect(dot).toContain('"w:mixin.1.1" -> "w:mixout.21.1" [color=red];');
    expect(dot).toContain('"w:drc.2.1" -> "w:Codec Output" [style=dashed];');
    expect(dot).toContain('"w:mixout.2.1" -> "w:eqiir.2.1" [style=dotted, label="again"];');
  });

  it("puts PCMs and links at the ends, by direction", () => {
    expect(dot).toContain('"p:0:HDA Analog" -> "w:host-copier.0.playback";');
    expect(dot).toContain('"w:dai-copier.HDA.Analog.playback" -> "l:Analog";');
    const recorded = toDot(capture);
    expect(recorded).toContain('"w:host-copier.99.capture" -> "p:99:DMIC Raw";');
    expect(recorded).toContain('"l:dmic01" -> "w:dai-copier.DMIC.dmic01.capture";');
  });

  it("quotes what would end a name", () => {
    const nasty = { ...playback, source: 'a"b\\c\nd\u0007' };
    expect(toDot(nasty).startsWith('digraph "a\\"b\\\\c\\nd?" {\n')).toBe(true);
  });
});
