/* oxlint-disable vitest/no-standalone-expect -- row() registers the test */
import { Random } from "@sof-ts/kit";
import { describe, expect } from "vitest";
import { K_MSEC, K_NO_WAIT, KHeap, SysHeap } from "../../src/index.js";
import { row } from "./support/harness.js";

const BASE = 0x2_0000;

/** Random allocations and frees until `steps` are over; then everything is freed and must be there again. */
function stress(size: number, largest: number, steps: number, seed: number): void {
  const heap = new SysHeap({ base: BASE, size });
  const random = new Random(seed);
  const live: { address: number; bytes: number }[] = [];
  const whole = heap.stats().freeBytes;
  for (let i = 0; i < steps; i++) {
    if (random.below(3) > 0) {
      const bytes = random.between(1, largest);
      const address = heap.alloc(bytes);
      if (address !== 0) {
        expect(address).toBeGreaterThanOrEqual(BASE);
        expect(address + bytes).toBeLessThanOrEqual(BASE + size);
        for (const other of live) {
          expect(address >= other.address + other.bytes || other.address >= address + bytes).toBe(
            true,
          );
        }
        live.push({ address, bytes });
      }
    }
    if (live.length > 0 && random.below(2) === 0) {
      const [gone] = live.splice(random.below(live.length), 1);
      heap.free(gone?.address ?? 0);
    }
    if (i % 16 === 0) expect(heap.validate()).toBe(true);
  }
  for (const { address } of live) heap.free(address);
  expect(heap.validate()).toBe(true);
  expect(heap.stats().freeBytes).toBe(whole);
  expect(heap.alloc(whole - 8)).not.toBe(0);
}

describe("k_heap", () => {
  row("T241", "more than the heap has is refused after the time-out", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const heap = new KHeap(k, { base: BASE, size: 1024 });
      const before = m.ms;
      expect(yield* heap.alloc(2048, 0, K_MSEC(20))).toBe(0);
      expect(m.ms - before).toBeGreaterThanOrEqual(20);
    });
  });

  row("T242", "freed memory can be had again in full", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const heap = new KHeap(k, { base: BASE, size: 1024 });
      const first = yield* heap.alloc(900, 0, K_NO_WAIT);
      expect(first).not.toBe(0);
      expect(yield* heap.alloc(900, 0, K_NO_WAIT)).toBe(0);
      yield* heap.free(first);
      expect(yield* heap.alloc(900, 0, K_NO_WAIT)).toBe(first);
    });
  });

  row("T244", "a waiting thread gets memory after another frees some", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const heap = new KHeap(k, { base: BASE, size: 1024 });
      const block = yield* heap.alloc(900, 0, K_NO_WAIT);
      let got = -1;
      m.thread("waiter", -1, function* () {
        got = yield* heap.alloc(600, 0, K_MSEC(100));
      });
      yield* k.sleep(K_MSEC(10));
      expect(got).toBe(-1);
      yield* heap.free(block);
      yield* k.sleep(K_MSEC(1));
      expect(got).toBeGreaterThan(0);
    });
  });

  row(
    "T245",
    "a request that a free does not satisfy waits on until its time-out",
    ({ machine }) => {
      const m = machine();
      m.main(function* (k) {
        const heap = new KHeap(k, { base: BASE, size: 1024 });
        const first = yield* heap.alloc(400, 0, K_NO_WAIT);
        yield* heap.alloc(400, 0, K_NO_WAIT);
        let got = -1;
        let at = 0;
        m.thread("waiter", -1, function* () {
          got = yield* heap.alloc(800, 0, K_MSEC(50));
          at = m.ms;
        });
        yield* k.sleep(K_MSEC(10));
        yield* heap.free(first);
        yield* k.sleep(K_MSEC(10));
        expect(got).toBe(-1);
        yield* k.sleep(K_MSEC(50));
        expect(got).toBe(0);
        expect(at).toBeGreaterThanOrEqual(50);
        expect(at).toBeLessThan(52);
      });
    },
  );

  row("T247", "malloc to the end, overflowing sizes, cleared memory", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const memory = new Uint8Array(1024).fill(0xa5);
      const heap = new KHeap(k, { base: BASE, size: 1024, memory });
      const blocks: number[] = [];
      for (;;) {
        const block = yield* heap.alloc(64);
        if (block === 0) break;
        blocks.push(block);
      }
      expect(blocks.length).toBeGreaterThan(8);
      yield* heap.free(0);
      for (const block of blocks) yield* heap.free(block);
      expect(yield* heap.alloc(0xffff_ffff)).toBe(0);
      expect(yield* heap.alloc(0)).toBe(0);
      expect(heap.callocNow(0x1_0001, 0x1_0001)).toBe(0);
      expect(heap.callocNow(100, 100)).toBe(0);
      const cleared = heap.callocNow(16, 4);
      expect([...memory.subarray(cleared - BASE, cleared - BASE + 64)]).toEqual(
        Array.from({ length: 64 }, () => 0),
      );
    });
  });

  row("T248", "small aligned blocks are aligned and can be freed", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const heap = new KHeap(k, { base: BASE, size: 1024 });
      for (const align of [4, 16]) {
        const block = yield* heap.alloc(1, align);
        expect(block).not.toBe(0);
        expect(block % align).toBe(0);
        yield* heap.free(block);
      }
      expect(heap.stats().allocatedBytes).toBe(0);
    });
  });
});

