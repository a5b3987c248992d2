import { resourceEvent } from "@sof-ts/ipc4";
import { describe, expect, it } from "vitest";
import { built, hexBytes, payloadOf, stereo32, TestBench, wordsOf } from "../test/bench.js";
import { analogCapture, chains, controls, mixedPlayback } from "../test/topologies.js";
import { formatKernelLog } from "./ipc-log.js";
import { testbenchVariant } from "./host-variant.js";

describe("a stream's data", () => {
  const open = (limitDma: boolean) => {
    const bench = TestBench.booted(built(controls()));
    const stream = bench.driver.openPcm("Music", "playback");
    bench.run(stream.hwParams({ ...stereo32, periodFrames: 2, bufferFrames: 4 }, { limitDma }));
    bench.run(stream.prepare());
    return { bench, stream, dma: bench.dma.all[0] as (typeof bench.dma.all)[number] };
  };
  const counting = (length: number, first = 0) =>
    Uint8Array.from({ length }, (_, i) => (first + i) & 0xff);

  it("goes round the ring in whole frames", () => {
    const { stream, dma } = open(true);
    expect(stream.write(counting(28))).toBe(24);
    expect(stream.available).toBe(8);
    dma.moved = 12;
    expect(stream.available).toBe(16);
    expect(stream.write(counting(40, 24))).toBe(16);
    expect(Array.from(dma.ring.slice(0, 8))).toEqual([32, 33, 34, 35, 36, 37, 38, 39]);
    expect(Array.from(dma.ring.slice(8, 12))).toEqual([8, 9, 10, 11]);
    expect(Array.from(dma.ring.slice(24))).toEqual([24, 25, 26, 27, 28, 29, 30, 31]);
    expect(stream.applicationPosition).toBe(40);
  });

  it("is the limit of the DMA, or not", () => {
    const limited = open(true);
    expect(limited.dma.limit).toBe(0);
    limited.stream.write(counting(16));
    expect(limited.dma.limit).toBe(16);
    const free = open(false);
    free.stream.write(counting(16));
    expect(free.dma.limit).toBe(Number.POSITIVE_INFINITY);
    free.dma.moved = 17;
    expect(free.stream.overrun).toBe(true);
  });

  it("is waited for while the firmware's messages are served", () => {
    const { bench, stream, dma } = open(true);
    bench.run(stream.trigger("start"));
    expect(dma.running).toBe(true);
    stream.write(counting(32));
    bench.firmware.notify({ kind: "log-buffer-status", coreId: 0 });
    expect(bench.run(stream.waitAvailable(8, 1000))).toBe(false);
    expect(bench.log.at(-1)?.kind).toBe("rx-done");
    dma.moved = 8;
    expect(bench.run(stream.waitAvailable(8, 1000))).toBe(true);
  });

  it("is read from a capture ring", () => {
    const bench = TestBench.booted(built(analogCapture()));
    const stream = bench.driver.openPcm("Record", "capture");
    bench.run(stream.hwParams({ ...stereo32, format: "S16_LE", periodFrames: 2, bufferFrames: 4 }));
    const [dma] = bench.dma.all;
    dma?.ring.set(counting(16));
    if (dma !== undefined) dma.moved = 10;
    const into = new Uint8Array(32);
    expect(stream.read(into)).toBe(8);
    expect(Array.from(into.slice(0, 8))).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(dma?.limit).toBe(24);
  });

  it("begins where the DMA stands after a stop that was not freed", () => {
    const { bench, stream, dma } = open(true);
    bench.run(stream.trigger("start"));
    stream.write(counting(32));
    dma.moved = 20;
    bench.run(stream.trigger("stop"));
    bench.run(stream.prepare());
    expect(stream.available).toBe(32);
    stream.write(counting(4, 100));
    expect(Array.from(dma.ring.slice(20, 24))).toEqual([20, 21, 22, 23]);
    expect(stream.write(counting(8, 100))).toBe(8);
    expect(Array.from(dma.ring.slice(20, 24))).toEqual([100, 101, 102, 103]);
  });
});

