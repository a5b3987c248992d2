import { describe, expect, it } from "vitest";
import { built, hexBytes, payloadOf, stereo32, TestBench, wordsOf } from "../test/bench.js";
import {
  aggregatedAmps,
  analogCapture,
  chains,
  echoCanceller,
  sidetone,
  twoCores,
} from "../test/topologies.js";
import type { HostOptions } from "./options.js";
import type { PcmParams } from "./pcm-params.js";
import type { PcmStream } from "./pcm-stream.js";

const stereo16: PcmParams = { ...stereo32, format: "S16_LE" };

describe("capture", () => {
  it("is set up from the link and bound from the host", () => {
    const bench = TestBench.booted(built(analogCapture()));
    const stream = bench.driver.openPcm("Record", "capture");
    bench.run(stream.hwParams(stereo16));
    expect(bench.requests()).toEqual([
      "create-pipeline 0x11000006|0x0",
      "init-instance 0x40000004|0x15",
      "init-instance 0x4000000b|0xa",
      "large-config-set 0x4400000b|0x30000008",
      "init-instance 0x40010004|0x15",
      "create-pipeline 0x11010002|0x0",
      "init-instance 0x40020004|0x10015",
      // The host copier's only source has the first of the copier's output queues.
      "bind 0x45010004|0x20004",
      "bind 0x4500000b|0x10004",
      "bind 0x45000004|0xb",
    ]);
  });

  it("converts in the host copier, and takes the link's gateway of the input kind", () => {
    const bench = TestBench.booted(built(analogCapture()));
    bench.run(bench.driver.openPcm("Record", "capture").hwParams(stereo16));
    const inits = bench.firmware.take().filter(({ message }) => message.kind === "init-instance");
    const words = (i: number) => wordsOf(payloadOf(inits[i]));
    const link = words(0);
    const host = words(3);
    // node id, DMA buffer: two periods of what it gives
    expect([link[17], link[18]]).toEqual([0x900, 768]);
    expect([host[17], host[18]]).toEqual([0x100, 384]);
    // buffer sizes, container bits in and out
    expect([host[1], host[2], host[5], host[11]]).toEqual([384, 192, 32, 16]);
  });

  it("tells a copier the format of its second sink before it binds it", () => {
    const bench = TestBench.booted(built(analogCapture()));
    bench.run(bench.driver.openPcm("Record", "capture").hwParams(stereo32));
    bench.firmware.take();
    bench.run(bench.driver.openPcm("Monitor", "capture").hwParams(stereo32));
    const requests = bench.firmware.take();
    expect(requests.map(({ message }) => message.kind)).toEqual([
      "create-pipeline",
      "init-instance",
      "large-config-set",
      "bind",
    ]);
    const format = "80 bb 00 00 20 00 00 00 10 ff ff ff 01 00 00 00 00 00 00 00 02 20 01 00";
    expect(hexBytes(payloadOf(requests[2]))).toBe(`01 00 00 00 ${format} ${format}`);
    expect(requests[2]?.words).toEqual({ primary: 0x4401_0004, extension: 0x3020_0034 });
    // source queue 1
    expect(requests[3]?.words.extension).toBe(0x0803_0004);
  });

  it("starts the front end first and stops it last", () => {
    const bench = TestBench.booted(built(analogCapture()));
    const stream = bench.driver.openPcm("Record", "capture");
    bench.run(stream.hwParams(stereo32));
    bench.run(stream.prepare());
    bench.firmware.take();
    bench.run(stream.trigger("start"));
    bench.run(stream.trigger("stop"));
    expect(bench.requests()).toEqual([
      "set-pipeline-state 0x13010003|0x0",
      "set-pipeline-state 0x13010004|0x0",
      "set-pipeline-state 0x13000003|0x0",
      "set-pipeline-state 0x13000004|0x0",
      "set-pipeline-state 0x13000003|0x0",
      "set-pipeline-state 0x13010003|0x0",
    ]);
    bench.run(stream.close());
    expect(bench.taken).toBe(0);
  });
});

