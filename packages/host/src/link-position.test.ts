import { describe, expect, it } from "vitest";
import { built, stereo32, TestBench } from "../test/bench.js";
import { chains, serialPlayback } from "../test/topologies.js";

/** Writes 32-bit words into window 0, as firmware does. */
function poke(bench: TestBench, offset: number, ...words: number[]): void {
  bench.firmware.writeWindow(0, offset, new Uint8Array(new Uint32Array(words).buffer));
}

describe("the delay of a playback stream", () => {
  const start = () => {
    const bench = TestBench.booted(built(serialPlayback()));
    const stream = bench.driver.openPcm("Music", "playback");
    bench.run(stream.hwParams(stereo32));
    bench.run(stream.prepare());
    bench.run(stream.trigger("start"));
    const [dma] = bench.dma.all;
    if (dma === undefined) throw new Error("no stream");
    return { bench, stream, dma };
  };

  it("is not known before the link has a position", () => {
    expect(start().stream.delayFrames()).toBeNull();
  });

  it("is what the DMA is ahead of the link, found by the gateway's slot", () => {
    const { bench, stream, dma } = start();
    dma.moved = 8 * 1000;
    // another gateway's slot, then that of SSP0 out
    poke(bench, 0x740, 0x0c10, 99_999, 0, 0, 0);
    poke(bench, 0x740 + 20, 0x0c00, 8 * 900, 0, 0, 0);
    poke(bench, 0x40, 0, 0, 0, 0);
    expect(stream.delayFrames()).toBe(100);
  });

  it("leaves out what the link had played before the stream began", () => {
    const { bench, stream, dma } = start();
    dma.moved = 8 * 1000;
    poke(bench, 0x920, 0x0c00, 8 * 5900, 0, 0, 0);
    poke(bench, 0x40, 8 * 5000, 0, 0, 0);
    expect(stream.delayFrames()).toBe(100);
    // not started yet: no correction, and never less than nothing
    poke(bench, 0x40, 0xffff_ffff, 0xffff_ffff, 0, 0);
    expect(stream.delayFrames()).toBe(0);
  });

  it("counts beyond 32 bits", () => {
    const { bench, stream, dma } = start();
    dma.moved = 2 ** 33;
    poke(bench, 0xa4c, 0x0c00, 0xffff_0000, 1, 0, 0);
    poke(bench, 0x40, 0, 0, 0, 0);
    expect(stream.delayFrames()).toBe(0x1_0000 / 8);
  });

  it("is not known of a DMA chain", () => {
    const bench = TestBench.booted(built(chains()));
    const stream = bench.driver.openPcm("HDMI1", "playback");
    bench.run(stream.hwParams(stereo32));
    expect(stream.delayFrames()).toBeNull();
  });
});
