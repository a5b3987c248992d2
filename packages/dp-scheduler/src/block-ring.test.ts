import { AudioMemory, AudioStream } from "@sof-ts/module-api";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BlockRing } from "./index.js";

const FIRST = AudioMemory.RESERVED_BYTES;

/** An LL stream and a ring in memories of their own. */
function pair(streamBytes: number, ringBytes: number) {
  const outside = new AudioMemory(FIRST + 0x1000);
  const inside = new AudioMemory(FIRST + 0x1000);
  const stream = new AudioStream(outside, FIRST, streamBytes);
  return { stream, ring: new BlockRing(inside, FIRST, ringBytes) };
}

/** Writes `count` bytes that go on from `from`. */
function write(stream: AudioStream, from: number, count: number): void {
  for (let i = 0, w = stream.writePtr; i < count; i++, w = stream.wrap(w + 1)) {
    stream.memory.u8[w] = (from + i) & 0xff;
  }
  stream.produce(count);
}

function read(stream: AudioStream, count: number): number[] {
  const bytes: number[] = [];
  for (let i = 0, r = stream.readPtr; i < count; i++, r = stream.wrap(r + 1)) {
    bytes.push(stream.memory.u8[r] as number);
  }
  stream.consume(count);
  return bytes;
}

const counting = (from: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => (from + i) & 0xff);

/** Sizes that make words, bytes and wraps at odd places. */
const sizes = fc.record({
  stream: fc.integer({ min: 1, max: 40 }),
  ring: fc.integer({ min: 1, max: 40 }),
});
const steps = fc.array(
  fc.record({
    give: fc.nat(50),
    take: fc.nat(50),
    /** Ticks that come while the thread runs. */
    ticksInRun: fc.nat(3),
  }),
  { maxLength: 40 },
);

describe("BlockRing", () => {
  it("brings every byte from the tick to the thread, once and in order", () => {
    fc.assert(
      fc.property(sizes, steps, (size, plan) => {
        const { stream, ring } = pair(size.stream, size.ring);
        let written = 0;
        const got: number[] = [];
        for (const { give, take, ticksInRun } of plan) {
          const count = Math.min(give, stream.free);
          write(stream, written, count);
          written += count;
          ring.pushFrom(stream);
          ring.acquireInput();
          const before = ring.view.available;
          // The tick goes on during the run: the view does not move, and what it shows does not change.
          const { readPtr } = ring.view;
          const bytes = read(ring.view, Math.min(take, before));
          for (let i = 0; i < ticksInRun; i++) {
            const more = Math.min(5, stream.free);
            write(stream, written, more);
            written += more;
            ring.pushFrom(stream);
            for (const [j, byte] of bytes.entries()) {
              const at = ring.start + ((readPtr - ring.start + j) % ring.size);
              expect(ring.memory.u8[at]).toBe(byte);
            }
          }
          ring.releaseInput();
          got.push(...bytes);
          expect(ring.used + ring.free).toBe(ring.size);
        }
        expect(got).toEqual(counting(0, got.length));
        expect(got.length + ring.used + stream.available).toBe(written);
      }),
    );
  });

  it("brings every byte from the thread to the tick, and shows it only after the run", () => {
    fc.assert(
      fc.property(sizes, steps, (size, plan) => {
        const { stream, ring } = pair(size.stream, size.ring);
        let written = 0;
        const got: number[] = [];
        for (const { give, take, ticksInRun } of plan) {
          ring.acquireOutput();
          const count = Math.min(give, ring.view.free);
          const { used } = ring;
          write(ring.view, written, count);
          expect(ring.used).toBe(used);
          for (let i = 0; i < ticksInRun; i++) {
            ring.pullInto(stream);
            got.push(...read(stream, Math.min(stream.available, 3)));
          }
          expect(ring.used).toBeLessThanOrEqual(used);
          ring.releaseOutput();
          written += count;
          ring.pullInto(stream);
          got.push(...read(stream, Math.min(stream.available, take)));
        }
        expect(got).toEqual(counting(0, got.length));
        expect(got.length + ring.used + stream.available).toBe(written);
      }),
    );
  });

  it("drops what nobody takes, and the thread sees the room", () => {
    const { stream, ring } = pair(8, 8);
    ring.acquireOutput();
    write(ring.view, 0, 8);
    ring.releaseOutput();
    expect(ring.free).toBe(0);
    ring.discard();
    ring.acquireOutput();
    expect(ring.view.free).toBe(8);
    write(ring.view, 100, 4);
    ring.releaseOutput();
    ring.pullInto(stream);
    expect(read(stream, 4)).toEqual([100, 101, 102, 103]);
  });

  it("is empty for both sides after a reset", () => {
    const { stream, ring } = pair(8, 8);
    write(stream, 0, 6);
    ring.pushFrom(stream);
    ring.acquireInput();
    ring.reset();
    expect([ring.used, ring.free, ring.view.available]).toEqual([0, 8, 0]);
    write(stream, 50, 5);
    ring.pushFrom(stream);
    ring.acquireInput();
    expect(read(ring.view, 5)).toEqual([50, 51, 52, 53, 54]);
  });

  it("fails an assertion on a module that works on the wrong side", () => {
    const { ring } = pair(8, 8);
    ring.acquireInput();
    ring.view.produce(2);
    expect(() => ring.releaseInput()).toThrow("produced into its source");
  });
});
