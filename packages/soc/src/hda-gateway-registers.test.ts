import { describe, expect, it } from "vitest";
import { RecordingSink } from "./index.js";
import { MS, machine, pattern } from "../test/harness.js";

const GEN = 1 << 26;
const FWCB = 1 << 23;
const GBUSY = 1 << 15;
const TE = 1 << 14;
const XRUN = 1 << 10;
const BF = 1 << 9;
const BNE = 1 << 8;

describe.each([
  { name: "mtl", hostOut: 0x72800, linkOut: 0x72400, linkStride: 0x20 },
  { name: "ptl", hostOut: 0x72800, linkOut: 0x79400, linkStride: 0x40 },
])("HD-A gateway registers of $name", ({ name, hostOut, linkOut, linkStride }) => {
  it("carry a host stream into memory at the address they are given", () => {
    const { soc } = machine(name);
    const audio = new Uint8Array(4096);
    soc.memory.mount(0xa010_0000, audio);
    const data = pattern(512);
    const buffer = soc.hostMemory.allocate(512);
    buffer.bytes.set(data);
    const stream = soc.dma.playbackStreams[2];
    stream?.attach(soc.hostMemory, [
      { address: buffer.address, size: 512, interruptOnCompletion: false },
    ]);
    stream?.start();
    const at = hostOut + 2 * 0x40;
    soc.dspBus.write32(at, FWCB);
    soc.dspBus.write32(at + 4, 0xa010_0080);
    soc.dspBus.write32(at + 8, 256);
    soc.dspBus.write32(at, FWCB | GEN);
    expect(soc.dspBus.read32(at)).toBe(FWCB | GEN | GBUSY | BF | BNE);
    expect(audio.subarray(0x80, 0x180)).toEqual(data.subarray(0, 256));
    soc.dspBus.write32(at + 0xc, 96);
    expect([soc.dspBus.read32(at + 0x10), soc.dspBus.read32(at + 0x14)]).toEqual([96, 96]);
    expect(stream?.position).toBe(96);
    expect(audio.subarray(0x80, 0x80 + 96)).toEqual(data.subarray(256, 352));
    soc.dspBus.write32(at, FWCB);
    expect([soc.dma.inUse, soc.dspBus.read32(at)]).toEqual([0, FWCB]);
  });

  it("report an underrun of the link until it is cleared", () => {
    const { soc, pass } = machine(name);
    const audio = new Uint8Array(1024);
    soc.memory.mount(0xa010_0000, audio);
    const gateway = soc.gateways.get("hda", 1, "playback");
    const sink = new RecordingSink();
    gateway.sink = sink;
    gateway.configure({ rateHz: 48_000, channels: 2, containerBytes: 2 });
    gateway.start();
    const at = linkOut + linkStride;
    soc.dspBus.write32(at + 4, 0xa010_0000);
    soc.dspBus.write32(at + 8, 384);
    soc.dspBus.write32(at, GEN);
    soc.dspBus.write32(at + 0xc, 192);
    expect(soc.dspBus.read32(at)).toBe(GEN | GBUSY | BNE);
    pass(MS);
    expect(soc.dspBus.read32(at)).toBe(GEN | GBUSY);
    pass(MS);
    expect(soc.dspBus.read32(at)).toBe(GEN | GBUSY | XRUN);
    soc.dspBus.write32(at, GEN | XRUN);
    expect(soc.dspBus.read32(at)).toBe(GEN | GBUSY);
    expect(sink.length).toBe(384);
  });

  it("set the transfer error when there is no memory, no format, or the channel is taken", () => {
    const { soc } = machine(name);
    soc.memory.mount(0xa010_0000, new Uint8Array(1024));
    const enable = (at: number, address: number) => {
      soc.dspBus.write32(at + 4, address);
      soc.dspBus.write32(at + 8, 256);
      soc.dspBus.write32(at, GEN);
      return soc.dspBus.read32(at) & (GEN | TE);
    };
    expect(enable(hostOut, 0xa020_0000)).toBe(TE);
    expect(enable(linkOut, 0xa010_0000)).toBe(TE);
    expect(soc.dma.inUse).toBe(0);
    soc.dma.hostOut.request(1);
    expect(enable(hostOut + 0x40, 0xa010_0000)).toBe(TE);
  });
});
