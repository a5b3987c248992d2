import { describe, expect, it } from "vitest";
import { built, hexBytes, payloadOf, stereo32, TestBench, wordsOf } from "../test/bench.js";
import { fieldModules } from "../test/fake-firmware.js";
import { controls, mixedPlayback } from "../test/topologies.js";
import { runHostTaskAsync } from "./host-task.js";
import type { LibraryFile } from "./library.js";

describe("boot", () => {
  it("waits for the firmware, then asks for its configuration and its modules", () => {
    const bench = new TestBench(built(mixedPlayback()), {}, { maxPipelines: 7 });
    bench.run(bench.driver.boot());
    expect(bench.requests()).toEqual([
      "large-config-get 0x43000000|0x20701000",
      "large-config-get 0x43000000|0x20901000",
    ]);
    expect(bench.driver.firmware).toMatchObject({ maxPipelines: 7, maxLibraries: 16 });
    expect(bench.log[0]).toMatchObject({ kind: "rx", primary: 0x1b08_0000 });
  });

  it("tells a firmware that keeps a log the time and switches the log on", () => {
    const bench = new TestBench(built(mixedPlayback()), { modules: [] }, { traceBytes: 4096 });
    bench.run(bench.driver.boot());
    const [, time, logs] = bench.firmware.requests;
    expect(time?.words).toEqual({ primary: 0x4400_0000, extension: 0x3140_0008 });
    expect(logs?.words).toEqual({ primary: 0x4400_0000, extension: 0x3060_004c });
    expect(hexBytes(payloadOf(logs).subarray(0, 20))).toBe(
      "00 01 00 00 00 10 00 00 01 00 00 00 ef 01 00 00 00 00 00 00",
    );
  });

  it("gives up on a firmware that does not report", () => {
    const bench = new TestBench(built(mixedPlayback()), {}, { silentBoot: true });
    expect(() => bench.run(bench.driver.boot())).toThrow(
      "the firmware did not report ready within 2000 ms (ETIMEDOUT)",
    );
    expect(bench.firmware.nowUs()).toBe(2_000_000);
  });

  it("works the same over an asynchronous link", async () => {
    const bench = new TestBench(built(controls()));
    const { firmware, driver } = bench;
    const link = {
      advanceAsync: async (wait: Parameters<typeof firmware.advance>[0]) => firmware.advance(wait),
    };
    await runHostTaskAsync(driver.boot(), link);
    const stream = driver.openPcm("Music", "playback");
    await runHostTaskAsync(stream.hwParams(stereo32), link);
    await runHostTaskAsync(stream.close(), link);
    expect(bench.taken).toBe(0);
  });
});

describe("suspend", () => {
  it("takes running and paused streams apart, turns the DSP off, and prepare brings them back", () => {
    const bench = TestBench.booted(built(mixedPlayback()));
    const [music, deep] = ["Music", "Deep Buffer"].map((name) => {
      const stream = bench.driver.openPcm(name, "playback");
      bench.run(stream.hwParams(stereo32));
      bench.run(stream.prepare());
      bench.run(stream.trigger("start"));
      return stream;
    });
    if (music === undefined || deep === undefined) throw new Error("no streams");
    bench.run(deep.trigger("pausePush"));
    bench.firmware.take();
    bench.run(bench.driver.suspend());
    expect(bench.requests()).toEqual([
      "set-pipeline-state 0x13000003|0x0",
      "set-pipeline-state 0x13010003|0x0",
      "set-pipeline-state 0x13000002|0x0",
      "unbind 0x46000002|0x3",
      "delete-pipeline 0x12000000|0x0",
      "set-pipeline-state 0x13000002|0x1",
      "unbind 0x46010002|0x1000003",
      "delete-pipeline 0x12020000|0x0",
      "delete-pipeline 0x12010000|0x0",
      "set-dx 0x47000000|0x0",
    ]);
    expect([music.state, deep.state]).toEqual(["suspended", "suspended"]);
    expect(bench.taken).toBe(0);
    bench.firmware.reboot();
    bench.run(bench.driver.boot());
    bench.run(music.prepare());
    bench.run(music.trigger("start"));
    bench.run(music.close());
    bench.run(deep.close());
    expect(bench.taken).toBe(0);
  });
});

