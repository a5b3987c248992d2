import { InputError } from "@sof-ts/kit";
import { describe, expect, it } from "vitest";
import { mixedPlayback, samples } from "../../test/samples.js";
import { audioFormat, periodBytes } from "../audio-format.js";
import { readTopology } from "../container/reader.js";
import type { WidgetRecord } from "../container/records.js";
import { writeTopology } from "../container/writer.js";
import { makeTopology, parseTopology } from "../model/parse.js";
import { bytesControl, enumControl, switchControl, volumeControl } from "./control-records.js";
import type { PipelineBuilder } from "./pipeline-builder.js";
import { TopologyBuilder } from "./topology-builder.js";

const s32 = audioFormat("S32_LE");

/** Block types and indices as the bytes have them. */
function blockHeads(bytes: Uint8Array): [type: number, index: number, count: number][] {
  const view = new DataView(bytes.buffer);
  const heads: [number, number, number][] = [];
  for (let at = 0; at < bytes.length; at += 36 + view.getUint32(at + 24, true)) {
    expect([view.getUint32(at, true), view.getUint32(at + 4, true)]).toEqual([0x41536f43, 5]);
    heads.push([
      view.getUint32(at + 12, true),
      view.getUint32(at + 28, true),
      view.getUint32(at + 32, true),
    ]);
  }
  return heads;
}

function only(add: (pipeline: PipelineBuilder) => void): WidgetRecord {
  const builder = new TopologyBuilder({ allowDefects: true });
  add(builder.pipeline({ id: 1 }));
  const block = builder.file().blocks[1];
  const record = block?.kind === "widgets" ? block.records[0] : undefined;
  if (record === undefined) throw new Error("no widget");
  return record;
}

/** Kinds and tokens of a widget's arrays before its formats. */
function shape(record: WidgetRecord): [string, ...number[]][] {
  return record.tuples
    .map(({ type, elements }): [string, ...number[]] => [
      type,
      ...elements.map(({ token }) => token),
    ])
    .filter(([, ...tokens]) => !tokens.some((token) => token >= 1900 && token < 1980));
}

describe("TopologyBuilder", () => {
  it("orders blocks as alsatplg does: manifest, widgets by index, PCMs, links, graph by index", () => {
    expect(blockHeads(mixedPlayback().build())).toEqual([
      [8, 0, 1],
      [5, 1, 4],
      [5, 2, 6],
      [5, 15, 4],
      [7, 0, 2],
      [10, 0, 1],
      [4, 0, 2],
      [4, 1, 2],
      [4, 2, 4],
      [4, 15, 2],
    ]);
  });

  it.each(samples())("makes $name, which reads back to the same model", ({ bytes }) => {
    const file = readTopology(bytes, "x");
    const again = readTopology(writeTopology(file), "x");
    expect(makeTopology(again)).toEqual(makeTopology(file));
  });

  it("makes the same bytes each time", () => {
    const builder = mixedPlayback();
    expect(builder.build()).toEqual(builder.build());
    expect(builder.build()).toEqual(mixedPlayback().build());
  });

  it("puts the scheduler last and names it after its pipeline", () => {
    const { widgets } = parseTopology(mixedPlayback().build(), "x");
    const first = widgets.filter(({ pipelineId }) => pipelineId === 1);
    expect(first.at(-1)).toMatchObject({ name: "pipeline.1", dapmType: "scheduler" });
  });

  it("refuses what the driver would refuse, and names it", () => {
    const builder = mixedPlayback().route("mixin.1.1", "mixout.21.1");
    expect(() => builder.build()).toThrow(InputError);
    expect(() => builder.build()).toThrow(
      'topology builder: mixin.1.1 -> mixout.21.1: the route\'s sink "mixout.21.1" does not exist',
    );
    expect(() => mixedPlayback({ allowDefects: true }).route("a", "b").build()).not.toThrow();
  });

  it("refuses a second pipeline of one id", () => {
    const builder = new TopologyBuilder();
    builder.pipeline({ id: 3 });
    expect(() => builder.pipeline({ id: 3 })).toThrow("pipeline 3 is there already");
  });

  it("refuses names that leave no room for their NUL, counted in bytes", () => {
    const pipeline = new TopologyBuilder().pipeline({ id: 1 });
    expect(() => pipeline.gain({ name: "x".repeat(43), format: s32 })).not.toThrow();
    expect(() => pipeline.gain({ name: "x".repeat(44), format: s32 })).toThrow("has 44 bytes");
    expect(() => pipeline.gain({ name: "ü".repeat(22), format: s32 })).toThrow("has 44 bytes");
  });

  it("reads names that are not ASCII back", () => {
    const builder = new TopologyBuilder({ allowDefects: true });
    const gain = builder.pipeline({ id: 1 }).gain({ name: "Lautstärke", format: s32 });
    builder.route(gain, gain);
    const topology = parseTopology(builder.build(), "x");
    expect(topology.widgets[0]?.name).toBe("Lautstärke");
    expect(topology.routes[0]).toMatchObject({ sourceMissing: false, sinkMissing: false });
  });

  it("refuses a module without formats", () => {
    const pipeline = new TopologyBuilder().pipeline({ id: 1 });
    expect(() => pipeline.gain({ inputs: [s32] })).toThrow("1 input and 0 output formats");
  });
});