describe("an echo canceller", () => {
  const open = (options: Partial<HostOptions> = {}) => {
    const bench = TestBench.booted(built(echoCanceller()), options);
    const stream = bench.driver.openPcm("Echo Cancelled", "capture");
    bench.run(stream.hwParams(stereo16));
    return { bench, stream };
  };

  it("is reached through both of its inputs, the microphones first", () => {
    const { bench } = open();
    const names = bench.log.flatMap((entry) =>
      entry.kind === "note" && entry.text.startsWith("Create widget ")
        ? [entry.text.split(" ")[2]]
        : [],
    );
    expect(names).toEqual([
      "dai-copier.DMIC.dmic01.capture",
      "module-copier.14.1",
      "module-copier.18.1",
      "google-rtc-aec.18.1",
      "host-copier.0.capture",
      "dai-copier.SSP.SSP1-Codec.capture",
    ]);
  });

  it("has pin formats in its init payload, runs in a thread, and has its inputs on their pins", () => {
    const { bench } = open();
    const requests = bench.firmware.take();
    const init = requests.find(({ words }) => words.primary === 0x4000_000f);
    // 56 bytes and three pins; data processing
    expect(init?.words.extension).toBe(0x1001_0026);
    const pins = wordsOf(payloadOf(init)).slice(10);
    expect([pins[0], pins[4], pins[5], pins[12], pins[13], pins[20], pins[21]]).toEqual([
      0x0001_0002, 0, 1920, 1, 1920, 0, 1920,
    ]);
    const intoModule = requests.flatMap(({ message }) =>
      message.kind === "bind" && message.dstModuleId === 15
        ? [[message.instanceId, message.dstQueue]]
        : [],
    );
    // instance 2 is the copier of the microphones, 4 the reference
    expect(intoModule).toEqual([
      [2, 0],
      [4, 1],
    ]);
  });

  it("tells data-processing modules their memory where the driver knows extended init", () => {
    const { bench } = open({ extendedInit: true });
    const init = bench.firmware.take().find(({ words }) => words.primary === 0x4000_000f);
    expect(init?.words.extension).toBe(0x3001_002d);
    expect(hexBytes(payloadOf(init).subarray(0, 28))).toBe(
      "04 00 00 00 00 00 00 00 00 00 00 00 03 00 03 00 00 00 00 00 00 00 00 00 00 00 00 00",
    );
  });

  it("starts by priority, the highest number first", () => {
    const { bench, stream } = open();
    bench.run(stream.prepare());
    bench.firmware.take();
    bench.run(stream.trigger("start"));
    const [paused] = bench.firmware.take();
    // pipelines 19 (priority 3), 18 (2), 14 (1), 8 (0), numbered 2, 1, 0, 3
    expect(wordsOf(payloadOf(paused))).toEqual([4, 2, 1, 0, 3]);
    bench.run(stream.close());
    expect(bench.taken).toBe(0);
  });
});

describe("a tap between two directions", () => {
  it("is on neither path, and bound when both ends exist, whoever comes second", () => {
    for (const order of [
      ["Play", "Record"],
      ["Record", "Play"],
    ] as const) {
      const bench = TestBench.booted(built(sidetone()));
      const streams = order.map((name) => {
        const stream = bench.driver.openPcm(name, name === "Play" ? "playback" : "capture");
        bench.run(stream.hwParams(stereo32));
        return stream;
      });
      const toTap = bench.firmware.take().filter(({ message }) => {
        return message.kind === "bind" && message.dstModuleId === 15 && message.dstQueue === 1;
      });
      expect(toTap).toHaveLength(1);
      bench.run((streams[1] as PcmStream).close());
      const kinds = bench.firmware.take().map(({ message }) => message.kind);
      expect(kinds).toEqual(["set-pipeline-state", "unbind", "delete-pipeline"]);
      bench.run((streams[0] as PcmStream).close());
      expect(bench.taken).toBe(0);
    }
  });
});

describe("aggregated amplifiers", () => {
  it("are one copier with a group gateway that names both", () => {
    const bench = TestBench.booted(built(aggregatedAmps()));
    const stream = bench.driver.openPcm("Speaker", "playback");
    bench.run(stream.hwParams(stereo32));
    const inits = bench.firmware.take().filter(({ message }) => message.kind === "init-instance");
    expect(inits).toHaveLength(2);
    const payload = payloadOf(inits[1]);
    expect(payload).toHaveLength(216);
    expect(hexBytes(payload.subarray(68, 104))).toBe(
      "50 10 00 00 00 03 00 00 22 00 00 00 00 00 00 00 02 00 00 00 " +
        "02 00 00 00 03 00 00 00 03 00 00 00 03 00 00 00",
    );
    expect(payload.subarray(104).every((byte) => byte === 0)).toBe(true);
    bench.run(stream.close());
    expect(bench.taken).toBe(0);
  });

  it("say which link DMA serves each of them where the host drives it", () => {
    const bench = TestBench.booted(built(aggregatedAmps()), { linkDma: "hdaLink" });
    bench.run(bench.driver.openPcm("Speaker", "playback").hwParams(stereo32));
    const inits = bench.firmware.take().filter(({ message }) => message.kind === "init-instance");
    const payload = payloadOf(inits[1]);
    expect(payload).toHaveLength(216 + 2 * 156);
    expect(hexBytes(payload.subarray(216 + 156, 216 + 156 + 32))).toBe(
      // type, length | HDA DMA, by the host, channel, stream | one device, its address and channels
      "00 10 00 00 94 00 00 00 01 01 00 00 01 00 00 00 02 00 00 00 01 00 00 00 " +
        "03 00 00 00 03 00 00 00",
    );
  });
});

