import { describe, expect, it } from "vitest";
import { MS, machine, pattern } from "../test/harness.js";

const RUN = 0x2;
const IOCE = 0x4;
const SRST = 0x1;

/** Descriptor registers of the playback stream with descriptor `index` on ptl, which has 11 capture streams. */
function descriptor(index: number) {
  const base = 0x80 + 0x20 * index;
  const spib = 0x708 + 8 * index;
  return {
    CTL: base,
    LPIB: base + 4,
    CBL: base + 8,
    LVI: base + 0xc,
    FMT: base + 0x10,
    BDPL: base + 0x18,
    BDPU: base + 0x1c,
    SPIB: spib,
  };
}

function setup(sizes: readonly number[], index = 11, interruptAt = sizes.length - 1) {
  const box = machine("ptl");
  const { soc } = box;
  const buffers = sizes.map((size) => soc.hostMemory.allocate(size));
  const list = soc.hostMemory.allocate(16 * sizes.length);
  const view = new DataView(list.bytes.buffer);
  buffers.forEach((buffer, i) => {
    view.setUint32(16 * i, buffer.address % 2 ** 32, true);
    view.setUint32(16 * i + 4, Math.floor(buffer.address / 2 ** 32), true);
    view.setUint32(16 * i + 8, buffer.bytes.length, true);
    view.setUint32(16 * i + 12, i === interruptAt ? 1 : 0, true);
  });
  const sd = descriptor(index);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  soc.hdaBus.write32(0x08, 1);
  soc.hdaBus.write32(sd.CBL, total);
  soc.hdaBus.write32(sd.LVI, sizes.length - 1);
  soc.hdaBus.write32(sd.BDPL, list.address % 2 ** 32);
  soc.hdaBus.write32(sd.BDPU, Math.floor(list.address / 2 ** 32));
  return { ...box, soc, buffers, sd, box };
}

