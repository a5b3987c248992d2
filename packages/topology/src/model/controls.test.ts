import { describe, expect, it } from "vitest";
import { countingBytes, echoCancellingCapture, mixedPlayback } from "../../test/samples.js";
import { bytesControl, volumeControl } from "../builder/control-records.js";
import type { BytesRecord } from "../container/records.js";
import { type Control, makeControls } from "./controls.js";
import { parseTopology } from "./parse.js";

const play = parseTopology(mixedPlayback().build(), "play.tplg");
const rec = parseTopology(echoCancellingCapture().build(), "rec.tplg");
const control = (name: string): Control => {
  const found = [...play.widgets, ...rec.widgets]
    .flatMap((widget) => widget.controls)
    .find((each) => each.name === name);
  if (found === undefined) throw new Error(`no control ${name}`);
  return found;
};

describe("makeControls", () => {
  it("reads a volume with its decibel scale", () => {
    expect(control("Music Playback Volume")).toMatchObject({
      kind: "volume",
      index: 0,
      min: 0,
      max: 45,
      scale: { minCentiDb: -9000, stepCentiDb: 200, mute: true },
      led: null,
      accessBits: 0x13,
      access: { read: true, write: true, tlvRead: true, tlvWrite: false, volatile: false },
      ops: { get: 256, put: 256, info: 1 },
      channels: [
        { reg: 1, shift: 0, position: 3 },
        { reg: 1, shift: 1, position: 4 },
      ],
    });
  });

  it("calls a mixer control with the values 0 and 1 a switch", () => {
    expect(control("Dmic0 Capture Switch")).toMatchObject({
      kind: "switch",
      max: 1,
      led: "mic",
      ops: { get: 259, put: 259 },
      channels: [{ position: 16 }, { position: 3 }, { position: 4 }, { position: 17 }],
    });
    expect(control("DRC switch")).toMatchObject({
      kind: "switch",
      led: null,
      channels: [{ position: 7 }],
    });
  });

  it("numbers controls among those of the same record kind of their widget", () => {
    const names = [
      "TDFB bytes",
      "TDFB beam",
      "TDFB track",
      "TDFB angle",
      "TDFB estimate",
      "Dmic0 Capture Volume",
      "Dmic0 Capture Switch",
    ];
    expect(names.map((name) => control(name).index)).toEqual([0, 0, 1, 0, 1, 0, 1]);
  });

  it("reads the texts of an enum", () => {
    expect(control("TDFB angle")).toMatchObject({ kind: "enum", items: ["-90", "0", "90"] });
  });

  it("takes the ABI header off a bytes control", () => {
    expect(control("IIR Eq")).toMatchObject({
      kind: "bytes",
      maxBytes: 1024,
      paramId: 0,
      abi: 0x0301a000,
      data: countingBytes(88),
      dataProblem: null,
      access: { tlvRead: true, tlvWrite: true },
      extOps: { get: 258, put: 258, info: 0 },
    });
  });

  it("gives a bytes control without first value no data", () => {
    expect(control("Config")).toMatchObject({
      data: null,
      abi: null,
      dataProblem: null,
      access: { tlvRead: false, tlvWrite: true },
    });
  });

  it("tells an empty first value from none", () => {
    const [empty] = makeControls([
      bytesControl({ name: "c", payload: new Uint8Array(), paramId: 202, maxBytes: 256 }),
    ]);
    expect(empty).toMatchObject({ data: new Uint8Array(), paramId: 202 });
  });

  const good = bytesControl({ name: "c", payload: countingBytes(8), paramId: 7 });
  const broken = (edit: (bytes: Uint8Array) => Uint8Array): BytesRecord => ({
    ...good,
    privateData: edit(good.privateData.slice()),
  });
  it.each([
    ["a wrong magic", broken((b) => (b.fill(0, 0, 1), b)), /^magic 0x34464f00/],
    [
      "a wrong size",
      broken((b) => (b.fill(9, 8, 9), b)),
      /^the header announces 9 bytes, 8 follow/,
    ],
    ["half a header", broken((b) => b.slice(0, 20)), /^20 bytes are less than the 32/],
    ["more than the control takes", { ...good, max: 39 }, /^40 bytes, the control takes 39/],
  ])("does not take data with %s", (_, record, problem) => {
    const [made] = makeControls([record]);
    expect(made).toMatchObject({ data: null, dataProblem: expect.stringMatching(problem) });
  });

  it("reads at most eight channels, whatever the count says", () => {
    const record = { ...volumeControl({ name: "v" }), numChannels: 0xffffffff };
    const [made] = makeControls([record]);
    expect(made?.kind === "volume" && made.channels.length).toBe(8);
  });

  it("gives a volume without a decibel scale none", () => {
    const record = { ...volumeControl({ name: "v" }), tlv: { size: 0, type: 0, words: [] } };
    expect(makeControls([record])).toMatchObject([{ kind: "volume", scale: null }]);
  });
});
