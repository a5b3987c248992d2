import { describe, expect, it } from "vitest";
import { block, join, le32 } from "../../test/raw.js";
import { mixedPlayback, samples } from "../../test/samples.js";
import { audioFormat } from "../audio-format.js";
import { bytesControl, volumeControl } from "../builder/control-records.js";
import { TopologyBuilder } from "../builder/topology-builder.js";
import { plainWidget } from "../builder/widget-records.js";
import type {
  Block,
  ManifestRecord,
  TopologyFile,
  VendorArray,
  WidgetRecord,
} from "../container/records.js";
import { makeTopology, parseTopology } from "./parse.js";
import { validateTopology } from "./validate.js";

const s32 = audioFormat("S32_LE");

/** A good topology with some widgets changed. */
function edited(name: string, edit: (record: WidgetRecord) => WidgetRecord): TopologyFile {
  const file = mixedPlayback().file();
  const blocks = file.blocks.map((each) =>
    each.kind !== "widgets"
      ? each
      : {
          ...each,
          records: each.records.map((record) => (record.name === name ? edit(record) : record)),
        },
  );
  return { ...file, blocks };
}

function defectsOf(file: TopologyFile): { severity: string; kind: string; subject: string }[] {
  return validateTopology(makeTopology(file)).map(({ severity, kind, subject }) => ({
    severity,
    kind,
    subject,
  }));
}

const withTuples = (record: WidgetRecord, ...more: VendorArray[]): WidgetRecord => ({
  ...record,
  tuples: [...record.tuples, ...more],
});
const words = (...elements: { token: number; value: number }[]): VendorArray => ({
  type: "word",
  elements,
});