describe("widgets follow the token arrays of shipped topologies", () => {
  it.each([
    [
      "host copier",
      (p: PipelineBuilder) =>
        p.hostCopier({ direction: "playback", stream: "S", deepBufferMs: 10, format: s32 }),
      11,
      [
        ["word", 1981, 1980],
        ["word", 409, 406, 416, 415, 412],
        ["bool", 417],
        ["uuid", 405],
        ["word", 156],
      ],
    ],
    [
      "DAI copier",
      (p: PipelineBuilder) =>
        p.daiCopier({ direction: "playback", type: "SSP", link: "S", index: 1, format: s32 }),
      13,
      [
        ["word", 409, 406, 416, 415, 411],
        ["bool", 417],
        ["uuid", 405],
        ["word", 156, 155],
        ["word", 1980],
        ["string", 154],
      ],
    ],
    [
      "gain",
      (p: PipelineBuilder) => p.gain({ format: s32 }),
      4,
      [
        ["word", 262, 261, 260],
        ["word", 416, 415, 412, 411],
        ["bool", 417],
        ["uuid", 405],
      ],
    ],
    [
      "mixout",
      (p: PipelineBuilder) => p.mixout({ format: s32 }),
      3,
      [
        ["word", 406, 416, 415, 412, 411],
        ["bool", 417],
        ["uuid", 405],
        ["word", 1700],
      ],
    ],
    [
      "effect",
      (p: PipelineBuilder) => p.module("eq_iir", { format: s32, core: 1 }),
      18,
      [
        ["word", 416, 415, 412, 411, 404],
        ["bool", 417],
        ["uuid", 405],
      ],
    ],
    [
      "rate converter",
      (p: PipelineBuilder) => p.src({ format: s32, rateOut: 48000 }),
      20,
      [
        ["word", 301],
        ["word", 416, 415, 412, 411],
        ["bool", 417],
        ["uuid", 405],
      ],
    ],
  ])("%s", (_, add, dapmId, arrays) => {
    const record = only(add);
    expect(record.id).toBe(dapmId);
    expect(record.reg).toBe(0xffffffff);
    expect(shape(record)).toEqual(arrays);
  });

  it("schedulers", () => {
    const builder = new TopologyBuilder();
    builder.pipeline({ id: 1, chainDma: false, core: 2, priority: 3, lpMode: true });
    const block = builder.file().blocks[1];
    expect(block?.kind === "widgets" && block.records[0]?.tuples).toEqual([
      {
        type: "word",
        elements: [
          { token: 210, value: 0 },
          { token: 206, value: 1 },
          { token: 205, value: 1 },
          { token: 203, value: 2 },
          { token: 201, value: 3 },
          { token: 207, value: 1 },
        ],
      },
      { type: "bool", elements: [{ token: 209, value: 0 }] },
      { type: "bool", elements: [{ token: 417, value: 1 }] },
      { type: "word", elements: [{ token: 404, value: 2 }] },
    ]);
  });

  it("one array for each format, buffer size first", () => {
    const record = only((p) =>
      p.module("google_rtc_audio_processing", {
        inputs: [{ format: audioFormat("S16_LE"), pin: 1, periodMs: 10 }],
        outputs: [{ format: audioFormat("S24_LE", { channels: 4 }), bufferBytes: 7 }],
      }),
    );
    expect(record.tuples.slice(-2)).toEqual([
      {
        type: "word",
        elements: [
          { token: 1970, value: 1920 },
          { token: 1908, value: 1 },
          { token: 1907, value: 69634 },
          { token: 1906, value: 0 },
          { token: 1905, value: 1 },
          { token: 1904, value: 4294967056 },
          { token: 1903, value: 2 },
          { token: 1900, value: 48000 },
          { token: 1901, value: 16 },
          { token: 1902, value: 16 },
          { token: 1909, value: 1 },
        ],
      },
      {
        type: "word",
        elements: [
          { token: 1971, value: 7 },
          { token: 1938, value: 1 },
          { token: 1937, value: 71684 },
          { token: 1936, value: 0 },
          { token: 1935, value: 4 },
          { token: 1934, value: 4294914576 },
          { token: 1933, value: 4 },
          { token: 1930, value: 48000 },
          { token: 1931, value: 32 },
          { token: 1932, value: 24 },
        ],
      },
    ]);
  });

  it.each([
    ["HDA", "playback", 8],
    ["HDA", "capture", 9],
    ["SSP", "playback", 12],
    ["SSP", "capture", 13],
    ["ALH", "playback", 16],
    ["ALH", "capture", 17],
    ["DMIC", "capture", 11],
  ] as const)("%s for %s has node type %i", (type, direction, nodeType) => {
    const builder = new TopologyBuilder({ allowDefects: true });
    builder.pipeline({ id: 1 }).daiCopier({ type, direction, link: "L", format: s32 });
    expect(parseTopology(builder.build(), "x").widgets[0]).toMatchObject({
      nodeType,
      dai: { type, direction, index: 0 },
    });
  });

  it("a DMIC cannot play", () => {
    const pipeline = new TopologyBuilder().pipeline({ id: 1 });
    const add = () =>
      pipeline.daiCopier({ type: "DMIC", direction: "playback", link: "L", format: s32 });
    expect(add).toThrow("a DMIC copier for playback");
  });
});

