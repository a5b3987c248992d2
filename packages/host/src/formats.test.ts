import { audioFormat, makeTopology, TopologyBuilder, TopologyGraph } from "@sof-ts/topology";
import type { ModuleOptions, NhltTable, Widget } from "@sof-ts/topology";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fixUpBackEnd } from "./backend-params.js";
import { chooseFormats, type FormatReferences } from "./format-selection.js";
import { IdAllocator } from "./id-allocator.js";
import { modulePages, pipelinePages } from "./memory-pages.js";
import type { StreamParams } from "./pcm-params.js";

const [s16, s24, s32] = [audioFormat("S16_LE"), audioFormat("S24_LE"), audioFormat("S32_LE")];
const quad = audioFormat("S32_LE", { channels: 4 });
const mono8k = audioFormat("S16_LE", { rate: 8000, channels: 1 });

type Make = (pipeline: ReturnType<TopologyBuilder["pipeline"]>) => { readonly name: string };

/** Makes one widget and its topology. */
function widgetOf(make: Make, builder = new TopologyBuilder({ allowDefects: true })) {
  const ref = make(builder.pipeline({ id: 1 }));
  const topology = makeTopology(builder.file());
  const widget = new TopologyGraph(topology).widget(ref.name) as Widget;
  return { widget, topology };
}

const params = (rate: number, channels: number, validBits: number): StreamParams => ({
  rate,
  channels,
  validBits,
});
const stereo = (bits: number) => params(48000, 2, bits);

function chosen(make: Make, references: Partial<FormatReferences>) {
  const { widget } = widgetOf(make);
  const { input, output } = chooseFormats(widget, {
    direction: "playback",
    upstream: stereo(32),
    frontEnd: stereo(32),
    backEnd: null,
    ...references,
  });
  const text = (set: typeof input | null) =>
    set === null
      ? null
      : `${set.format.rate}/${set.format.channels}/${set.format.validBits} ${set.bufferBytes}`;
  return [text(input), text(output)];
}

describe("the choice of formats", () => {
  const host =
    (direction: "playback" | "capture", options: ModuleOptions): Make =>
    (pipeline) =>
      pipeline.hostCopier({ direction, stream: "S", ...options });
  const dai =
    (direction: "playback" | "capture", options: ModuleOptions): Make =>
    (pipeline) =>
      pipeline.daiCopier({ direction, type: "HDA", link: "L", ...options });

  it("takes the first where all agree, whatever is asked for", () => {
    const make = host("playback", { inputs: [s32, s32], outputs: [s32] });
    expect(chosen(make, { frontEnd: params(8000, 1, 16) })).toEqual([
      "48000/2/32 384",
      "48000/2/32 384",
    ]);
  });

  it("goes by the application on the host's side of a host copier", () => {
    const play = host("playback", { inputs: [s16, s24, s32], outputs: [s32] });
    expect(chosen(play, { frontEnd: stereo(16), upstream: stereo(24) })[0]).toBe("48000/2/16 192");
    const record = host("capture", { inputs: [s32, quad], outputs: [s16, s24, s32, quad] });
    const references = {
      direction: "capture",
      upstream: params(48000, 4, 32),
      frontEnd: stereo(24),
    } as const;
    expect(chosen(record, references)).toEqual(["48000/4/32 768", "48000/2/24 384"]);
  });

  it("goes by the module before, and by the input for the output", () => {
    const gain: Make = (pipeline) =>
      pipeline.gain({ inputs: [s16, s32, quad], outputs: [s16, s32, quad] });
    expect(chosen(gain, { upstream: params(48000, 4, 32), frontEnd: stereo(16) })).toEqual([
      "48000/4/32 768",
      "48000/4/32 768",
    ]);
  });

  it("gives a copier's output its input's rate and channels in the only depth that it has", () => {
    const copier: Make = (pipeline) =>
      pipeline.moduleCopier({
        inputs: [s32, quad],
        outputs: [s16, audioFormat("S16_LE", { channels: 4 })],
      });
    expect(chosen(copier, { upstream: params(48000, 4, 32) })).toEqual([
      "48000/4/32 768",
      "48000/4/16 384",
    ]);
  });

  it("goes by the link on the outer side of a DAI copier", () => {
    const play = dai("playback", { inputs: [s16, s32], outputs: [s16, s32] });
    const references = { upstream: stereo(32), frontEnd: stereo(32), backEnd: stereo(16) };
    expect(chosen(play, references)).toEqual(["48000/2/32 384", "48000/2/16 192"]);
    const record = dai("capture", { inputs: [s16, s32], outputs: [s32] });
    expect(chosen(record, { ...references, direction: "capture" })).toEqual([
      "48000/2/16 192",
      "48000/2/32 384",
    ]);
  });

  it("lets the application's rate choose the output of a converter in capture, and only there", () => {
    const [f48, f16k] = [s32, audioFormat("S32_LE", { rate: 16000 })];
    const src: Make = (pipeline) =>
      pipeline.src({ rateOut: 16000, inputs: [f48], outputs: [f48, f16k] });
    const references = { frontEnd: params(16000, 2, 32) };
    expect(chosen(src, { ...references, direction: "capture" })[1]).toBe("16000/2/32 128");
    expect(() => chosen(src, references)).toThrow(
      "widget src.1.1: 2 output formats, a rate converter in playback has one (EINVAL)",
    );
  });

  it("only looks at formats of pin 0", () => {
    const module: Make = (pipeline) =>
      pipeline.module("google_rtc_audio_processing", {
        inputs: [{ format: s16, pin: 1 }, { format: s32 }],
        outputs: [s16],
      });
    expect(() => chosen(module, { upstream: stereo(16) })).toThrow(/no input format fits/);
  });

  it("says what was asked for and what there is", () => {
    const make = host("playback", { inputs: [s16, mono8k], outputs: [s32] });
    expect(() => chosen(make, { frontEnd: stereo(24) })).toThrow(
      "widget host-copier.0.playback: no input format fits 48000 Hz, 2 channels, 24 bits; " +
        "it has 48000 Hz, 2 channels, 16 bits; 8000 Hz, 1 channel, 16 bits (EINVAL)",
    );
  });
});