describe("the HD Audio controller", () => {
  it("tells its streams and capabilities", () => {
    const { hdaBus } = machine("tgl").soc;
    expect(hdaBus.read32(0)).toBe(0x0100_9701);
    expect(hdaBus.read32(0x14)).toBe(0x700);
    expect(hdaBus.read32(0x700)).toBe(0x0004_0800);
    expect(hdaBus.read32(0x800)).toBe(0x0003_0000);
    expect(machine("ptl").soc.hdaBus.read32(0)).toBe(0x0100_9b01);
  });

  it("streams a descriptor list to the DSP channel that the tag names, with position and interrupt", () => {
    const { soc, buffers, sd, box } = setup([256, 512]);
    const memory = new Uint8Array(1024);
    const data = pattern(768);
    buffers[0]?.bytes.set(data.subarray(0, 256));
    buffers[1]?.bytes.set(data.subarray(256));
    const channel = soc.dma.hostOut.request(4);
    channel?.configure({ memory, start: 0, size: 512 });
    channel?.start();
    soc.hdaBus.write32(0x20, 0x8000_0000 | (1 << 11));
    soc.hdaBus.write32(sd.CTL, (5 << 20) | IOCE | RUN);
    expect(soc.hdaBus.read32(sd.CTL)).toBe(
      (1 << 29) | (5 << 20) | (1 << 19) | (1 << 18) | IOCE | RUN,
    );
    channel?.status();
    expect(channel?.available).toBe(512);
    expect(memory.subarray(0, 512)).toEqual(data.subarray(0, 512));
    channel?.reload(400);
    expect([soc.hdaBus.read32(sd.LPIB), box.hostInterrupts]).toEqual([400, 0]);
    channel?.reload(400);
    expect([soc.hdaBus.read32(sd.LPIB), box.hostInterrupts]).toEqual([32, 1]);
    expect(soc.hdaBus.read32(0x24)).toBe((0x8000_0000 | (1 << 11)) >>> 0);
    soc.hdaBus.write32(sd.CTL, (1 << 26) | (5 << 20) | IOCE | RUN);
    expect(soc.hdaBus.read32(0x24)).toBe(0);

    soc.hdaBus.write32(sd.CTL, (5 << 20) | IOCE);
    channel?.reload(400);
    channel?.status();
    expect(channel?.available).toBe(112);
    soc.hdaBus.write32(sd.CTL, SRST);
    expect(soc.hdaBus.read32(sd.LPIB)).toBe(0);
  });

  it("stops at the software position, wherever the ring wraps", () => {
    const { soc, sd } = setup([768]);
    const channel = soc.dma.hostOut.request(0);
    channel?.configure({ memory: new Uint8Array(512), start: 0, size: 512 });
    channel?.start();
    soc.hdaBus.write32(0x704, 1 << 11);
    soc.hdaBus.write32(sd.SPIB, 100);
    soc.hdaBus.write32(sd.CTL, (1 << 20) | RUN);
    const drain = () => {
      let total = 0;
      for (let round = 0; round < 4; round++) {
        channel?.status();
        total += channel?.available ?? 0;
        channel?.reload(channel.available);
      }
      return total;
    };
    expect(drain()).toBe(100);
    soc.hdaBus.write32(sd.SPIB, 768);
    expect(drain()).toBe(668);
    soc.hdaBus.write32(sd.SPIB, 40);
    expect(drain()).toBe(40);
    soc.hdaBus.write32(sd.SPIB, 20);
    expect(drain()).toBe(748);
    expect(soc.hdaBus.read32(sd.LPIB)).toBe(20);
  });

  it("captures into the host's ring", () => {
    const { soc, buffers, sd } = setup([256], 0);
    const memory = new Uint8Array(512);
    memory.set(pattern(128));
    const channel = soc.dma.hostIn.request(2);
    channel?.configure({ memory, start: 0, size: 256 });
    channel?.start();
    soc.hdaBus.write32(sd.CTL, (3 << 20) | RUN);
    channel?.reload(128);
    expect(soc.hdaBus.read32(sd.LPIB)).toBe(128);
    expect(buffers[0]?.bytes.subarray(0, 128)).toEqual(pattern(128));
  });

  it.each([
    ["a list outside host memory", (sd: ReturnType<typeof descriptor>) => [sd.BDPL, 0x1000]],
    [
      "a list that does not add up to the ring",
      (sd: ReturnType<typeof descriptor>) => [sd.CBL, 770],
    ],
    ["a list longer than it is", (sd: ReturnType<typeof descriptor>) => [sd.LVI, 200]],
  ])("reports a descriptor error for %s and does not run", (_what, change) => {
    const { soc, sd } = setup([256, 512]);
    const [register, value] = change(sd) as [number, number];
    soc.hdaBus.write32(register, value);
    soc.hdaBus.write32(sd.CTL, (1 << 20) | RUN);
    expect(soc.hdaBus.read32(sd.CTL) & ((1 << 28) | RUN)).toBe(1 << 28);
    expect(soc.dma.playbackStreams[0]?.running).toBe(false);
  });

  it.each([
    { name: "tgl", llp: 0x918, links: 4 },
    { name: "ptl", llp: 0x948, links: 11 },
  ])("shows the link position of $name, where the host reads its delay", ({ name, llp, links }) => {
    const { soc, pass } = machine(name);
    const gateway = soc.gateways.get("hda", 1, "playback");
    gateway.configure({ rateHz: 48_000, channels: 2, containerBytes: 4 });
    const channel = soc.dma.linkOut.request(1);
    channel?.configure({
      memory: new Uint8Array(1536),
      start: 0,
      size: 1536,
      gateway,
      periodUs: 1000,
    });
    channel?.reload(1536);
    channel?.start();
    gateway.start();
    pass(2 * MS);
    const at = llp + 0x10 * (links + 1);
    expect([soc.hdaBus.read32(at), soc.hdaBus.read32(at + 4)]).toEqual([768, 0]);
    // The pair stays together when the low word wraps between its two reads.
    if (channel) channel.consumed = 2 ** 32 - 384;
    channel?.reload(768);
    expect(soc.hdaBus.read32(at)).toBe(2 ** 32 - 384);
    pass(MS);
    expect(soc.hdaBus.read32(at + 4)).toBe(0);
    expect([soc.hdaBus.read32(at), soc.hdaBus.read32(at + 4)]).toEqual([0, 1]);
  });

  it("takes no write but GCTL's while it is held in reset, and forgets everything there", () => {
    const { soc, sd } = setup([256, 512]);
    soc.hdaBus.write32(0x20, 0x8000_0800);
    soc.hdaBus.write32(0x704, 0x800);
    soc.hdaBus.write32(sd.SPIB, 64);
    soc.hdaBus.write32(sd.FMT, 0x0011_0000);
    soc.hdaBus.write32(sd.CTL, (1 << 20) | RUN);
    expect(soc.dma.playbackStreams[0]?.running).toBe(true);
    soc.hdaBus.write32(0x08, 0);
    const registers = [0x20, 0x704, sd.CTL, sd.CBL, sd.LVI, sd.BDPL, sd.BDPU, sd.SPIB];
    const values = () => registers.map((at) => soc.hdaBus.read32(at));
    const reset = [0, 0, (1 << 18) | (1 << 19), 0, 0, 0, 0, 0];
    expect(values()).toEqual(reset);
    expect(soc.dma.playbackStreams[0]?.running).toBe(false);
    for (const at of registers) soc.hdaBus.write32(at, 0x20);
    expect(values()).toEqual(reset);
    soc.hdaBus.write32(0x08, 1);
    soc.hdaBus.write32(sd.CBL, 0x300);
    expect(soc.hdaBus.read32(sd.CBL)).toBe(0x300);
  });

  it("resets a whole descriptor with SRST, but for the bit itself and the software position", () => {
    const { soc, sd } = setup([256, 512]);
    soc.hdaBus.write32(sd.SPIB, 64);
    soc.hdaBus.write32(sd.FMT, 0x0011_0000);
    soc.hdaBus.write32(sd.CTL, (1 << 20) | IOCE | RUN);
    soc.hdaBus.write32(sd.CTL, SRST);
    expect(
      [sd.CTL, sd.CBL, sd.LVI, sd.FMT, sd.BDPL, sd.SPIB].map((at) => soc.hdaBus.read32(at)),
    ).toEqual([(1 << 18) | (1 << 19) | SRST, 0, 0, 0xff, 0, 64]);
    expect(soc.dma.playbackStreams[0]?.size).toBe(0);
    soc.hdaBus.write32(sd.CTL, 0);
    expect(soc.hdaBus.read32(sd.CTL) & SRST).toBe(0);
  });

  it("interrupts when a cause that stands is enabled, at the stream or at the controller", () => {
    const { soc, sd, box } = setup([256, 512]);
    soc.hdaBus.write32(sd.CBL, 770);
    soc.hdaBus.write32(sd.CTL, (1 << 20) | RUN);
    expect([box.hostInterrupts, soc.hdaBus.read32(0x24)]).toEqual([0, 0]);
    const DEIE = 1 << 4;
    soc.hdaBus.write32(sd.CTL, (1 << 20) | DEIE);
    expect([box.hostInterrupts, soc.hdaBus.read32(0x24)]).toEqual([0, 0x8000_0800]);
    soc.hdaBus.write32(0x20, 0x0000_0800);
    expect(box.hostInterrupts).toBe(0);
    soc.hdaBus.write32(0x20, 0x8000_0800);
    soc.hdaBus.write32(0x20, 0x8000_0800);
    expect(box.hostInterrupts).toBe(1);
    soc.hdaBus.write32(sd.CTL, (1 << 20) | (1 << 28));
    expect(soc.hdaBus.read32(0x24)).toBe(0);
    soc.hdaBus.write32(sd.CTL, (1 << 20) | DEIE | RUN);
    expect(box.hostInterrupts).toBe(2);
  });
});