describe("sys_heap", () => {
  row("T250", "random use keeps small, big and fragmented heaps whole", () => {
    stress(2048, 256, 1000, 1);
    stress(0x8_0000, 0x2000, 500, 2);
    stress(4096, 40, 1500, 3);
  });

  row("T251", "realloc grows in place if it can, else moves; shrinks in place", () => {
    const memory = new Uint8Array(2048);
    const heap = new SysHeap({ base: BASE, size: 2048, memory });
    const fill = (address: number, bytes: number, value: number): void => {
      memory.fill(value, address - BASE, address - BASE + bytes);
    };
    const holds = (address: number, bytes: number, value: number): boolean =>
      memory.subarray(address - BASE, address - BASE + bytes).every((byte) => byte === value);
    const first = heap.alloc(64);
    fill(first, 64, 1);
    expect(heap.realloc(first, 128)).toBe(first);
    expect(heap.validate()).toBe(true);
    const second = heap.alloc(64);
    fill(second, 64, 2);
    const moved = heap.realloc(first, 256);
    expect([first, 0]).not.toContain(moved);
    expect(holds(moved, 64, 1)).toBe(true);
    expect(holds(second, 64, 2)).toBe(true);
    expect(heap.realloc(moved, 32)).toBe(moved);
    expect(heap.usableSize(moved)).toBeLessThan(64);
    expect(heap.realloc(moved, 33)).toBe(moved);
    expect(heap.validate()).toBe(true);
    const aligned = heap.realloc(second, 200, 256);
    expect(aligned % 256).toBe(0);
    expect(holds(aligned, 64, 2)).toBe(true);
    expect(heap.realloc(aligned, 10_000)).toBe(0);
    expect(holds(aligned, 64, 2)).toBe(true);
    heap.free(aligned);
    heap.free(moved);
    expect(heap.validate()).toBe(true);
    expect(heap.stats().allocatedBytes).toBe(0);
  });

  row("T253", "aligned blocks of all alignments and heap starts lie apart and go back", () => {
    for (let start = 0; start < 32; start += 4) {
      const heap = new SysHeap({ base: BASE + start, size: 4096 });
      const whole = heap.stats().freeBytes;
      for (const align of [8, 16, 32, 64, 128, 256]) {
        const blocks: number[] = [];
        for (let i = 0; i < 6; i++) {
          const block = heap.alignedAlloc(align, 1 + 13 * i);
          expect(block).not.toBe(0);
          expect(block % align).toBe(0);
          for (const [j, other] of blocks.entries()) {
            expect(block >= other + 1 + 13 * j || other >= block + 1 + 13 * i).toBe(true);
          }
          blocks.push(block);
          expect(heap.validate()).toBe(true);
        }
        for (const block of blocks) heap.free(block);
        expect(heap.stats().freeBytes).toBe(whole);
      }
    }
  });
});
