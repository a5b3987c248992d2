import { encodeChannelControl, encodeModuleNotification } from "@sof-ts/ipc4";
import { describe, expect, it } from "vitest";
import { built, hex, hexBytes, stereo32, TestBench } from "../test/bench.js";
import { controls } from "../test/topologies.js";

const IDLE_ENTRY = "ff ff ff ff ff ff ff 7f 02 00 00 00 00 00 00 00 40 0d 03 00 00 00 00 00";
const header = (elements: string) =>
  `${elements} ${Array.from({ length: 16 }, () => "00").join(" ")}`;

function open() {
  const bench = TestBench.booted(built(controls()));
  const stream = bench.driver.openPcm("Music", "playback");
  const sent = () =>
    bench.firmware
      .take()
      .flatMap(({ message, words, payload }) =>
        message.kind === "large-config-set" || message.kind === "large-config-get"
          ? [`${hex(words.primary)}|${hex(words.extension)} ${hexBytes(payload)}`]
          : [],
      );
  return { bench, stream, sent, set: bench.driver.controls };
}

describe("controls", () => {
  it("are listed with their widgets", () => {
    const { set } = open();
    expect(set.list().map(({ name, widget, control }) => [name, widget, control.kind])).toEqual([
      ["Volume", "gain.1.1", "volume"],
      ["Mute Switch", "gain.1.1", "switch"],
      ["Filters", "tdfb.1.1", "bytes"],
      ["Beam Switch", "tdfb.1.1", "switch"],
      ["Angle", "tdfb.1.1", "enum"],
    ]);
  });

  it("are all sent right after the module that they belong to was made", () => {
    const { bench, stream, sent } = open();
    bench.run(stream.hwParams(stereo32));
    expect(sent()).toEqual([
      `0x44000006|0x30000018 ${IDLE_ENTRY}`,
      `0x44000006|0x3c800024 ${header("01 00 02 00")} 00 00 00 00 01 00 00 00 01 00 00 00 01 00 00 00`,
      "0x4400000e|0x30000004 01 02 03 04",
      `0x4400000e|0x3c80001c ${header("00 00 01 00")} 00 00 00 00 01 00 00 00`,
      `0x4400000e|0x3c90001c ${header("00 00 01 00")} 00 00 00 00 00 00 00 00`,
    ]);
  });

  it("are kept while no stream uses their module, and sent when one does", () => {
    const { bench, stream, sent, set } = open();
    expect(bench.run(set.set("Volume", 25))).toBe(true);
    expect(sent()).toEqual([]);
    bench.run(stream.hwParams(stereo32));
    // 25 is -40 dB
    expect(sent()[0]).toContain("ff ff ff ff 00 80 47 01 02 00 00 00");
  });

  it("are sent at once while their module runs, a volume for each channel where they differ", () => {
    const { bench, stream, sent, set } = open();
    bench.run(stream.hwParams(stereo32));
    sent();
    bench.run(set.set("Volume", [42, 0]));
    // -6 dB and mute
    expect(sent()).toEqual([
      "0x44000006|0x30000018 00 00 00 00 00 00 26 40 02 00 00 00 00 00 00 00 40 0d 03 00 00 00 00 00",
      "0x44000006|0x30000018 01 00 00 00 00 00 00 00 02 00 00 00 00 00 00 00 40 0d 03 00 00 00 00 00",
    ]);
    bench.run(set.set("Angle", 2));
    expect(sent()).toEqual([
      `0x4400000e|0x3c90001c ${header("00 00 01 00")} 00 00 00 00 02 00 00 00`,
    ]);
    expect(bench.run(set.set("Angle", [2]))).toBe(false);
    expect(sent()).toEqual([]);
  });

  it("keep their value when the firmware refuses another one", () => {
    const { bench, stream, set } = open();
    bench.run(stream.hwParams(stereo32));
    bench.firmware.intercept = () => 9;
    expect(() => bench.run(set.set("Filters", Uint8Array.of(9, 9)))).toThrow(/status 9/);
    expect(bench.run(set.get("Filters"))).toEqual(Uint8Array.of(1, 2, 3, 4));
  });

  it("refuse what they cannot have", () => {
    const { bench, set } = open();
    const setting = (name: string, value: number | number[] | Uint8Array) => () =>
      bench.run(set.set(name, value));
    expect(setting("Volume", 46)).toThrow('control "Volume" takes 0..45, not 46 (EINVAL)');
    expect(setting("Volume", [1])).toThrow('control "Volume" has 2 channels, not 1 (EINVAL)');
    expect(setting("Angle", 3)).toThrow('control "Angle" takes 0..2, not 3 (EINVAL)');
    expect(setting("Filters", 3)).toThrow('control "Filters" takes bytes (EINVAL)');
    expect(setting("Filters", new Uint8Array(993))).toThrow(/takes at most 992 bytes, not 993/);
    expect(setting("Loudness", 1)).toThrow('no control "Loudness" (ENOENT)');
  });

  it("take a change that the firmware makes, with its value", () => {
    const { bench, stream, set, sent } = open();
    bench.run(stream.hwParams(stereo32));
    sent();
    const changed: unknown[] = [];
    set.onChange = ({ name }, value) => changed.push([name, value]);
    const data = encodeChannelControl({ id: 0, values: [{ channel: 0, value: 1 }] });
    const change = { instanceId: 0, moduleId: 14, eventId: 0xa15a_00c9, data };
    bench.firmware.notify({ kind: "module-notification" }, encodeModuleNotification(change));
    bench.run(bench.driver.wait(100));
    expect(changed).toEqual([["Angle", [1]]]);
    expect(bench.run(set.get("Angle"))).toEqual([1]);
    expect(sent()).toEqual([]);
  });

  it("do not mind a notification that makes no sense", () => {
    const { bench, stream, set } = open();
    bench.run(stream.hwParams(stereo32));
    const change = { instanceId: 0, moduleId: 14, eventId: 0xa15a_00c9, data: new Uint8Array(3) };
    bench.firmware.notify({ kind: "module-notification" }, encodeModuleNotification(change));
    bench.firmware.notify({ kind: "module-notification" }, new Uint8Array(12).fill(0xff));
    bench.run(bench.driver.wait(100));
    expect(
      bench.log.filter((entry) => entry.kind === "note" && entry.level === "error"),
    ).toHaveLength(2);
    expect(bench.run(set.set("Angle", 1))).toBe(true);
  });

  it("read a change that came without its value from the firmware", () => {
    const { bench, stream, set, sent } = open();
    bench.run(stream.hwParams(stereo32));
    sent();
    const told: unknown[] = [];
    set.onChange = (_, value) => told.push(value);
    const data = encodeChannelControl({ id: 0, values: [] });
    const change = { instanceId: 0, moduleId: 14, eventId: 0xa15a_00c9, data };
    bench.firmware.notify({ kind: "module-notification" }, encodeModuleNotification(change));
    bench.firmware.parameters.set(
      201,
      encodeChannelControl({ id: 0, values: [{ channel: 0, value: 2 }] }),
    );
    bench.run(bench.driver.wait(100));
    expect(told).toEqual([null]);
    expect(bench.run(set.get("Angle"))).toEqual([2]);
    expect(sent()).toEqual([`0x4300000e|0x2c90001c ${header("00 00 01 00")}`]);
    expect(bench.run(set.get("Angle"))).toEqual([2]);
    expect(sent()).toEqual([]);
  });
});