describe("a crash", () => {
  it("is recovered from by a boot, after which prepare sets the stream up again", () => {
    const bench = TestBench.booted(built(mixedPlayback()));
    const stream = bench.driver.openPcm("Music", "playback");
    bench.run(stream.hwParams(stereo32));
    bench.run(stream.prepare());
    bench.run(stream.trigger("start"));
    bench.firmware.notify({ kind: "exception-caught", coreId: 0 });
    bench.run(bench.driver.wait(1000));
    expect(bench.driver.crashed).toBe(true);
    bench.firmware.reboot();
    bench.run(bench.driver.recover());
    expect(bench.driver.crashed).toBe(false);
    expect(stream.state).toBe("suspended");
    bench.run(stream.prepare());
    bench.run(stream.trigger("start"));
    bench.run(stream.close());
    expect(bench.taken).toBe(0);
  });
});

describe("the fault of one core", () => {
  it("leaves the streams of others alone where the firmware survives it", () => {
    const bench = TestBench.booted(built(mixedPlayback()), {
      survivesCoreFaults: true,
    });
    const stream = bench.driver.openPcm("Music", "playback");
    bench.run(stream.hwParams(stereo32));
    bench.run(stream.prepare());
    bench.run(stream.trigger("start"));
    bench.firmware.notify({ kind: "exception-caught", coreId: 1 });
    bench.run(bench.driver.wait(1000));
    expect(bench.driver.crashed).toBe(false);
    expect([...bench.driver.faultedCores]).toEqual([1]);
    expect(stream.state).toBe("running");
    bench.run(stream.trigger("stop"));
    bench.run(stream.close());
    expect(bench.taken).toBe(0);
    bench.firmware.reboot();
    bench.run(bench.driver.recover());
    expect(bench.driver.faultedCores.size).toBe(0);
  });
});

describe("a library", () => {
  const image = new Uint8Array(5000).fill(9);
  const file = (uuid: string): LibraryFile => ({
    name: "extra",
    image,
    modules: (libraryId) => [
      {
        moduleId: libraryId << 12,
        name: "EXTRA",
        uuid,
        initConfig: 0,
        dataProcessing: false,
        maxInstances: 1,
        configs: [{ ibs: 384, obs: 384, cpc: 1234 }],
      },
    ],
  });
  const load = (bench: TestBench) =>
    bench.run(bench.driver.loadLibrary(file("99f7166d-372c-43ef-81f6-22007aa15f03")));

  it("is found for a module that the firmware lacks, and its modules are used", () => {
    const asked: string[] = [];
    const modules = fieldModules.map((module) => (module?.name === "tdfb" ? null : module));
    const bench = TestBench.booted(
      built(controls()),
      { librarySource: (uuid) => (asked.push(uuid), file(uuid)) },
      { modules },
    );
    expect(asked).toEqual(["dd511749-d9fa-455c-b3a7-13585693f1af"]);
    bench.run(bench.driver.openPcm("Music", "playback").hwParams(stereo32));
    const init = bench.firmware.take().find(({ words }) => words.primary === 0x4000_1000);
    // cycles of the configuration with these buffer sizes
    expect(wordsOf(payloadOf(init))[0]).toBe(1234);
  });

  it("goes over a host DMA stream, is loaded by number, and again after a power cycle", () => {
    const bench = TestBench.booted(built(controls()));
    expect(load(bench)).toBe(1);
    expect(bench.requests()).toEqual([
      "load-library-prepare 0x19000000|0x0",
      "load-library 0x18010000|0x0",
    ]);
    expect(bench.dma.inUse).toBe(0);
    expect(bench.dma.all[0]?.ring.subarray(0, 5000)).toEqual(image);
    bench.firmware.reboot();
    bench.run(bench.driver.boot());
    expect(bench.requests()).toHaveLength(2);
  });

  it("is loaded without preparation by an older firmware", () => {
    const bench = TestBench.booted(built(controls()));
    bench.firmware.intercept = ({ message }) =>
      message.kind === "load-library-prepare" ? 15 : undefined;
    expect(load(bench)).toBe(1);
    bench.firmware.intercept = () => 6;
    expect(() => load(bench)).toThrow(/LOAD_LIBRARY.* status 6/);
    expect(bench.dma.inUse).toBe(0);
  });
});
