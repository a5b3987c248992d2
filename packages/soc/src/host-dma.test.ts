import { describe, expect, it } from "vitest";
import { MS, machine, pattern } from "../test/harness.js";

function playback(options: { ring?: number; buffer?: number; chunks?: number } = {}) {
  const { ring = 768, buffer = 4096, chunks = 1 } = options;
  const box = machine("ptl");
  const { soc } = box;
  const memory = new Uint8Array(8192);
  const pieces = Array.from({ length: chunks }, () => soc.hostMemory.allocate(buffer / chunks));
  const data = pattern(buffer);
  pieces.forEach(({ bytes }, index) =>
    bytes.set(data.subarray((index * buffer) / chunks, ((index + 1) * buffer) / chunks)),
  );
  const stream = soc.dma.playbackStreams[3];
  const channel = soc.dma.hostOut.request(3);
  if (stream === undefined || channel === null) throw new Error("no channel 3");
  let heard = 0;
  stream.attach(
    soc.hostMemory,
    pieces.map(({ address, bytes }) => ({
      address,
      size: bytes.length,
      interruptOnCompletion: true,
    })),
    () => heard++,
  );
  expect(channel.configure({ memory, start: 1024, size: ring })).toBe(0);
  /** Consumes up to `bytes` as firmware does. */
  const consume = (bytes: number): number[] => {
    channel.status();
    const count = Math.min(bytes, channel.available);
    const out: number[] = [];
    for (let i = 0; i < count; i++) {
      out.push(memory[1024 + ((channel.readOffset - 1024 + i) % ring)] as number);
    }
    expect(channel.reload(count)).toBe(0);
    return out;
  };
  return { ...box, soc, memory, stream, channel, data, consume, heard: () => heard };
}

describe("host DMA, playback", () => {
  it("fills the DSP's ring as soon as both sides run", () => {
    const { channel, stream, memory, data } = playback();
    channel.start();
    channel.status();
    expect([channel.available, channel.free]).toEqual([0, 768]);
    stream.start();
    channel.status();
    expect([channel.available, channel.free]).toEqual([768, 0]);
    expect(memory.subarray(1024, 1024 + 768)).toEqual(data.subarray(0, 768));
    expect(stream.position).toBe(0);
  });

  it("delivers the host's ring in order, lap after lap, through uneven reads and segments", () => {
    const { channel, stream, data, consume, heard } = playback({ chunks: 4, ring: 800 });
    stream.start();
    channel.start();
    const got: number[] = [];
    for (const step of [
      384, 7, 800, 100, 384, 384, 384, 800, 800, 800, 800, 384, 384, 384, 384, 384,
    ])
      got.push(...consume(step));
    expect(got).toEqual(Array.from({ length: got.length }, (_, i) => data[i % 4096]));
    expect(got.length).toBeGreaterThan(4096);
    expect(stream.position).toBe(got.length);
    expect(stream.positionInBuffer).toBe(got.length % 4096);
    expect(heard()).toBe(Math.floor(got.length / 1024));
  });

  it("stops where the application has got to and goes on when it moves", () => {
    const { channel, stream, consume, data } = playback();
    stream.setApplicationPosition(100);
    stream.start();
    channel.start();
    expect(consume(384)).toEqual([...data.subarray(0, 100)]);
    expect(consume(384)).toEqual([]);
    expect(channel.status()).toBe(0);
    stream.setApplicationPosition(500);
    expect(consume(384)).toEqual([...data.subarray(100, 484)]);
    expect(consume(384)).toEqual([...data.subarray(484, 500)]);
  });

  it("keeps the data through a pause and fetches again what a stop threw away", () => {
    const { channel, stream, consume, data } = playback();
    stream.start();
    channel.start();
    const first = consume(384);
    expect(channel.pause()).toBe(0);
    channel.status();
    expect(channel.available).toBe(768);
    expect(channel.resume()).toBe(0);
    const second = consume(384);
    expect(channel.stop()).toBe(0);
    channel.status();
    expect(channel.available).toBe(0);
    expect(channel.start()).toBe(0);
    const third = consume(384);
    expect([...first, ...second, ...third]).toEqual([...data.subarray(0, 1152)]);
  });

  it("refuses a reload of more than was there, and changes nothing", () => {
    const { channel, stream } = playback();
    stream.start();
    channel.start();
    expect(channel.reload(769)).toBe(-22);
    expect(channel.reload(-1)).toBe(-22);
    channel.status();
    expect(channel.available).toBe(768);
    expect(stream.position).toBe(0);
  });
});