describe("a DMA chain", () => {
  const open = (pcm: string, direction: "playback" | "capture", params: PcmParams) => {
    const bench = TestBench.booted(built(chains()));
    const stream = bench.driver.openPcm(pcm, direction);
    bench.run(stream.hwParams(params));
    bench.run(stream.prepare());
    return { bench, stream };
  };

  it("needs no modules and is one message for each trigger", () => {
    const { bench, stream } = open("HDMI1", "playback", stereo16);
    expect(bench.requests()).toEqual([]);
    for (const command of ["start", "pausePush", "pauseRelease", "stop"] as const) {
      bench.run(stream.trigger(command));
    }
    bench.run(stream.hwFree());
    expect(bench.requests()).toEqual([
      "chain-dma 0xe070000|0x180",
      "chain-dma 0xe050000|0x0",
      "chain-dma 0xe070000|0x0",
      "chain-dma 0xe050000|0x0",
      "chain-dma 0xe040000|0x0",
    ]);
    expect(bench.links.events).toEqual([
      "start iDisp1 playback",
      "stop iDisp1 playback",
      "start iDisp1 playback",
      "stop iDisp1 playback",
    ]);
    expect(bench.taken).toBe(0);
  });

  it("gives the link the application's own format, which nothing converts", () => {
    const { bench } = open("HDMI1", "playback", stereo16);
    expect(bench.links.requests[0]?.format).toEqual({
      rate: 48000,
      channels: 2,
      validBits: 16,
      containerBits: 16,
    });
  });

  it("has a FIFO of two milliseconds, of whole bytes and no less", () => {
    const { bench, stream } = open("HDMI1", "playback", { ...stereo16, rate: 44_100 });
    bench.run(stream.trigger("start"));
    // 352.8 bytes
    expect(bench.requests()).toEqual(["chain-dma 0xe070000|0x161"]);
  });

  it("numbers capture streams behind the playback streams", () => {
    const { bench, stream } = open("HDMI In", "capture", stereo32);
    bench.run(stream.trigger("start"));
    // nine playback streams
    expect(bench.requests()).toEqual(["chain-dma 0xe030909|0x300"]);
  });

  it("sends nothing on hw_free when it never started", () => {
    const { bench, stream } = open("HDMI1", "playback", stereo16);
    bench.run(stream.hwFree());
    expect(bench.requests()).toEqual([]);
  });
});

describe("a pipeline on another core", () => {
  it("has the core on before it is made, and off after it is gone", () => {
    const bench = TestBench.booted(built(twoCores()), { coreCount: 2 });
    const stream = bench.driver.openPcm("Music", "playback");
    bench.run(stream.hwParams(stereo32));
    const requests = bench.firmware.take();
    expect(requests.slice(0, 3).map(({ words }) => words)).toEqual([
      { primary: 0x4700_0000, extension: 0 },
      { primary: 0x1100_0006, extension: 0x10_0000 },
      { primary: 0x4000_0004, extension: 0x0100_0015 },
    ]);
    expect(hexBytes(payloadOf(requests[0]))).toBe("02 00 00 00 02 00 00 00");
    bench.run(stream.hwFree());
    const last = bench.firmware.take().at(-1);
    expect(last?.words.primary).toBe(0x4700_0000);
    expect(hexBytes(payloadOf(last))).toBe("02 00 00 00 00 00 00 00");
    expect([...bench.firmware.objects.coresOn]).toEqual([0]);
  });

  it("is refused by name when the DSP has no such core", () => {
    const bench = TestBench.booted(built(twoCores()), { coreCount: 1 });
    const stream = bench.driver.openPcm("Music", "playback");
    expect(() => bench.run(stream.hwParams(stereo32))).toThrow(
      'PCM "Music" playback: widget pipeline.1: core 1 does not exist, the DSP has 1 (EINVAL)',
    );
    expect(bench.taken).toBe(0);
  });
});
