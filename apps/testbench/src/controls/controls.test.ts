import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ControlInfo } from "@sof-ts/host";
import {
  audioFormat,
  bytesControl,
  type ControlRecord,
  enumControl,
  parseTopology,
  switchControl,
  TopologyBuilder,
  volumeControl,
} from "@sof-ts/topology";
import { afterAll, describe, expect, it } from "vitest";
import { readBytesFile } from "./bytes-file.js";
import { parseControlScript } from "./script.js";

const folder = mkdtempSync(join(tmpdir(), "sof-controls-"));
afterAll(() => rmSync(folder, { recursive: true }));

const format = audioFormat("S32_LE");

/** The controls of a module as the host driver lists them. */
function listed(records: readonly ControlRecord[]): ControlInfo[] {
  const builder = new TopologyBuilder();
  builder.pipeline({ id: 1 }).module("eq_iir", { format, controls: records });
  return parseTopology(builder.build(), "test").widgets.flatMap(({ name, controls: own }) =>
    own.map((control) => ({ name: `${name} ${control.name}`, widget: name, control })),
  );
}

const controls = listed([
  volumeControl({ name: "Master Playback Volume" }),
  switchControl({ name: "Mute Switch", channels: 2 }),
  enumControl({ name: "Mode", items: ["Flat", "Loud, and clear", "Night"] }),
  bytesControl({ name: "Curve", payload: null, maxBytes: 64 }),
]);

/** What a script does: time, control, value that follows from the current one. */
function events(script: string, current: number[] | Uint8Array = [7, 8]) {
  return parseControlScript(script, join(folder, "s.sh"), controls).map((event) => [
    event.atUs,
    event.control.replace(/^\S+ /, ""),
    event.value(current),
  ]);
}

/** Message of what a script is refused with. */
function refusal(script: string): string {
  try {
    parseControlScript(script, "s.sh", controls);
  } catch (error) {
    return (error as Error).message;
  }
  return "accepted";
}