describe("descriptions that do not fit the ABI are refused", () => {
  const wrongRates = { host: "h", formats: ["S16_LE"], rates: [44000] } as const;
  const builder = new TopologyBuilder();
  const pipeline = builder.pipeline({ id: 1 });
  it.each([
    ["has maximum 1", () => volumeControl({ name: "v", max: 1 })],
    ["has 9 channels", () => volumeControl({ name: "v", channels: 9 })],
    ["has 0 channels", () => switchControl({ name: "s", channels: 0 })],
    ["has 0 items", () => enumControl({ name: "e", items: [] })],
    [
      "41 bytes of data",
      () => bytesControl({ name: "b", payload: new Uint8Array(9), maxBytes: 40 }),
    ],
    ["has no direction", () => builder.pcm({ id: 0, name: "P" })],
    [
      "rates that ALSA's mask does not",
      () => builder.pcm({ id: 0, name: "P", capture: wrongRates }),
    ],
    ["an audio format of 9 channels", () => audioFormat("S16_LE", { channels: 9 })],
    ['no module is called "reverb"', () => pipeline.module("reverb", { format: s32 })],
  ])("%s", (message, make) => {
    expect(make).toThrow(InputError);
    expect(make).toThrow(message);
  });
});

describe("audioFormat", () => {
  it.each([
    ["S16_LE", 2, 16, 0x11002, 0xffffff10, 1],
    ["S24_LE", 4, 32, 0x11804, 0xffff3210, 4],
    ["S32_LE", 1, 32, 0x12001, 0xfffffff0, 0],
    ["S32_LE", 6, 32, 0x12006, 0xff543210, 8],
    ["S32_LE", 8, 32, 0x12008, 0x76543210, 12],
    ["FLOAT_LE", 2, 32, 0x42002, 0xffffff10, 1],
    ["S24_3LE", 2, 24, 0x11802, 0xffffff10, 1],
  ] as const)("%s, %i channels", (name, channels, bitDepth, fmtCfg, chMap, chCfg) => {
    expect(audioFormat(name, { channels })).toMatchObject({
      rate: 48000,
      bitDepth,
      fmtCfg,
      chMap,
      chCfg,
    });
  });

  it("can be MSB-aligned", () => {
    expect(audioFormat("S24_LE", { sampleType: 0 })).toMatchObject({
      fmtCfg: 0x1802,
      sampleType: 0,
    });
  });

  it("has periods of whole frames", () => {
    const bytes = (rate: number) => periodBytes(audioFormat("S16_LE", { rate }));
    expect([8000, 44100, 48000, 192000].map(bytes)).toEqual([32, 180, 192, 768]);
  });
});