describe("validateTopology", () => {
  it.each(samples())("finds nothing wrong in $name", ({ bytes }) => {
    expect(validateTopology(parseTopology(bytes, "x"))).toEqual([]);
  });

  it("reports a route into nowhere, which shipped with an amplifier's deep buffer", () => {
    const builder = mixedPlayback({ allowDefects: true }).route("mixin.1.1", "mixout.21.1");
    const defects = validateTopology(parseTopology(builder.build(), "x"));
    expect(defects).toMatchObject([
      {
        kind: "route-end-missing",
        severity: "error",
        end: "sink",
        subject: "mixin.1.1 -> mixout.21.1",
        route: {
          source: "mixin.1.1",
          sink: "mixout.21.1",
          sinkMissing: true,
          sourceMissing: false,
        },
      },
    ]);
  });

  it("reports a route out of nowhere", () => {
    const file = mixedPlayback({ allowDefects: true }).route("ghost", "mixout.2.1").file();
    expect(defectsOf(file)).toMatchObject([
      { kind: "route-end-missing", subject: "ghost -> mixout.2.1" },
    ]);
  });

  it("reports a route that is there twice", () => {
    const file = mixedPlayback().route("mixout.2.1", "eqiir.2.1").file();
    expect(validateTopology(makeTopology(file))).toMatchObject([
      {
        kind: "route-duplicate",
        severity: "warning",
        subject: "mixout.2.1 -> eqiir.2.1",
        first: 4,
      },
    ]);
  });

  it("reports a DAI copier without UUID whose tokens are there three times", () => {
    const dai = "dai-copier.HDA.Analog.playback";
    const repeated = words({ token: 409, value: 1 }, { token: 406, value: 1647 });
    const file = edited(dai, (record) =>
      withTuples(
        { ...record, tuples: record.tuples.filter(({ type }) => type !== "uuid") },
        repeated,
        repeated,
      ),
    );
    expect(validateTopology(makeTopology(file))).toMatchObject([
      { kind: "widget-without-uuid", severity: "error", subject: dai },
      {
        kind: "token-repeated",
        severity: "warning",
        subject: dai,
        token: 409,
        times: 3,
        equal: true,
      },
      {
        kind: "token-repeated",
        severity: "warning",
        subject: dai,
        token: 406,
        times: 3,
        equal: true,
      },
    ]);
  });

  it("says when a repeated token has different values", () => {
    const file = edited("gain.1.1", (record) =>
      withTuples(record, words({ token: 260, value: 9 })),
    );
    expect(validateTopology(makeTopology(file))).toMatchObject([
      { token: 260, times: 2, equal: false },
    ]);
  });

  it("reports a volume control that carries audio formats", () => {
    const file = edited("gain.1.1", (record) => ({
      ...record,
      controls: [
        {
          ...volumeControl({ name: "Volume" }),
          tuples: [words({ token: 1900, value: 48000 }, { token: 1907, value: 0x12002 })],
        },
      ],
    }));
    expect(defectsOf(file)).toEqual([
      { severity: "warning", kind: "control-has-formats", subject: 'gain.1.1 "Volume"' },
    ]);
  });

  it("reports a scheduler that announces formats", () => {
    const file = edited("pipeline.1", (record) =>
      withTuples(record, words({ token: 415, value: 3 }, { token: 416, value: 1 })),
    );
    expect(defectsOf(file)).toEqual([
      { severity: "warning", kind: "scheduler-has-formats", subject: "pipeline.1" },
    ]);
  });

  it("reports fewer formats than are announced, and nothing when there are more", () => {
    const recount = (value: number) =>
      edited("eqiir.2.1", (record) => ({
        ...record,
        tuples: record.tuples.map((array) =>
          array.type !== "word"
            ? array
            : {
                ...array,
                elements: array.elements.map((each) =>
                  each.token === 415 ? { ...each, value } : each,
                ),
              },
        ),
      }));
    expect(validateTopology(makeTopology(recount(3)))).toMatchObject([
      { kind: "formats-missing", subject: "eqiir.2.1", side: "input", declared: 3, found: 1 },
    ]);
    expect(defectsOf(recount(0))).toEqual([]);
  });

  it("notes labels that differ from fmt_cfg", () => {
    const relabelled = edited("eqiir.2.1", (record) => ({
      ...record,
      tuples: record.tuples.map((array) =>
        array.type !== "word"
          ? array
          : {
              ...array,
              elements: array.elements.map((each) =>
                each.token === 1938 ? { ...each, value: 0 } : each,
              ),
            },
      ),
    }));
    expect(validateTopology(makeTopology(relabelled))).toMatchObject([
      { kind: "format-labels-differ", severity: "note", side: "output", set: 0 },
    ]);
  });

  it("reports data of a bytes control that the driver refuses", () => {
    const control = bytesControl({ name: "EQ", payload: new Uint8Array(4) });
    const file = edited("eqiir.2.1", (record) => ({
      ...record,
      controls: [{ ...control, privateData: control.privateData.slice(1) }],
    }));
    expect(defectsOf(file)).toEqual([
      { severity: "error", kind: "control-data-invalid", subject: 'eqiir.2.1 "EQ"' },
    ]);
  });

  it("reports modules without pipeline, without registered UUID, with too many pins", () => {
    const builder = new TopologyBuilder({ allowDefects: true });
    builder
      .pipeline({ id: 1 })
      .module("12345678-1234-1234-1234-123456789abc", { format: s32, inputPins: 9 });
    const file = builder.file();
    const blocks = file.blocks.map((each): Block =>
      each.kind === "widgets" ? { ...each, records: each.records.slice(0, 1) } : each,
    );
    expect(validateTopology(makeTopology({ ...file, blocks }))).toMatchObject([
      { kind: "count-wrong", element: "widgets", declared: 2, found: 1 },
      { kind: "module-unknown", severity: "note", uuid: "12345678-1234-1234-1234-123456789abc" },
      { kind: "widget-without-pipeline", severity: "error" },
      { kind: "pins-too-many", side: "input", pins: 9 },
    ]);
  });

  it("reports names that are there twice and pipelines with two schedulers", () => {
    const builder = new TopologyBuilder({ allowDefects: true });
    const pipeline = builder.pipeline({ id: 1 });
    pipeline.gain({ name: "same", format: s32 });
    pipeline.gain({ name: "same", format: s32 });
    pipeline.record(plainWidget("scheduler", "second"));
    expect(defectsOf(builder.file())).toEqual([
      { severity: "error", kind: "pipeline-repeated", subject: "pipeline.1" },
      { severity: "error", kind: "widget-name-repeated", subject: "same" },
    ]);
  });

  it("reports streams, DAI copiers and links without their other half", () => {
    const builder = new TopologyBuilder({ allowDefects: true });
    builder
      .pipeline({ id: 1 })
      .daiCopier({ direction: "playback", type: "HDA", link: "Analog", format: s32 });
    builder
      .pcm({ id: 0, name: "Music", playback: { host: "nobody", formats: ["S32_LE"] } })
      .link({ id: 0, name: "dmic16k", type: "DMIC", index: 1 });
    expect(defectsOf(builder.file())).toEqual([
      { severity: "error", kind: "dai-without-link", subject: "dai-copier.HDA.Analog.playback" },
      { severity: "error", kind: "stream-without-host", subject: "Music playback" },
      { severity: "note", kind: "link-without-dai", subject: "dmic16k" },
    ]);
  });

  it("reports a route between a DMA chain and a pipeline", () => {
    const builder = new TopologyBuilder({ allowDefects: true });
    const host = builder
      .pipeline({ id: 1, chainDma: true })
      .hostCopier({ direction: "playback", stream: "P", format: s32 });
    builder.route(host, builder.pipeline({ id: 2 }).gain({ format: s32 }));
    expect(defectsOf(builder.file())).toEqual([
      { severity: "error", kind: "chain-dma-mixed", subject: "host-copier.0.playback -> gain.2.1" },
    ]);
  });

  it("reports totals that differ, a missing manifest, blocks and tokens that it does not know", () => {
    const file = mixedPlayback().file();
    const manifest = file.blocks[0]?.kind === "manifest" ? file.blocks[0].records[0] : undefined;
    const recounted: ManifestRecord = { ...(manifest as ManifestRecord), pcms: 3 };
    const blocks = [{ ...file.blocks[0], records: [recounted] } as Block, ...file.blocks.slice(1)];
    expect(defectsOf({ ...file, blocks })).toEqual([
      { severity: "warning", kind: "count-wrong", subject: "built topology" },
    ]);
    expect(defectsOf({ source: "x", blocks: [] })).toEqual([
      { severity: "error", kind: "manifest-missing", subject: "x" },
    ]);
    const extra = join(mixedPlayback().build(), block({ type: 12, payload: le32(1) }));
    expect(validateTopology(parseTopology(extra, "x"))).toMatchObject([
      { kind: "block-unknown", type: 12 },
    ]);
    const unknown = edited("gain.1.1", (record) =>
      withTuples(record, words({ token: 4711, value: 1 })),
    );
    expect(validateTopology(makeTopology(unknown))).toMatchObject([
      { kind: "token-unknown", severity: "note", subject: "gain.1.1", token: 4711 },
    ]);
  });

  it("keeps a hostile name on one line", () => {
    const nameless = { ...plainWidget("mux", "x"), name: "\u001b[31m\nrm" };
    const builder = new TopologyBuilder({ allowDefects: true });
    builder.pipeline({ id: 1 }).record(nameless);
    expect(defectsOf(builder.file())[0]?.subject).toBe("\\x1b[31m\\x0arm");
  });
});
