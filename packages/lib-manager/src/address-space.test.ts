import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AddressSpace } from "./address-space.js";

describe("AddressSpace", () => {
  it("gives a range its own place, or the first that is free", () => {
    const space = new AddressSpace(0x1000, 0x8000);
    expect(space.reserve(0x3000, 0x1000)).toBe(true);
    expect(space.reserve(0x3800, 0x1000)).toBe(false);
    expect(space.allocate(0x2000)).toBe(0x1000);
    expect(space.allocate(0x2000)).toBe(0x4000);
    expect(space.takenBytes).toBe(0x5000);
    space.release(0x1000);
    expect(space.allocate(0x1000)).toBe(0x1000);
    expect(space.allocate(0x4000)).toBe(0);
  });

  it("keeps to its bounds", () => {
    const space = new AddressSpace(0x1000, 0x1000);
    expect(space.reserve(0, 0x1000)).toBe(false);
    expect(space.reserve(0x1800, 0x1000)).toBe(false);
    expect(space.reserve(0x1000, 0)).toBe(false);
    expect(space.allocate(0x1001)).toBe(0);
  });

  it("never gives a byte twice, and gives all back", () => {
    const step = fc.record({
      size: fc.integer({ min: 1, max: 40 }),
      at: fc.nat(120),
      kind: fc.constantFrom("reserve", "allocate", "release"),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const space = new AddressSpace(16, 100);
        const taken = new Map<number, number>();
        for (const { kind, at, size } of steps) {
          if (kind === "release") {
            const first = [...taken.keys()][at % Math.max(taken.size, 1)];
            if (first === undefined) continue;
            space.release(first);
            taken.delete(first);
            continue;
          }
          const address = kind === "allocate" ? space.allocate(size) : at;
          const free = [...taken].every(
            ([start, length]) => address + size <= start || start + length <= address,
          );
          const inside = address >= 16 && address + size <= 116;
          if (kind === "allocate") {
            if (address === 0) continue;
            expect(free && inside).toBe(true);
          } else {
            expect(space.reserve(address, size)).toBe(free && inside);
            if (!free || !inside) continue;
          }
          taken.set(address, size);
        }
        expect(space.takenBytes).toBe([...taken.values()].reduce((a, b) => a + b, 0));
      }),
      { seed: 3 },
    );
  });
});
