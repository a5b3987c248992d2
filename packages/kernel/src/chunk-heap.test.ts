import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SysHeap } from "./index.js";

const request = fc.record({
  bytes: fc.integer({ min: 1, max: 700 }),
  align: fc.constantFrom(0, 4, 8, 16, 32, 128, 4096),
  release: fc.nat(40),
});

describe("heap of aligned chunks", () => {
  // Above 32767 units of 8 bytes headers are larger, and a chunk of one unit cannot be handed out.
  it.each([
    ["small", 0x2000],
    ["big", 0x10_0000],
  ])("stays whole through any mix of allocations in a %s heap", (_name, size) => {
    fc.assert(
      fc.property(fc.array(request, { maxLength: 60 }), (requests) => {
        const heap = new SysHeap({ base: 0x2_0000, size });
        const live: { address: number; bytes: number }[] = [];
        for (const { bytes, align, release } of requests) {
          const address = heap.alignedAlloc(align, bytes);
          if (address !== 0) {
            if (align > 0) expect(address % align).toBe(0);
            for (const other of live) {
              const apart =
                address + bytes <= other.address || other.address + other.bytes <= address;
              expect(apart, "two allocations overlap").toBe(true);
            }
            live.push({ address, bytes });
          }
          const victim = live[release];
          if (victim !== undefined) {
            heap.free(victim.address);
            live.splice(release, 1);
          }
          expect(heap.validate()).toBe(true);
        }
        for (const { address } of live) heap.free(address);
        expect(heap.validate()).toBe(true);
        expect(heap.stats().allocatedBytes).toBe(0);
        expect(heap.alignedAlloc(0, size - 0x400)).not.toBe(0);
      }),
    );
  });
});
