import { type Cycles, EventQueue, SimEvent } from "@sof-ts/kit";
import { describe, expect, it } from "vitest";
import {
  CoreMemory,
  describePlatform,
  type PlatformDescription,
  platformNames,
  Soc,
} from "./index.js";

describe.each(platformNames)("the cost table of %s", (name) => {
  const { measurement, operations } = describePlatform(name).costs;

  it("names its measurement, and for each figure the row or what stands in for one", () => {
    expect(measurement).toContain("latency_measure/README.rst");
    for (const [operation, { cycles, source }] of Object.entries(operations)) {
      expect(source.length, operation).toBeGreaterThan(5);
      expect(Number.isInteger(cycles) && cycles > 0, operation).toBe(true);
    }
  });

  it("has the figures that are published", () => {
    const published = Object.entries(operations)
      .filter(([, { basis }]) => basis === "published")
      .map(([operation, { cycles }]) => `${operation} ${cycles}`);
    expect(published.sort()).toEqual([
      "contextSwitch 519",
      "heapAlloc 620",
      "heapFree 431",
      "mutexLock 94",
      "mutexUnlock 24",
      "semGive 134",
      "semTake 53",
      "threadAbort 339",
      "threadCreate 396",
      "threadResume 547",
      "threadStart 603",
      "threadSuspend 599",
    ]);
  });
});

describe("a platform that nobody made", () => {
  const ptl = describePlatform("ptl");
  const tgl = describePlatform("tgl");
  const fancy: PlatformDescription = {
    ...ptl,
    title: "Fancy",
    coreCount: 2,
    coreClockHz: 100_000_000,
    wallClockHz: 25_000_000,
    coreBootCycles: 1234,
    memory: {
      ...ptl.memory,
      hpsram: { base: 0xc000_0000, size: 0x10_0000 },
      lpsram: { base: 0xc800_0000, size: 0x1_0000 },
      imr: { base: 0xd000_0000, size: 0x100_0000 },
      cachedRegion: 6,
      uncachedRegion: 3,
      pageSize: 0x1_0000,
      cacheLineSize: 32,
      cacheSize: 4096,
      cacheWays: 2,
    },
    windows: ptl.windows.map((window, index) => ({
      ...window,
      hostOffset: 0x40_0000 + index * 0x2_0000,
    })),
    hostIpc: { dspBase: 0x9_0000, hostBase: 0x500, layout: tgl.hostIpc.layout },
    idcBase: 0x1_0000,
    wallClockBase: 0x2_0000,
    irq: { ...ptl.irq, hostIpc: 3, timer: 4, idc: 5 },
    linkPositionBase: 0xa00,
    dma: {
      ...ptl.dma,
      hostOut: { ...ptl.dma.hostOut, base: 0x3_0000, channels: 1, addressAlignment: 16 },
      gpdma: tgl.dma.gpdma.slice(0, 1),
    },
    dai: { ssp: 1, dmic: 0, alh: 0, hda: { out: 1, in: 1 } },
    daiDma: "gpdma",
  };

  function make() {
    const queue = new EventQueue();
    const raised: string[] = [];
    const interrupts = {
      raise: (cpu: number, irq: number) => raised.push(`${cpu}:${irq}@${queue.now}`),
    };
    return { soc: new Soc({ platform: fancy, queue, interrupts }), queue, raised };
  }

  it("is made by its description alone", () => {
    const { soc, queue, raised } = make();
    expect(soc.cores.length).toBe(2);
    soc.cores[1]?.powerUp((core) => {
      for (const irq of [3, 4, 5]) soc.interrupts.enable(core, irq);
      soc.idc.endpoint(1, 0).enableInterrupts(true, false);
      soc.dspBus.write32(0x9_0000 + 0x28, 1);
      soc.cores[core]?.timer.start(100);
    });
    queue.runNext();
    expect(queue.now).toBe(1234);
    soc.hostBus.write32(0x510, 0x8000_0001);
    soc.idc.endpoint(0, 1).send(1, 2);
    queue.runNext();
    expect(raised).toEqual(["1:3@1234", "1:5@1234", "1:4@10000"]);
    expect(soc.dspBus.read32(0x2_0020)).toBe(2500);
    expect(soc.dspBus.read32(0x1_0000 + 2 * 0x30)).toBe(0x8000_0001);
    expect(soc.windows.all[1]?.dspAddress).toBe(0x6000_6000);
    soc.hostBus.write32(0x42_0000, 7);
    expect(soc.windows.downlink[0]).toBe(7);
    expect(soc.gateways.all.map(({ name }) => name)).toEqual([
      "hda0 playback",
      "hda0 capture",
      "ssp0 playback",
      "ssp0 capture",
    ]);
    expect([soc.dma.playbackStreams.length, soc.dma.gpdma.length]).toEqual([1, 1]);
    expect(soc.dspBus.read32(0x3_0000)).toBe(0);
    expect(soc.mmu.map(soc.mmu.kernel, 0xc000_1000, 0x1000, 1)).toBe(-22);
    expect(soc.mmu.map(soc.mmu.kernel, 0xc001_0000, 0x1_0000, 1)).toBe(0);
    expect(
      soc.dma.hostOut.request(0)?.configure({ memory: new Uint8Array(64), start: 16, size: 32 }),
    ).toBe(0);
  });

  it("has caches of its shape over its aliases", () => {
    const memory = new CoreMemory(make().soc);
    memory.store(0, 0xc000_0000, 4, 0x1122_3344);
    memory.store(0, 0xc000_001c, 4, 0x5566_7788);
    expect(memory.load(1, 0x6000_0000, 4)).toBe(0);
    memory.cache(0).writeBack(0xc000_0000, 1);
    expect(memory.load(1, 0x6000_001c, 4)).toBe(0x5566_7788);
    // Two ways of 2048 bytes: the third line of a set puts the first one out.
    memory.store(0, 0xc000_0040, 4, 9);
    memory.load(0, 0xc000_0840, 4);
    expect(memory.load(1, 0x6000_0040, 4)).toBe(0);
    memory.load(0, 0xc000_1040, 4);
    expect(memory.load(1, 0x6000_0040, 4)).toBe(9);
  });

  it("counts its time by its own clocks", () => {
    const { soc, queue } = make();
    const gateway = soc.gateways.get("ssp", 0, "playback");
    gateway.configure({ rateHz: 48_000, channels: 2, containerBytes: 4 });
    gateway.start();
    const channel = soc.dma.gpdma[0]?.request();
    channel?.configure({
      memory: new Uint8Array(3840),
      start: 0,
      size: 3840,
      gateway,
      periodUs: 1000,
    });
    channel?.reload(3840);
    channel?.start();
    queue.schedule(new SimEvent("later", () => {}), 300_000 as Cycles);
    queue.runNext();
    channel?.status();
    expect([channel?.consumed, soc.wallClock.read()]).toEqual([3 * 384, 75_000]);
  });
});
