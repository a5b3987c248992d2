import { AudioMemory, AudioStream } from "@sof-ts/module-api";
import { describe, expect, it } from "vitest";
import { drain, feed, format, ring, TestHeap } from "../../test/kit.js";
import { adoptParams, periodFrames, streamParamsOf } from "./base-config.js";
import { BOUNCE_BYTES, forBlocks, moveBlocks } from "./blocks.js";
import { ConfigBlob } from "./config-blob.js";

describe("blocks of two rings", () => {
  const frame = (stream: AudioStream, channels: number) =>
    adoptParams([stream], streamParamsOf(format("s32", channels)));

  function copy(sourceBytes: number, sinkBytes: number, start: number, frames: number) {
    const heap = new TestHeap();
    const source = ring(heap, sourceBytes);
    const sink = ring(heap, sinkBytes);
    frame(source, 3);
    frame(sink, 3);
    for (const stream of [source, sink]) {
      stream.produce(start);
      stream.consume(start);
    }
    const input = Uint8Array.from({ length: frames * 12 }, (_, i) => i + 1);
    feed(source, input);
    const calls: [number, number, number][] = [];
    const bounce = heap.alloc(BOUNCE_BYTES);
    moveBlocks(
      source,
      sink,
      frames,
      (src, dst, count) => {
        calls.push([
          src === bounce ? -1 : src - source.start,
          dst === bounce + 32 ? -1 : dst - sink.start,
          count,
        ]);
        heap.memory.u8.copyWithin(dst, src, src + count * 12);
      },
      bounce,
    );
    expect(drain(sink)).toEqual(input);
    expect(source.available).toBe(0);
    return calls;
  }

  it("are one where neither wraps", () => {
    expect(copy(120, 96, 0, 8)).toEqual([[0, 0, 8]]);
    expect(copy(96, 96, 24, 6)).toEqual([[24, 24, 6]]);
  });

  it("split where either wraps", () => {
    expect(copy(120, 96, 48, 8)).toEqual([
      [48, 48, 4],
      [96, 0, 2],
      [0, 24, 2],
    ]);
  });

  it("bring a frame that lies across an end through the bounce buffer", () => {
    expect(copy(40, 96, 0, 3)).toEqual([[0, 0, 3]]);
    expect(copy(40, 96, 24, 3)).toEqual([
      [24, 24, 1],
      [-1, -1, 1],
      [8, 48, 1],
    ]);
    expect(copy(96, 40, 24, 3)).toEqual([
      [24, 24, 1],
      [-1, -1, 1],
      [48, 8, 1],
    ]);
  });

  it("do not guess when there is no bounce buffer", () => {
    const heap = new TestHeap();
    const source = ring(heap, 40);
    frame(source, 3);
    feed(source, new Uint8Array(36));
    drain(source, 36);
    feed(source, new Uint8Array(12));
    const sink = ring(heap, 96);
    frame(sink, 3);
    expect(() => forBlocks(source, sink, 1, () => undefined, 0)).toThrow("wraps");
  });
});

describe("period frames", () => {
  it.each([
    [48000, 1000, 48],
    [44100, 1000, 48],
    [88200, 1000, 96],
    [176400, 1000, 192],
    [11025, 1000, 12],
    [16000, 10000, 160],
    [22050, 333, 8],
  ])("of %d Hz in %d us are %d", (rate, us, frames) => {
    expect(periodFrames(rate, us)).toBe(frames);
  });
});

describe("a configuration blob", () => {
  const bytes = (length: number, value = 1) => new Uint8Array(length).fill(value);

  it("is put together from fragments", () => {
    const blob = new ConfigBlob();
    expect(blob.set("first", 10, bytes(4, 1))).toBe(0);
    expect(blob.set("middle", 4, bytes(4, 2))).toBe(0);
    expect(blob.current).toBeNull();
    expect(blob.set("last", 8, bytes(2, 3))).toBe(0);
    expect([...(blob.current ?? [])]).toEqual([1, 1, 1, 1, 2, 2, 2, 2, 3, 3]);
  });

  it("refuses a second transfer while one is going on, and fragments of none", () => {
    const blob = new ConfigBlob();
    expect(blob.set("middle", 0, bytes(1))).toBe(-12);
    expect(blob.set("last", 0, bytes(1))).toBe(-12);
    blob.set("first", 8, bytes(4));
    expect(blob.set("first", 8, bytes(4))).toBe(-16);
    expect(blob.set("single", 4, bytes(4))).toBe(-16);
    expect(blob.set("last", 4, bytes(4))).toBe(0);
  });

  it("refuses gaps, too much, too little and too large, and takes the next one", () => {
    const blob = new ConfigBlob(null, 100);
    for (const wrong of [
      () => blob.set("first", 8, bytes(4)) || blob.set("last", 5, bytes(3)),
      () => blob.set("first", 8, bytes(4)) || blob.set("last", 4, bytes(5)),
      () => blob.set("first", 8, bytes(4)) || blob.set("last", 4, bytes(3)),
      () => blob.set("single", 101, bytes(101)),
      () => blob.set("single", 8, bytes(7)),
    ]) {
      expect(wrong()).toBe(-22);
      expect(blob.current).toBeNull();
    }
    expect(blob.set("single", 8, bytes(8))).toBe(0);
    expect(blob.current).toHaveLength(8);
  });

  it("ignores an empty one", () => {
    const blob = new ConfigBlob();
    expect(blob.set("single", 0, bytes(0))).toBe(0);
    expect(blob.current).toBeNull();
  });

  it("waits for the border of a block while streaming, unless it is the first", () => {
    const blob = new ConfigBlob();
    blob.live = true;
    blob.set("single", 1, bytes(1, 1));
    expect([blob.hasNew, blob.current?.[0]]).toEqual([false, 1]);
    blob.set("single", 1, bytes(1, 2));
    expect([blob.hasNew, blob.current?.[0]]).toEqual([true, 1]);
    expect(blob.set("single", 1, bytes(1, 3))).toBe(-16);
    const out = new Uint8Array(4);
    expect([blob.get(out), out[0]]).toEqual([1, 2]);
    expect(blob.takeNew()?.[0]).toBe(2);
    expect([blob.takeNew(), blob.hasNew, blob.current?.[0]]).toEqual([null, false, 2]);
  });

  it("stays what it was when the validator refuses", () => {
    const blob = new ConfigBlob((data) => (data[0] === 9 ? -34 : 0));
    blob.set("single", 1, bytes(1, 1));
    expect(blob.set("single", 1, bytes(1, 9))).toBe(-34);
    expect(blob.current?.[0]).toBe(1);
    expect(blob.get(new Uint8Array(0))).toBe(-22);
  });
});

describe("streams", () => {
  it("of formats that cannot be have no frames", () => {
    const stream = new AudioStream(new AudioMemory(0x30000), 0x20000, 64);
    adoptParams([stream], streamParamsOf(format("s32", 2, 48000, { depth: 20 })));
    expect([stream.frameBytes, stream.freeFrames]).toEqual([0, 0]);
  });
});