describe("host DMA, capture", () => {
  it("puts what firmware produced into the host's ring and moves the host's position", () => {
    const { soc } = machine("ptl");
    const memory = new Uint8Array(4096);
    const buffer = soc.hostMemory.allocate(1000);
    const stream = soc.dma.captureStreams[0];
    const channel = soc.dma.hostIn.request(0);
    if (stream === undefined || channel === null) throw new Error("no channel");
    stream.attach(soc.hostMemory, [
      { address: buffer.address, size: 1000, interruptOnCompletion: false },
    ]);
    channel.configure({ memory, start: 0, size: 768 });
    channel.start();
    const data = pattern(2304);
    const produce = (from: number, to: number) => {
      channel.status();
      for (let i = from; i < to; i++)
        memory[(channel.writeOffset + i - from) % 768] = data[i] as number;
      expect(channel.reload(to - from)).toBe(0);
    };
    produce(0, 384);
    expect(stream.position).toBe(0);
    expect(channel.reload(385)).toBe(-22);
    stream.start();
    expect(stream.position).toBe(384);
    produce(384, 1152);
    expect(stream.position).toBe(1152);
    expect(buffer.bytes.subarray(152, 1000)).toEqual(data.subarray(152, 1000));
    expect(buffer.bytes.subarray(0, 152)).toEqual(data.subarray(1000, 1152));

    stream.setApplicationPosition(1152);
    produce(1152, 1920);
    expect(stream.position).toBe(1920);
    produce(1920, 2304);
    channel.status();
    expect([stream.position, channel.available]).toEqual([2152, 152]);
    stream.setApplicationPosition(1400);
    expect(stream.position).toBe(2304);
  });
});

describe("DMA channels", () => {
  it("are counted, exclusive, and come back from any state", () => {
    const { soc } = machine("ptl");
    const first = soc.dma.hostOut.request(2);
    expect(soc.dma.hostOut.request(2)).toBeNull();
    expect(soc.dma.hostOut.request(9)).toBeNull();
    const any = soc.dma.linkIn.request();
    expect(any?.index).toBe(0);
    expect(soc.dma.inUse).toBe(2);
    expect(soc.dma.namesInUse()).toEqual(["hda-host-out.2", "hda-link-in.0"]);
    first?.configure({ memory: new Uint8Array(256), start: 0, size: 256 });
    first?.start();
    first?.release();
    first?.release();
    any?.release();
    expect(soc.dma.inUse).toBe(0);
    expect(soc.dma.hostOut.request(2)?.state).toBe("reserved");
  });

  it("take only rings that fit their alignment and memory", () => {
    const { soc } = machine("ptl");
    const channel = soc.dma.hostOut.request(0);
    const memory = new Uint8Array(4096);
    expect(channel?.start()).toBe(-22);
    expect(channel?.configure({ memory, start: 64, size: 768 })).toBe(-22);
    expect(channel?.configure({ memory, start: 128, size: 776 })).toBe(-22);
    expect(channel?.configure({ memory, start: 3968, size: 256 })).toBe(-22);
    expect(channel?.configure({ memory, start: 128, size: 768 })).toBe(0);
    expect(channel?.start()).toBe(0);
    expect(channel?.start()).toBe(0);
    expect(channel?.configure({ memory, start: 128, size: 768 })).toBe(-16);
  });

  it("have the counts of their platform", () => {
    const counts = (name: string) => {
      const { dma } = machine(name).soc;
      return [dma.hostOut, dma.hostIn, dma.linkOut, dma.linkIn, ...dma.gpdma].map(
        (c) => c.channels.length,
      );
    };
    expect(counts("tgl")).toEqual([9, 7, 4, 4, 8, 8]);
    expect(counts("mtl")).toEqual([9, 10, 9, 10, 8, 8]);
    expect(counts("lnl")).toEqual([9, 11, 9, 11]);
    expect(counts("ptl")).toEqual([9, 11, 9, 11]);
    expect(MS).toBe(machine("ptl").soc.platform.coreClockHz / 1000);
  });
});