describe("the fix-up of a back end", () => {
  const blob = (byte: number) => new Uint8Array(8).fill(byte);
  const table = (...depths: number[]): NhltTable => {
    const formats = depths.map((bitDepth) => ({
      rate: 48000,
      channels: 2,
      bitDepth,
      blob: blob(bitDepth),
    }));
    const builder = new TopologyBuilder({ nhlt: [{ type: "DMIC", index: 0, formats }] });
    return makeTopology(builder.file()).manifest?.nhlt as NhltTable;
  };
  const dmic = (inputs: (typeof s16)[]): Widget =>
    widgetOf((pipeline) =>
      pipeline.daiCopier({
        direction: "capture",
        type: "DMIC",
        link: "mics",
        inputs,
        outputs: [s32],
      }),
    ).widget;
  const fix = (widget: Widget, frontEnd: StreamParams, tables: NhltTable[]) =>
    fixUpBackEnd(widget, undefined, frontEnd, { tables, fallback: null });

  it("has the link's formats decide where they agree", () => {
    const { widget } = widgetOf((pipeline) =>
      pipeline.daiCopier({ direction: "playback", type: "HDA", link: "L", format: quad }),
    );
    const { params: fixed, containerBits } = fix(widget, params(44100, 2, 16), []);
    expect([fixed, containerBits]).toEqual([params(48000, 4, 32), 32]);
  });

  it("keeps what the application wants where the link has it", () => {
    const { widget } = widgetOf((pipeline) =>
      pipeline.daiCopier({
        direction: "playback",
        type: "HDA",
        link: "L",
        inputs: [s32],
        outputs: [mono8k, s16],
      }),
    );
    expect(fix(widget, params(8000, 1, 16), []).params).toEqual(params(8000, 1, 16));
    expect(fix(widget, params(8000, 1, 32), []).params.validBits).toBe(16);
  });

  it("looks for the 32-bit blob of microphones with several depths first", () => {
    const both = fix(dmic([s16, s32]), stereo(16), [table(16, 32)]);
    expect([both.params.validBits, both.blob?.[0]]).toEqual([32, 32]);
    const only16 = fix(dmic([s16, s32]), stereo(16), [table(16)]);
    expect([only16.params.validBits, only16.blob?.[0]]).toEqual([16, 16]);
  });

  it("falls back to 16 bits when the table has no 32", () => {
    const fallback = fix(dmic([s16, s32]), stereo(32), [table(16)]);
    expect([fallback.params.validBits, fallback.blob?.[0]]).toEqual([16, 16]);
  });

  it("keeps 24 bits that lie in the 32 of the blob", () => {
    const fixed = fix(dmic([s16, s24, s32]), stereo(24), [table(32)]);
    expect([fixed.params.validBits, fixed.containerBits]).toEqual([24, 32]);
  });

  it("does not change the only depth of microphones", () => {
    expect(() => fix(dmic([s32]), stereo(16), [table(16)])).toThrow(
      /no gateway configuration \(NHLT\) for DMIC0 at 48000 Hz, 2 channels, 32 bits/,
    );
  });

  it("asks tables in order and the fallback last", () => {
    const widget = dmic([s32]);
    const fallback = () => blob(99);
    const get = (tables: NhltTable[]) =>
      fixUpBackEnd(widget, undefined, stereo(32), { tables, fallback }).blob?.[0];
    expect([get([table(16), table(32)]), get([table(16)])]).toEqual([32, 99]);
  });

  it("takes the SSP configuration of the stream's rate and channels", () => {
    const formats = [8000, 48000].map((rate) => ({
      rate,
      channels: rate === 8000 ? 1 : 2,
      bitDepth: 16,
      blob: blob(rate / 1000),
    }));
    const builder = new TopologyBuilder({
      nhlt: [{ type: "SSP", index: 2, direction: "playback", formats }],
    });
    const hwConfigs = [
      { id: 0, fsyncRate: 48000, tdmSlots: 2, tdmSlotWidth: 16 },
      { id: 1, fsyncRate: 8000, tdmSlots: 1, tdmSlotWidth: 16 },
    ];
    builder.link({ id: 0, name: "BT", type: "SSP", index: 2, hwConfigs });
    const make: Make = (pipeline) =>
      pipeline.daiCopier({
        direction: "playback",
        type: "SSP",
        index: 2,
        link: "BT",
        inputs: [mono8k, s16],
        outputs: [mono8k, s16],
      });
    const { widget, topology } = widgetOf(make, builder);
    const sources = { tables: [topology.manifest?.nhlt as NhltTable], fallback: null };
    const get = (frontEnd: StreamParams) =>
      fixUpBackEnd(widget, topology.links[0], frontEnd, sources).blob?.[0];
    expect([get(params(8000, 1, 16)), get(stereo(16))]).toEqual([8, 48]);
  });
});