describe("the verbs of a stream", () => {
  it("are refused in the wrong state, by name", () => {
    const bench = TestBench.booted(built(controls()));
    const stream = bench.driver.openPcm("Music", "playback");
    const run = (task: Parameters<typeof bench.run>[0]) => () => bench.run(task);
    expect(run(stream.prepare())).toThrow(
      'PCM "Music" playback: the stream has no parameters (EBADF)',
    );
    expect(run(stream.trigger("start"))).toThrow(
      'PCM "Music" playback: start: the stream is open, not prepared (EBADF)',
    );
    expect(() => stream.write(new Uint8Array(8))).toThrow(/the stream is not set up/);
    expect(() => bench.driver.openPcm("Music", "playback")).toThrow(/is open already \(EBUSY\)/);
    expect(() => bench.driver.openPcm("Music", "capture")).toThrow(
      /there is no capture \(ENODEV\)/,
    );
    expect(() => bench.driver.openPcm("Bass", "playback")).toThrow(
      'no PCM "Bass"; there are "Music" (0) (ENODEV)',
    );
    bench.run(stream.close());
    expect(bench.driver.openPcm(0, "playback").name).toBe("Music");
  });

  it("check parameters against what the PCM can do", () => {
    const bench = TestBench.booted(built(mixedPlayback()));
    const stream = bench.driver.openPcm("Music", "playback");
    const refusal = (change: object) => {
      try {
        bench.run(stream.hwParams({ ...stereo32, ...change }));
      } catch (error) {
        return (error as Error).message;
      }
      return "taken";
    };
    expect(refusal({ format: "FLOAT_LE" })).toContain(
      "format FLOAT_LE is not one of S16_LE, S24_LE, S32_LE",
    );
    expect(refusal({ rate: 44100 })).toContain("rate 44100 Hz is not one of 48000");
    expect(refusal({ channels: 3 })).toContain("3 channels are not 2..2");
    expect(refusal({ bufferFrames: 500 })).toContain("not two or more periods");
    expect(bench.requests()).toEqual([]);
    expect(bench.driver.supportedParams("Music", "playback")).toEqual([
      { rate: 48000, channels: 2, format: "S16_LE" },
      { rate: 48000, channels: 2, format: "S24_LE" },
      { rate: 48000, channels: 2, format: "S32_LE" },
    ]);
    expect(
      TestBench.booted(built(chains())).driver.supportedParams("HDMI1", "playback"),
    ).toHaveLength(2);
  });

  it("reset and keep everything when the same parameters come again, else make it anew", () => {
    const bench = TestBench.booted(built(controls()));
    const stream = bench.driver.openPcm("Music", "playback");
    bench.run(stream.hwParams(stereo32));
    bench.firmware.take();
    bench.run(stream.hwParams(stereo32));
    expect(bench.requests()).toEqual(["set-pipeline-state 0x13000002|0x0"]);
    bench.run(stream.hwParams({ ...stereo32, bufferFrames: 960 }));
    expect(bench.requests().slice(0, 3)).toEqual([
      "set-pipeline-state 0x13000002|0x0",
      "delete-pipeline 0x12000000|0x0",
      "create-pipeline 0x11000008|0x0",
    ]);
  });

  it("make everything anew in prepare where the driver frees a stopped stream", () => {
    const bench = TestBench.booted(built(controls()), { prepareAfterStop: "rebuild" });
    const stream = bench.driver.openPcm("Music", "playback");
    bench.run(stream.hwParams(stereo32));
    bench.run(stream.prepare());
    bench.run(stream.trigger("start"));
    bench.run(stream.trigger("stop"));
    bench.firmware.take();
    bench.run(stream.prepare());
    const kinds = bench.firmware.take().map(({ message }) => message.kind);
    expect(kinds.slice(0, 3)).toEqual(["set-pipeline-state", "delete-pipeline", "create-pipeline"]);
    bench.run(stream.trigger("start"));
    bench.run(stream.close());
    expect(bench.taken).toBe(0);
  });
});

describe("what the firmware reports", () => {
  it("is kept and logged", () => {
    const bench = TestBench.booted(built(controls()));
    const event = { resourceType: 1, resourceId: 5, eventType: 6, eventData: new Uint8Array(24) };
    bench.firmware.notify({ kind: "resource-event" }, resourceEvent.encode(event));
    bench.run(bench.driver.wait(10));
    expect(bench.driver.resourceEvents).toMatchObject([{ resourceId: 5, eventType: 6 }]);
    expect(bench.log.at(-2)).toMatchObject({
      kind: "note",
      level: "warning",
      text: "GATEWAY_UNDERRUN_DETECTED of resource type 1 id 5",
    });
  });
});

