import {
  audioFormat,
  moduleUuid,
  type SampleFormatName,
  TopologyBuilder,
  volumeControl,
} from "@sof-ts/topology";
import { describe, expect, it } from "vitest";
import { built, hexBytes, stereo32, TestBench } from "../test/bench.js";
import { fieldModules } from "../test/fake-firmware.js";
import type { FirmwareModule } from "./module-table.js";

/**
 * Whole messages, byte for byte, as dumps of real conversations have them: thesofproject/sof-test issue 1201
 * (bpftrace, 2024), thesofproject/sof issues 6723 (debug kernel, 2023) and 8642 (payload dump, 2023).
 */

interface Sent {
  readonly words: string;
  readonly bytes: string;
}

function sent(bench: TestBench): Sent[] {
  return bench.firmware.take().map(({ words: { primary, extension }, payload }) => ({
    words: `0x${primary.toString(16)}|0x${extension.toString(16)}`,
    bytes: hexBytes(payload),
  }));
}

/** Bytes of a dump of little-endian 32-bit words. */
const dumped = (words: string): string =>
  hexBytes(
    new Uint8Array(
      Uint32Array.from(words.trim().split(/\s+/), (word) => Number.parseInt(word, 16)).buffer,
    ),
  );

const blob = Uint8Array.from({ length: 84 }, (_, i) => i);
const nhlt = (direction: "playback" | "capture") => {
  const formats = [{ rate: 48000, channels: 2, bitDepth: 32, blob }];
  return [{ type: "SSP", index: 0, direction, formats } as const];
};

/** Host copier, gain, mixin | mixout, gain, SSP copier, with the sample type of topologies of a year. */
function playback(sampleType: number): TopologyBuilder {
  const format = (name: SampleFormatName) => audioFormat(name, { sampleType });
  const s32 = { format: format("S32_LE") };
  const topology = new TopologyBuilder({ nhlt: nhlt("playback") });
  const front = topology.pipeline({ id: 1 });
  const host = front.hostCopier({
    direction: "playback",
    stream: "Music",
    inputs: [format("S16_LE"), format("S24_LE"), s32.format],
    outputs: [s32.format],
  });
  const back = topology.pipeline({ id: 2 });
  const controls = [volumeControl({ name: "Master" })];
  const dai = { direction: "playback", type: "SSP", link: "SSP0-Codec" } as const;
  return topology
    .route(
      host,
      front.gain({ ...s32, rampType: 1 }),
      front.mixin(s32),
      back.mixout(s32),
      back.gain({ ...s32, rampType: 1, controls }),
      back.daiCopier({ ...dai, ...s32 }),
    )
    .link({ id: 0, name: "SSP0-Codec", type: "SSP", index: 0 })
    .pcm({ id: 0, name: "Music", playback: { host, formats: ["S16_LE", "S32_LE"] } });
}

const stereo16 = { ...stereo32, format: "S16_LE" } as const;

describe("what the real driver sent to a Tiger Lake board", () => {
  /** Time of day of the dump, microseconds. */
  const timeUs = 0x5_25c2_7af8;
  const bench = TestBench.booted(built(playback(1)), {}, { traceBytes: 4096 });
  const stream = bench.driver.openPcm("Music", "playback");
  bench.run(bench.driver.suspend());
  bench.firmware.take();
  bench.firmware.reboot();
  bench.firmware.advance({ kind: "time", timeoutUs: timeUs - bench.firmware.nowUs() });
  bench.run(bench.driver.boot());
  bench.run(stream.hwParams(stereo16));
  const conversation = sent(bench);

  it("from FW_READY to the first module is sent again, to the byte", () => {
    expect(conversation.slice(0, 4)).toEqual([
      { words: "0x44000000|0x31400008", bytes: "f8 7a c2 25 05 00 00 00" },
      {
        words: "0x44000000|0x3060004c",
        bytes: [
          "00 01 00 00 00 10 00 00 01 00 00 00 ef 01 00 00",
          ...Array.from({ length: 60 }, () => "00"),
        ].join(" "),
      },
      { words: "0x11000005|0x0", bytes: "" },
      {
        words: "0x40000004|0x15",
        bytes:
          "00 00 00 00 c0 00 00 00 80 01 00 00 01 00 00 00 " +
          "80 bb 00 00 10 00 00 00 10 ff ff ff 01 00 00 00 " +
          "00 00 00 00 02 10 01 00 80 bb 00 00 20 00 00 00 " +
          "10 ff ff ff 01 00 00 00 00 00 00 00 02 20 01 00 " +
          "00 00 00 00 00 00 00 00 80 01 00 00 01 00 00 00 " +
          "00 00 00 00",
      },
    ]);
  });

  it("goes on with a gain whose dump is cut after eight bytes", () => {
    const gain = conversation[4];
    expect(gain?.words).toBe("0x40000006|0x10");
    expect(gain?.bytes.slice(0, 23)).toBe("00 00 00 00 80 01 00 00");
    expect(gain?.bytes.length).toBe(3 * 64 - 1);
  });
});