describe("a control script", () => {
  it("adds sleeps up to the time of each command", () => {
    const script = [
      "# comment, don't mind the quote",
      "amixer cset name='Master Playback Volume' 30",
      "sleep 0.5",
      "",
      'amixer -c0 -q cset numid=1 "30,20"   # both channels',
      "sleep 1.25s",
      "amixer -D hw:0 cset iface=MIXER,name='Master Playback Volume',index=0 45",
    ].join("\n");
    expect(events(script)).toEqual([
      [0, "Master Playback Volume", [30, 30]],
      [500_000, "Master Playback Volume", [30, 20]],
      [1_750_000, "Master Playback Volume", [45, 45]],
    ]);
  });

  const values: [text: string, value: number[]][] = [
    ["'Master Playback Volume' 50%", [23, 23]],
    ["'Master Playback Volume' 0", [0, 0]],
    ["'Master Playback Volume' ,9", [7, 9]],
    ["'Master Playback Volume' 9,", [9, 8]],
    ["'Master Playback Volume' -- -20dB", [35, 35]],
    ["'Master Playback Volume' -20dB", [35, 35]],
    ["'Mute Switch' on", [1, 1]],
    ["'Mute Switch' on,off", [1, 0]],
  ];
  it.each(values)("takes amixer's form of a value: %s", (text, value) => {
    expect(events(`amixer cset name=${text}`)[0]?.[2]).toEqual(value);
  });

  const simple: [text: string, control: string, value: number[]][] = [
    ["Master 50%", "Master Playback Volume", [23, 23]],
    ["Master -20dB", "Master Playback Volume", [35, 35]],
    ["'Master',0 playback 30,20", "Master Playback Volume", [30, 20]],
    ["Master 5+", "Master Playback Volume", [12, 13]],
    ["Master 10%-", "Master Playback Volume", [2, 3]],
    ["Master 4dB+", "Master Playback Volume", [9, 10]],
    ["Master 40dB-", "Master Playback Volume", [1, 1]],
    ["Mute mute", "Mute Switch", [0, 0]],
    ["Mute unmute", "Mute Switch", [1, 1]],
    ["Mute nocap", "Mute Switch", [0, 0]],
    ["Mute toggle", "Mute Switch", [0, 0]],
    ["Mode Night", "Mode", [2, 2]],
  ];
  it.each(simple)("sets a simple mixer element: %s", (text, control, value) => {
    for (const command of ["sset", "set"]) {
      expect(events(`amixer -q ${command} ${text}`)).toEqual([[0, control, value]]);
    }
  });

  it("does all that one line says of a simple mixer element, in its order", () => {
    const both = listed([
      volumeControl({ name: "Out Playback Volume" }),
      switchControl({ name: "Out Playback Switch", channels: 2 }),
      volumeControl({ name: "Out Capture Volume" }),
    ]);
    const done = (line: string) =>
      parseControlScript(line, "s.sh", both).map((event) => [
        event.control.replace(/^\S+ /, ""),
        event.value([0, 0]),
      ]);
    expect(done("amixer sset Out playback 100% unmute")).toEqual([
      ["Out Playback Volume", [45, 45]],
      ["Out Playback Switch", [1, 1]],
    ]);
    expect(done("amixer sset Out 9")).toEqual([
      ["Out Playback Volume", [9, 9]],
      ["Out Capture Volume", [9, 9]],
    ]);
    expect(done("amixer sset Out capture 9")).toEqual([["Out Capture Volume", [9, 9]]]);
  });

  it("picks an item of an enum by text or number, also one with a comma", () => {
    expect(events("amixer cset name='Mode' 'Loud, and clear'", [0])[0]?.[2]).toEqual([1]);
    expect(events("amixer cset name='Mode' 2", [0])[0]?.[2]).toEqual([2]);
  });

  it("toggles a switch from what it is then", () => {
    expect(events("amixer cset name='Mute Switch' toggle", [0, 1])[0]?.[2]).toEqual([1, 0]);
  });

  it("sets bytes from a file beside the script", () => {
    writeFileSync(join(folder, "curve.txt"), "0x01,0x02,0x03,0xff\n");
    const expected = [0, "Curve", Uint8Array.of(1, 2, 3, 255)];
    expect(events("sof-ctl -Dhw:0 -n 4 -s curve.txt")).toEqual([expected]);
    expect(events("sof-ctl -c name='Curve' -s curve.txt -r")).toEqual([expected]);
    expect(events("amixer cset name='Curve' 0x01,0x02,0x03,0xff")).toEqual([expected]);
  });

  const refusals: [script: string, message: RegExp][] = [
    ["\n\naplay x.wav", /^s\.sh, line 3: "aplay" is not a command.*amixer cset/],
    ["amixer cset name='Nope' 1", /^s\.sh, line 1: no control "Nope"\. There are: .*Curve/],
    ["amixer cset numid=9 1", /no control has numid 9\. There are 1\.\.4/],
    ["amixer cset name='Master Playback Volume' 46", /takes 0\.\.45, not 46/],
    ["amixer cset name='Master Playback Volume' 1,2,3", /has 2 channels, not 3/],
    ["amixer cset name='Master Playback Volume' 6dB", /takes -88 dB\.\.0 dB, not 6 dB/],
    ["amixer cset name='Master Playback Volume' loud", /a number, a percentage or dB, not "loud"/],
    ["amixer cset name='Mode' Day", /has no item "Day"\. It has: 0 'Flat'/],
    ["amixer cset name='Mute Switch' 2", /takes on, off or toggle, not "2"/],
    ["amixer cset name='Mode 1", /the quote ' is never closed/],
    ["amixer cset numid=1 $LEVEL", /the variable \$LEVEL has no value here/],
    ["amixer cset numid=1 3; sleep 1", /";" needs a shell/],
    ["amixer scontrols", /"amixer scontrols" is not done here/],
    ["amixer sset", /amixer sset wants an element/],
    ["amixer sset Master", /nothing is set for "Master"/],
    ["amixer sset Nope 3", /no simple mixer control "Nope"\. There are: .*Master, .*Mute/],
    ["amixer sset 'Master Playback Volume' 3", /Write amixer sset 'Master', or amixer cset/],
    ["amixer sset Master capture 3", /"Master" has no volume or enum there/],
    ["amixer sset Mode mute", /"Mode" has no switch there\. It is "Mode"/],
    ["amixer sset Master 101%", /takes 0 %\.\.100 %, not 101%/],
    ["amixer -z cset numid=1 3", /line 1: Unknown option '-z'/],
    ["amixer cset numid=1", /wants a control and one value/],
    ["amixer cset volume 1", /"volume" does not name a control/],
    ["sleep soon", /"sleep soon" is no time/],
    ["sof-ctl -n 4", /sets nothing without -s FILE/],
    ["sof-ctl -s x", /wants one control/],
    ["sof-ctl -n 4 -s none.bin", /none\.bin: no such file/],
    ["amixer cset numid=4 1,2,zz", /number 3, "zz", is no 32-bit word/],
    [`amixer cset numid=4 ${"0x11,".repeat(33)}`, /takes at most 32 bytes, not 33/],
  ];
  it.each(refusals)("refuses %j with its line", (script, message) => {
    expect(refusal(script)).toMatch(message);
  });

  it("refuses a file for another parameter, and one for a control that takes no bytes", () => {
    writeFileSync(join(folder, "other.bin"), withHeader(Uint8Array.of(1, 2, 3, 4), { type: 5 }));
    const path = join(folder, "other.bin");
    expect(refusal(`sof-ctl -n 4 -s ${path}`)).toMatch(/is for parameter 5, control "Curve" sets/);
    expect(refusal(`sof-ctl -n 1 -s ${path}`)).toMatch(/is no bytes control/);
  });
});

/** Puts `struct sof_abi_hdr` in front. */
function withHeader(
  payload: Uint8Array,
  { type = 0, size = payload.length, abi = 0x0301_d001 } = {},
): Uint8Array {
  const bytes = new Uint8Array(32 + payload.length);
  const view = new DataView(bytes.buffer);
  for (const [index, word] of [0x3446_4f53, type, size, abi].entries()) {
    view.setUint32(4 * index, word, true);
  }
  bytes.set(payload, 32);
  return bytes;
}

const wordsText = (bytes: Uint8Array): string =>
  Array.from(new Uint32Array(bytes.slice().buffer)).join(",");
const hexText = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => `0x${byte.toString(16).padStart(2, "0")}`).join(",");
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