describe("the testbench's way", () => {
  it("binds each route after its sink, with queue 0, and one message for each pipeline", () => {
    const bench = TestBench.booted(built(mixedPlayback()), { variant: testbenchVariant });
    const stream = bench.driver.openPcm("Music", "playback");
    bench.run(stream.hwParams(stereo32));
    expect(bench.requests()).toEqual([
      "create-pipeline 0x11000006|0x0",
      "init-instance 0x40000004|0x15",
      "init-instance 0x40000006|0x10",
      "bind 0x45000004|0x6",
      "init-instance 0x40000002|0xa",
      "bind 0x45000006|0x2",
      "create-pipeline 0x11010006|0x0",
      "init-instance 0x40000003|0x1000a",
      "bind 0x45000002|0x3",
      "init-instance 0x40010006|0x10010",
      "bind 0x45000003|0x10006",
      "init-instance 0x40010004|0x10015",
      "bind 0x45010006|0x10004",
    ]);
    bench.run(stream.prepare());
    bench.run(stream.trigger("start"));
    bench.run(stream.trigger("stop"));
    bench.run(stream.hwFree());
    // From the host to the link each time: PAUSED and RUNNING; PAUSED; RESET.
    expect(bench.requests().filter((text) => text.startsWith("set-pipeline-state"))).toEqual([
      "set-pipeline-state 0x13000003|0x0",
      "set-pipeline-state 0x13010003|0x0",
      "set-pipeline-state 0x13000004|0x0",
      "set-pipeline-state 0x13010004|0x0",
      "set-pipeline-state 0x13000003|0x0",
      "set-pipeline-state 0x13010003|0x0",
      "set-pipeline-state 0x13000002|0x0",
      "set-pipeline-state 0x13010002|0x0",
    ]);
    bench.run(stream.close());
    expect(bench.taken).toBe(0);
  });

  it("asks the firmware for what one mailbox holds, not for what it sends itself", () => {
    const bench = TestBench.booted(built(mixedPlayback()), { variant: testbenchVariant });
    const queries = bench.log.flatMap((entry) =>
      entry.kind === "tx" && entry.primary === 0x4300_0000 ? [entry.extension & 0xf_ffff] : [],
    );
    expect(queries).toEqual([0x1000, 0x1000]);
  });

  it("numbers modules and instances by kind and appends UUIDs for a firmware without a manifest", () => {
    const variant = { ...testbenchVariant, moduleIds: "testbench", appendUuid: true } as const;
    const bench = TestBench.booted(built(controls()), { variant });
    bench.run(bench.driver.openPcm("Music", "playback").hwParams(stereo32));
    const inits = bench.firmware.take().filter(({ message }) => message.kind === "init-instance");
    expect(inits.map(({ words }) => words.primary & 0xffffff)).toEqual([0x9b, 6, 0x95, 0x9d]);
    expect(hexBytes(payloadOf(inits[1]).subarray(64))).toBe(
      "a8 a9 bc 61 d0 18 18 4a 8e 7b 26 39 21 98 04 b7",
    );
    // two periods, and pin formats although the manifest does not ask for them
    const words = wordsOf(payloadOf(inits[2]));
    expect([words[1], words[10]]).toEqual([768, 0x0001_0001]);
  });
});

describe("the log", () => {
  it("prints as the kernel's", () => {
    const bench = TestBench.booted(built(controls()));
    bench.run(bench.driver.openPcm("Music", "playback").hwParams(stereo32));
    const from = bench.log.findIndex(
      (entry) => entry.kind === "tx" && entry.primary === 0x4000_0006,
    );
    const lines = bench.log
      .slice(from, from + 3)
      .flatMap((entry) => formatKernelLog(entry, { payloads: true }));
    expect(lines.slice(0, 4)).toEqual([
      "[    0.000400] sof-audio: ipc tx      : 0x40000006|0x10: MOD_INIT_INSTANCE [data size: 64]",
      "[    0.000500] sof-audio: ipc tx reply: 0x60000000|0x10: MOD_INIT_INSTANCE",
      "[    0.000500] sof-audio: ipc tx done : 0x40000006|0x10: MOD_INIT_INSTANCE [data size: 64]",
      "[    0.000500] Message payload: 00000000: 00000000 00000180 00000180 00000000",
    ]);
  });
});
