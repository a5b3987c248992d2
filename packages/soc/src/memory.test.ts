import { describe, expect, it } from "vitest";
import { AddressMap, BusError, describePlatform } from "./index.js";
import { machine } from "../test/harness.js";

describe("the address map", () => {
  it.each([
    { name: "tgl", cached: 0xbe00_1234, uncached: 0x9e00_1234 },
    { name: "ptl", cached: 0xa002_1234, uncached: 0x4002_1234 },
  ])("of $name gives each byte two addresses", ({ name, cached, uncached }) => {
    const map = new AddressMap(describePlatform(name));
    expect([map.toUncached(cached), map.toCached(uncached)]).toEqual([uncached, cached]);
    expect([map.toUncached(uncached), map.toCached(cached)]).toEqual([uncached, cached]);
    expect([map.isCached(cached), map.isCached(uncached)]).toEqual([true, false]);
    expect([map.find(cached), map.find(uncached)]).toEqual(["hpsram", "hpsram"]);
  });

  it("knows where each memory ends", () => {
    const map = new AddressMap(describePlatform("ptl"));
    expect(map.find(0xa000_fffc, 4)).toBe("lpsram");
    expect(map.find(0xa000_fffc, 8)).toBeNull();
    expect(map.find(0xa1ff_ffff)).toBe("imr");
    expect(map.find(0xa200_0000)).toBeNull();
    expect(map.find(0x72800)).toBeNull();
  });
});

describe("physical memory", () => {
  it("is one store under both aliases, zero until written, with mounts in it", () => {
    const { soc } = machine("ptl");
    const audio = new Uint8Array(100);
    soc.memory.mount(0x4010_0032, audio);
    const line = Uint8Array.from({ length: 200 }, (_, i) => i + 1);
    soc.memory.write(0xa010_0000, line, 0, 200);
    expect(audio).toEqual(line.subarray(0x32, 0x32 + 100));
    const back = new Uint8Array(210);
    soc.memory.read(0x4010_0000, back, 5, 200);
    expect(back.subarray(5, 205)).toEqual(line);
    expect(back[205]).toBe(0);
    expect(soc.memory.readByte(0xa030_0000)).toBe(0);
    expect(soc.memory.bytesAt(0xa010_0034, 98)?.[0]).toBe(0x35);
    expect(soc.memory.bytesAt(0xa010_0034, 99)).toBeNull();
    soc.memory.unmount(0xa010_0032);
    expect(soc.memory.readByte(0xa010_0033)).toBe(0);
  });

  it("holds the windows at their DSP addresses", () => {
    const { soc } = machine("mtl");
    soc.windows.uplink[4] = 0x5a;
    expect(soc.memory.readByte(0x4002_5004)).toBe(0x5a);
  });

  it("refuses overlapping mounts and addresses without memory", () => {
    const { soc } = machine("ptl");
    expect(() => soc.memory.mount(0xa002_5ff0, new Uint8Array(64))).toThrow("overlaps");
    expect(() => soc.memory.mount(0xa2ff_0000, new Uint8Array(64))).toThrow("no such memory");
    expect(() => soc.memory.readByte(0x1000)).toThrow(BusError);
  });
});

describe("a power cycle", () => {
  it("loses SRAM and windows, keeps IMR and host memory, and releases what the DSP held", () => {
    const { soc, pass } = machine("ptl");
    const mounted = new Uint8Array(16).fill(7);
    soc.memory.mount(0xa018_0000, mounted);
    const one = Uint8Array.of(1);
    for (const address of [0xa000_0000, 0xa019_0000, 0xa100_0000])
      soc.memory.write(address, one, 0, 1);
    soc.windows.debug[0] = 1;
    const host = soc.hostMemory.allocate(8);
    host.bytes[0] = 1;
    soc.mmu.map(soc.mmu.kernel, 0xa018_0000, 0x1000, 1);
    for (const core of soc.cores) core.powerUp(() => {});
    soc.dma.hostOut.request(0);
    pass(50_000);
    soc.reset();
    const left = [0xa000_0000, 0xa019_0000, 0xa100_0000].map((address) =>
      soc.memory.readByte(address),
    );
    expect(left).toEqual([0, 0, 1]);
    expect([mounted[0], soc.windows.debug[0], host.bytes[0]]).toEqual([0, 0, 1]);
    expect(soc.mmu.rights(soc.mmu.kernel, 0xa018_0000)).toBe(0);
    expect([soc.dma.inUse, soc.cores.every((core) => core.state === "off")]).toEqual([0, true]);
  });
});
