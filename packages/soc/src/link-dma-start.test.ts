import { describe, expect, it } from "vitest";
import { RecordingSink } from "./index.js";
import { MS } from "../test/harness.js";
import { playing } from "../test/playing-link.js";

describe("link DMA, start of playback and silence", () => {
  it("clocks nothing out before the first period of data, nor while only one of DMA and gateway runs", () => {
    const { channel, gateway, pass, produce, sink } = playing();
    channel.start();
    pass(5 * MS);
    gateway.start();
    pass(5 * MS);
    expect(channel.status()).toBe(0);
    produce(768);
    pass(MS);
    expect(channel.status()).toBe(0);
    expect(channel.available).toBe(384);
    gateway.stop();
    pass(10 * MS);
    expect(channel.status()).toBe(0);
    expect([channel.available, sink.length]).toEqual([384, 384]);
    gateway.start();
    pass(MS);
    channel.status();
    expect(channel.available).toBe(0);
  });

  it("waits for a whole period, so that a first part of one does not run dry at once", () => {
    const { channel, gateway, pass, produce, sink, data } = playing();
    channel.start();
    gateway.start();
    produce(40 * 8);
    pass(MS);
    expect([channel.status(), sink.length]).toEqual([0, 0]);
    produce(60 * 8);
    pass(2 * MS);
    expect(channel.status()).toBe(0);
    expect(sink.recorded()).toEqual(data.subarray(0, 96 * 8));
  });

  it("takes data before the start", () => {
    const { channel, gateway, pass, produce, sink } = playing();
    produce(768);
    channel.start();
    gateway.start();
    pass(MS);
    channel.status();
    expect([channel.available, sink.length]).toEqual([384, 384]);
  });

  it("tells a far end that wants to know of silence, and writes it the data alone", () => {
    const { channel, gateway, pass, produce, data } = playing();
    let starved = 0;
    const file = Object.assign(new RecordingSink(), {
      starve(length: number): void {
        starved += length;
      },
    });
    gateway.sink = file;
    channel.start();
    gateway.start();
    produce(384);
    pass(3 * MS);
    expect(channel.status()).toBe(-32);
    produce(384);
    pass(MS);
    expect(channel.status()).toBe(0);
    expect(starved).toBe(768);
    expect(file.recorded()).toEqual(data.subarray(0, 768));
  });
});
