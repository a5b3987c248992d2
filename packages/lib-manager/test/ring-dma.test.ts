import { EventQueue } from "@sof-ts/kit";
import { Kernel } from "@sof-ts/kernel";
import { describePlatform, Soc } from "@sof-ts/soc";
import { describe, expect, it } from "vitest";
import { RingDma } from "@sof-ts/lib-manager";

const RING = 0x4000;

/** The host DMA of a platform, with an image in the host's memory. */
function hostDma(image: Uint8Array) {
  const events = new EventQueue();
  const platform = describePlatform("mtl");
  const kernel = new Kernel({
    cpus: platform.coreCount,
    cyclesPerSecond: platform.coreClockHz,
    ticksPerSecond: 15_000,
    events,
  });
  const soc = new Soc({
    platform,
    queue: events,
    interrupts: { raise: (cpu, irq) => kernel.irqRaise(cpu, irq) },
    time: kernel,
  });
  const channel = soc.dma.hostOut.request(3);
  if (channel === null) throw new Error("no channel");
  expect(channel.configure({ memory: new Uint8Array(RING), start: 0, size: RING })).toBe(0);
  expect(channel.start()).toBe(0);
  const stream = soc.dma.playbackStreams[3];
  if (stream === undefined) throw new Error("no stream");
  const { address, bytes } = soc.hostMemory.allocate(image.length);
  bytes.set(image);
  stream.attach(soc.hostMemory, [{ address, size: image.length, interruptOnCompletion: false }]);
  return { kernel, soc, stream, dma: new RingDma(kernel, channel) };
}

const pattern = Uint8Array.from({ length: 0x18000 }, (_, i) => (i * 7 + (i >> 8)) & 0xff);

describe("a library that comes through host DMA", () => {
  it("arrives in blocks larger than the ring, byte for byte, once the host starts", () => {
    const { kernel, soc, stream, dma } = hostDma(pattern);
    const got: Uint8Array[] = [];
    const results: number[] = [];
    kernel.createThread({
      name: "ipc",
      priority: 1,
      entry: function* () {
        for (let at = 0; at < pattern.length; at += 38 * 1024) {
          const block = new Uint8Array(Math.min(38 * 1024, pattern.length - at));
          results.push(yield* dma.readBlock(block, 200_000));
          got.push(block);
        }
        dma.close();
      },
    });
    kernel.createThread({
      name: "host",
      priority: 2,
      entry: function* () {
        yield* kernel.sleep(5e6);
        stream.start();
        // The host stops at the end of the image, as with SPIB.
        stream.setApplicationPosition(pattern.length);
      },
    });
    kernel.run(400e6);
    expect(results).toEqual([0, 0, 0]);
    expect(Buffer.concat(got).equals(pattern)).toBe(true);
    expect(stream.position).toBe(pattern.length);
    expect(soc.dma.inUse).toBe(0);
  });

  it("is waited for, 200 ms for a block that does not come whole", () => {
    const { kernel, stream, dma } = hostDma(pattern);
    const results: number[] = [];
    kernel.createThread({
      name: "ipc",
      priority: 1,
      entry: function* () {
        const start = kernel.now;
        results.push(yield* dma.readBlock(new Uint8Array(38 * 1024), 200_000));
        results.push(
          Math.floor((kernel.now - start) / (describePlatform("mtl").coreClockHz / 1000)),
        );
      },
    });
    stream.setApplicationPosition(1000);
    stream.start();
    kernel.run(1e9);
    expect(results).toEqual([-116, 200]);
  });
});