describe("what the real driver sent to a Meteor Lake board", () => {
  /** The copier's cycles came from the manifest of the firmware file. */
  const modules = fieldModules.flatMap((module, moduleId): FirmwareModule[] =>
    module === null ? [] : [manifestEntry(module.name, moduleId)],
  );
  const bench = TestBench.booted(built(playback(0)), { modules });
  const stream = bench.driver.openPcm("Music", "playback");
  bench.run(stream.hwParams(stereo16));
  const setUp = sent(bench);
  const bytesOf = (words: string) => setUp.find((message) => message.words === words)?.bytes;

  it("starts the host copier's payload as dumped", () => {
    expect(setUp.slice(0, 2).map(({ words }) => words)).toEqual([
      "0x11000005|0x0",
      "0x40000004|0x15",
    ]);
    const start = dumped(`
      0000066f 000000c0 00000180 00000001 0000bb80 00000010 ffffff10 00000001
      00000000 00001002 0000bb80 00000020`);
    expect(bytesOf("0x40000004|0x15")?.slice(0, start.length)).toBe(start);
  });

  it("has the same 64 bytes for a gain, and the last 24 of them as its volume", () => {
    const gain = dumped(`
      00000000 00000180 00000180 00000000 0000bb80 00000020 ffffff10 00000001
      00000000 00002002 ffffffff 7fffffff 00000001 00000000 00030d40 00000000`);
    expect(bytesOf("0x40010006|0x10010")).toBe(gain);
    expect(bytesOf("0x44010006|0x30000018")).toBe(gain.slice(3 * 40));
  });

  it("binds in the order of the dump, then pauses and starts both pipelines, the sink's first", () => {
    const binds = setUp.map(({ words }) => words).filter((words) => words.startsWith("0x45"));
    expect(binds.slice(1, 4)).toEqual(["0x45000006|0x2", "0x45000002|0x3", "0x45000003|0x10006"]);
    bench.run(stream.prepare());
    bench.run(stream.trigger("start"));
    const bytes = dumped("00000002 00000001 00000000");
    expect(sent(bench)).toEqual([
      { words: "0x13000003|0x1", bytes },
      { words: "0x13000004|0x1", bytes },
    ]);
  });
});

describe("what the real driver sent to an Alder Lake board", () => {
  it("starts three pipelines of a recording, the host's first", () => {
    const format = audioFormat("S32_LE");
    const topology = new TopologyBuilder({ nhlt: nhlt("capture") });
    const [link, middle, front] = [1, 2, 3].map((id) => topology.pipeline({ id }));
    if (!link || !middle || !front) throw new Error("three pipelines");
    const host = front.hostCopier({ direction: "capture", stream: "Voice", format });
    const dai = { direction: "capture", type: "SSP", link: "SSP0-Codec", format } as const;
    topology
      .route(link.daiCopier(dai), middle.moduleCopier({ format }), host)
      .link({ id: 0, name: "SSP0-Codec", type: "SSP", index: 0 })
      .pcm({ id: 0, name: "Voice", capture: { host, formats: ["S32_LE"] } });
    const bench = TestBench.booted(built(topology));
    const stream = bench.driver.openPcm("Voice", "capture");
    bench.run(stream.hwParams(stereo32));
    bench.run(stream.prepare());
    bench.firmware.take();
    bench.run(stream.trigger("start"));
    const bytes = dumped("00000003 00000002 00000001 00000000");
    expect(sent(bench)).toEqual([
      { words: "0x13000003|0x1", bytes },
      { words: "0x13000004|0x1", bytes },
    ]);
  });
});

function manifestEntry(name: string, moduleId: number): FirmwareModule {
  return {
    moduleId,
    name,
    uuid: name === "basefw" ? "" : moduleUuid(name),
    initConfig: 0,
    dataProcessing: false,
    maxInstances: 8,
    configs: name === "copier" ? [{ ibs: 0xc0, obs: 0x180, cpc: 0x66f }] : [],
  };
}