describe("the memory estimate", () => {
  it("asks for the pages that the kernel asks for", () => {
    const copier = { isPages: 1, ibs: 192, dataProcessing: false };
    const gain = { isPages: 0, ibs: 384, dataProcessing: false };
    expect([modulePages(copier), modulePages(gain)]).toEqual([1, 2]);
    // A pipeline of host copier, gain and mixin in a real conversation: CREATE_PIPELINE 0x11000005.
    expect(pipelinePages([copier, gain, gain])).toBe(5);
  });

  it("counts a module's thread for less than a tick's queues", () => {
    expect(modulePages({ isPages: 0, ibs: 384, dataProcessing: true })).toBe(2);
    expect(modulePages({ isPages: 0, ibs: 256, dataProcessing: true })).toBe(1);
    expect(modulePages({ isPages: 0, ibs: 1920, dataProcessing: true })).toBe(5);
  });
});

describe("an id allocator", () => {
  it("gives out the lowest free id up to and including the last", () => {
    const check = (actions: number[], last: number) => {
      const allocator = new IdAllocator(last);
      const held = new Set<number>();
      for (const action of actions) {
        if (held.has(action)) {
          allocator.free(action);
          held.delete(action);
          continue;
        }
        const id = allocator.allocate();
        const free = Array.from({ length: last + 1 }, (_, i) => i).filter((i) => !held.has(i));
        expect(id).toBe(free[0] ?? -1);
        if (id >= 0) held.add(id);
        expect(allocator.inUse).toBe(held.size);
      }
    };
    fc.assert(fc.property(fc.array(fc.nat(20)), fc.nat(6), check));
  });
});
