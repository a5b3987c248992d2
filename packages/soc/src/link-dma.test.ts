import { type Cycles, EventQueue } from "@sof-ts/kit";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describePlatform, PlayingSource, RecordingSink, Soc } from "./index.js";
import { MS, machine, pattern } from "../test/harness.js";
import { playing } from "../test/playing-link.js";

describe("link DMA, playback", () => {
  it("plays one period each tick whatever the reader's jitter inside the tick", () => {
    const { channel, gateway, pass, produce, sink, data } = playing();
    pass(MS + 5000);
    channel.start();
    gateway.start();
    produce(384);
    let at = MS + 5000;
    for (const jitter of [2000, 100, 90_000, 399_999, 1, 0]) {
      const tick = (Math.floor(at / MS) + 1) * MS + jitter;
      pass(tick - at);
      at = tick;
      expect(channel.status()).toBe(0);
      expect([channel.available, channel.free]).toEqual([0, 1536]);
      produce(384);
    }
    expect(sink.recorded()).toEqual(data.subarray(0, 6 * 384));
    expect(channel.position).toBe(6 * 384);
  });

  it("plays silence when it runs dry, reports it once, and goes on with the data that follows", () => {
    const { channel, gateway, pass, produce, sink, data } = playing();
    channel.start();
    gateway.start();
    produce(384);
    pass(3 * MS);
    expect(channel.status()).toBe(-32);
    expect([channel.available, channel.free]).toEqual([0, 1536]);
    expect(channel.status()).toBe(0);
    expect([channel.xruns, channel.lostBytes]).toEqual([1, 768]);
    produce(384);
    pass(MS);
    expect(channel.status()).toBe(0);
    const out = sink.recorded();
    expect(out.length).toBe(4 * 384);
    expect(out.subarray(0, 384)).toEqual(data.subarray(0, 384));
    expect(out.subarray(384, 1152).every((byte) => byte === 0)).toBe(true);
    expect(out.subarray(1152)).toEqual(data.subarray(384, 768));
    expect(channel.position).toBe(768);
  });

  it("repeats the ring instead, where the gateway is set so", () => {
    const { channel, gateway, pass, produce, sink, data } = playing({ size: 384 });
    gateway.underrunMode = "repeat";
    channel.start();
    gateway.start();
    produce(384);
    pass(2 * MS);
    expect(channel.status()).toBe(-32);
    expect(sink.recorded()).toEqual(
      Uint8Array.from([...data.subarray(0, 384), ...data.subarray(0, 384)]),
    );
  });

  it("keeps the ring through a pause and empties it in a stop", () => {
    const { channel, gateway, pass, produce, sink, data } = playing();
    channel.start();
    gateway.start();
    produce(1152);
    pass(MS);
    expect(channel.pause()).toBe(0);
    pass(50 * MS);
    expect(channel.status()).toBe(0);
    expect(channel.available).toBe(768);
    expect(channel.resume()).toBe(0);
    pass(MS);
    expect(channel.stop()).toBe(0);
    channel.status();
    expect([channel.available, channel.free]).toEqual([0, 1536]);
    expect(sink.recorded()).toEqual(data.subarray(0, 768));
  });

  it("reads position and wall clock at one instant", () => {
    const { channel, gateway, pass, produce } = playing();
    channel.start();
    gateway.start();
    produce(1536);
    pass(2 * MS + 125);
    channel.readPosition();
    expect([channel.linkPosition, channel.linkPositionWallClock]).toEqual([768, 76_812]);
  });

  it("does not drift at any rate: after a second exactly that many frames have gone", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(
          8000,
          11_025,
          16_000,
          22_050,
          44_100,
          48_000,
          88_200,
          96_000,
          176_400,
          192_000,
        ),
        fc.constantFrom(0, 1000),
        fc.array(fc.integer({ min: 1, max: 3 * MS }), { minLength: 1, maxLength: 40 }),
        (rateHz, periodUs, steps) => {
          const { channel, gateway, produce, pass } = playing({
            rateHz,
            channels: 1,
            periodUs,
            size: 8192,
          });
          channel.start();
          gateway.start();
          produce(8192);
          let now = 0;
          let xrun = false;
          for (const step of steps) {
            pass(step);
            now += step;
            xrun = channel.status() !== 0 || xrun;
            produce(channel.free);
          }
          const instant = periodUs === 0 ? now : now - (now % MS);
          const due = Math.floor((instant * rateHz) / 400_000_000);
          expect(xrun).toBe(false);
          expect(channel.position).toBe(4 * due);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("counts exactly over a long silence of its reader", () => {
    const { channel, gateway, produce, pass } = playing({ rateHz: 44_100 });
    gateway.sink = null;
    channel.start();
    gateway.start();
    produce(44 * 8);
    pass(3600 * 1000 * MS);
    channel.status();
    expect(channel.lostBytes + channel.position).toBe(3600 * 44_100 * 8);
  });
});

describe("link DMA, capture", () => {
  it("records whole periods, reports what did not fit and drops it", () => {
    const { soc, pass } = machine("mtl");
    const memory = new Uint8Array(4096);
    const gateway = soc.gateways.get("dmic", 1, "capture");
    const data = pattern(8000);
    gateway.source = new PlayingSource(data);
    gateway.configure({ rateHz: 16_000, channels: 4, containerBytes: 2 });
    const channel = soc.dma.gpdma[0]?.request();
    if (channel === null || channel === undefined) throw new Error("no channel");
    expect(channel.configure({ memory, start: 4, size: 256, gateway, periodUs: 1000 })).toBe(0);
    channel.start();
    gateway.start();
    pass(MS - 1);
    channel.status();
    expect(channel.available).toBe(0);
    pass(1);
    channel.status();
    expect([channel.available, channel.free]).toEqual([128, 128]);
    expect(memory.subarray(4, 132)).toEqual(data.subarray(0, 128));
    pass(3 * MS);
    expect(channel.status()).toBe(-32);
    expect([channel.available, channel.free]).toEqual([256, 0]);
    expect(channel.reload(256)).toBe(0);
    pass(MS);
    expect(channel.status()).toBe(0);
    expect(memory.subarray(4, 132)).toEqual(data.subarray(512, 640));
  });

  it("records silence when nothing is plugged in or the far end has ended", () => {
    const { soc, pass } = machine("ptl");
    const memory = new Uint8Array(512).fill(0xee);
    const gateway = soc.gateways.get("alh", 3, "capture");
    gateway.source = new PlayingSource(pattern(100));
    gateway.configure({ rateHz: 48_000, channels: 2, containerBytes: 2 });
    const channel = soc.dma.linkIn.request(0);
    channel?.configure({ memory, start: 0, size: 512, gateway, periodUs: 1000 });
    channel?.start();
    gateway.start();
    pass(2 * MS);
    channel?.status();
    expect(memory.subarray(0, 100)).toEqual(pattern(100));
    expect(memory.subarray(100, 384).every((byte) => byte === 0)).toBe(true);
    expect(memory[384]).toBe(0xee);
  });
});

describe("link DMA and its gateway", () => {
  it("lets one channel serve a gateway, until it is released", () => {
    const { soc } = machine("mtl");
    const memory = new Uint8Array(1024);
    const gateway = soc.gateways.get("ssp", 0, "playback");
    const first = soc.dma.gpdma[0]?.request();
    const second = soc.dma.gpdma[0]?.request();
    expect(first?.configure({ memory, start: 0, size: 512, gateway })).toBe(-22);
    gateway.configure({ rateHz: 48_000, channels: 2, containerBytes: 4 });
    expect(first?.configure({ memory, start: 0, size: 512, gateway })).toBe(0);
    expect(second?.configure({ memory, start: 512, size: 512, gateway })).toBe(-16);
    first?.release();
    expect(second?.configure({ memory, start: 512, size: 512, gateway })).toBe(0);
  });

  it("refuses a gateway of the other direction on an HD-A controller", () => {
    const { soc } = machine("ptl");
    const gateway = soc.gateways.get("hda", 0, "capture");
    gateway.configure({ rateHz: 48_000, channels: 2, containerBytes: 4 });
    const channel = soc.dma.linkOut.request(0);
    expect(channel?.configure({ memory: new Uint8Array(512), start: 0, size: 512, gateway })).toBe(
      -22,
    );
  });

  it("refuses formats that the gateway cannot take", () => {
    const { soc } = machine("ptl");
    const dmic = soc.gateways.get("dmic", 0, "capture");
    expect(dmic.configure({ rateHz: 48_000, channels: 9, containerBytes: 4 })).toBe(-22);
    expect(dmic.configure({ rateHz: 48_000, channels: 2, containerBytes: 3 })).toBe(-22);
    expect(dmic.configure({ rateHz: 0, channels: 2, containerBytes: 2 })).toBe(-22);
    expect(dmic.start()).toBe(-22);
    expect(soc.gateways.find("dmic", 0, "playback")).toBeNull();
    expect(soc.gateways.find("ssp", 3, "playback")).toBeNull();
  });

  it("calls back each period only when asked to, without drift", () => {
    const { soc, pass, queue } = machine("ptl");
    const gateway = soc.gateways.get("hda", 0, "playback");
    gateway.configure({ rateHz: 48_000, channels: 2, containerBytes: 4 });
    const channel = soc.dma.linkOut.request(0);
    if (channel === null) throw new Error("no channel");
    channel.configure({
      memory: new Uint8Array(1536),
      start: 0,
      size: 1536,
      gateway,
      periodUs: 1000,
    });
    channel.reload(1536);
    channel.start();
    gateway.start();
    expect(queue.length).toBe(0);
    const times: number[] = [];
    channel.onPeriod(() => times.push(queue.now));
    pass(3 * MS + 10);
    expect(times).toEqual([MS, 2 * MS, 3 * MS]);
    channel.release();
    expect(queue.length).toBe(0);
  });

  it("follows the time of the core that looks, where that is not the queue's", () => {
    const queue = new EventQueue();
    const time = { now: 0 as Cycles };
    const soc = new Soc({
      platform: describePlatform("ptl"),
      queue,
      interrupts: { raise() {} },
      time,
    });
    const gateway = soc.gateways.get("hda", 0, "playback");
    gateway.configure({ rateHz: 48_000, channels: 2, containerBytes: 4 });
    const channel = soc.dma.linkOut.request(0);
    if (channel === null) throw new Error("no channel");
    channel.configure({
      memory: new Uint8Array(1536),
      start: 0,
      size: 1536,
      gateway,
      periodUs: 1000,
    });
    channel.reload(1536);
    channel.start();
    gateway.start();
    let periods = 0;
    channel.onPeriod(() => periods++);
    time.now = (2 * MS) as Cycles;
    channel.status();
    expect(channel.free).toBe(768);
    // Another core, behind: nothing is taken back.
    time.now = MS as Cycles;
    channel.status();
    expect(channel.free).toBe(768);
    expect(soc.wallClock.read()).toBe(38_400);
    queue.runNext();
    queue.runNext();
    expect([periods, queue.now]).toEqual([2, 3 * MS]);
    expect(channel.consumed).toBe(1152);
  });

  it("chains a host channel to a link channel over one ring", () => {
    const { soc, pass } = machine("ptl");
    const memory = new Uint8Array(2048);
    const data = pattern(3840);
    const buffer = soc.hostMemory.allocate(3840);
    buffer.bytes.set(data);
    const stream = soc.dma.playbackStreams[0];
    const host = soc.dma.hostOut.request(0);
    const link = soc.dma.linkOut.request(0);
    const gateway = soc.gateways.get("hda", 0, "playback");
    if (stream === undefined || host === null || link === null) throw new Error("no channel");
    const sink = new RecordingSink();
    gateway.sink = sink;
    gateway.configure({ rateHz: 48_000, channels: 2, containerBytes: 2 });
    stream.attach(soc.hostMemory, [
      { address: buffer.address, size: 3840, interruptOnCompletion: false },
    ]);
    host.configure({ memory, start: 0, size: 960 });
    link.configure({ memory, start: 0, size: 960, gateway, periodUs: 1000 });
    stream.start();
    host.start();
    link.start();
    gateway.start();
    let handed = 0;
    for (let tick = 0; tick < 40; tick++) {
      expect(link.status()).toBe(0);
      const played = link.position;
      host.status();
      // What the link has played frees the host's side; what the host fetched is handed to the link.
      host.reload(played - host.consumed);
      const fetched = host.produced;
      expect(link.reload(fetched - handed)).toBe(0);
      handed = fetched;
      pass(MS);
    }
    link.status();
    expect(sink.length).toBe(40 * 192);
    expect([...sink.recorded()]).toEqual(
      Array.from({ length: 40 * 192 }, (_, i) => data[i % 3840]),
    );
  });
});