describe("a file of a bytes control", () => {
  const payload = Uint8Array.of(8, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff);
  const whole = withHeader(payload, { type: 3 });
  const tagged = new Uint8Array(8 + whole.length);
  tagged.set([3, 0, 0, 0, whole.length, 0, 0, 0]);
  tagged.set(whole, 8);

  const forms: [name: string, file: Uint8Array, paramId: number | null][] = [
    ["raw bytes", payload, null],
    ["bytes with the ABI header", whole, 3],
    ["bytes with ALSA's tag and the ABI header", tagged, 3],
    ["sof-ctl's words", text(`${wordsText(whole)}\n`), 3],
    ["words without header", text("8,4294967294"), null],
    ["signed words on two lines", text("8\n-2\n"), null],
    ["hexadecimal words", text("0x00000008, 0xfffffffe"), null],
    ["hexadecimal bytes", text(hexText(payload)), null],
    ["bare hexadecimal bytes", text("08 00 00 00 fe ff ff ff"), null],
    ["a topology source", text(`CONTROLBYTES_PRIV(X,\n  bytes "${hexText(whole)}"\n)`), 3],
  ];
  it.each(forms)("reads %s", (_name, file, paramId) => {
    const result = readBytesFile(file, "f");
    expect(Array.from(result.data)).toEqual(Array.from(payload));
    expect(result.paramId).toBe(paramId);
  });

  it("takes small decimal numbers as words, as sof-ctl does", () => {
    expect(Array.from(readBytesFile(text("1,2"), "f").data)).toEqual([1, 0, 0, 0, 2, 0, 0, 0]);
  });

  it("keeps a header that the user calls payload", () => {
    expect(readBytesFile(whole, "f", true)).toEqual({ data: whole, paramId: null });
  });

  it("refuses a header that does not fit what follows", () => {
    const read = (file: Uint8Array) => () => readBytesFile(file, "f.bin");
    expect(read(new Uint8Array(0))).toThrow(/f\.bin: the file is empty/);
    expect(read(whole.subarray(0, 20))).toThrow(/f\.bin, offset 20 .*cut after 20 bytes/);
    const ipc3 = whole.slice();
    ipc3[3] = 0;
    expect(read(ipc3)).toThrow(/f\.bin, offset 0 .*of IPC3.*SOF4/);
    expect(read(withHeader(payload, { size: 9 }))).toThrow(/announces 9 bytes, 8 follow/);
    expect(read(withHeader(payload, { abi: 0x0401_0000 }))).toThrow(
      /of ABI 4\.16\.0, .* takes 3\.x/,
    );
  });
});
