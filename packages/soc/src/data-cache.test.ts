import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CacheObserver, CoreMemory } from "./index.js";
import { machine } from "../test/harness.js";

const CACHED = 0xa010_0000;
const UNCACHED = 0x4010_0000;

function twoCores() {
  const reports: string[] = [];
  const observer: CacheObserver = {
    staleRead: (core, address) =>
      reports.push(`stale read of core ${core} at ${address.toString(16)}`),
    clobber: (core, address) => reports.push(`clobber by core ${core} at ${address.toString(16)}`),
    discard: (core, line, count) =>
      reports.push(`discard by core ${core} of ${count} at ${line.toString(16)}`),
  };
  const box = machine("ptl");
  const memory = new CoreMemory(box.soc, observer);
  return { ...box, memory, reports };
}

describe("non-coherent caches", () => {
  it("return stale bytes until the writer writes back and the reader invalidates", () => {
    const { memory, reports } = twoCores();
    expect(memory.load(1, CACHED, 4)).toBe(0);
    memory.store(0, CACHED, 4, 0x1122_3344);
    expect(memory.load(0, CACHED, 4)).toBe(0x1122_3344);
    expect(memory.load(1, UNCACHED, 4)).toBe(0);
    memory.cache(0).writeBack(CACHED, 4);
    expect(memory.load(1, UNCACHED, 4)).toBe(0x1122_3344);
    expect(reports).toEqual([]);
    expect(memory.load(1, CACHED, 1)).toBe(0);
    expect(reports).toEqual(["stale read of core 1 at a0100000"]);
    expect(memory.cache(1).isStale(CACHED)).toBe(true);
    memory.cache(1).invalidate(CACHED, 4);
    expect(memory.load(1, CACHED, 4)).toBe(0x1122_3344);
    expect(reports.length).toBe(1);
  });

  it("lose a neighbour's data when a line is shared", () => {
    const { memory, reports } = twoCores();
    memory.store(0, CACHED, 4, 1);
    memory.store(1, CACHED + 4, 4, 2);
    memory.cache(1).writeBack(CACHED + 4, 4);
    expect(memory.load(1, UNCACHED + 4, 4)).toBe(2);
    memory.cache(0).writeBack(CACHED, 4);
    expect([memory.load(1, UNCACHED, 4), memory.load(1, UNCACHED + 4, 4)]).toEqual([1, 0]);
    expect(reports).toEqual(["clobber by core 0 at a0100004"]);
  });

  it("overwrite a block's new owner when the old one freed it without invalidating", () => {
    const { memory, reports } = twoCores();
    memory.store(0, CACHED, 4, 0xaaaa_aaaa);
    memory.store(1, UNCACHED + 8, 1, 0x55);
    // Core 0 goes on elsewhere; three more lines of the set push the forgotten one out.
    for (let way = 1; way <= 3; way++) memory.load(0, CACHED + way * 64 * 256, 4);
    expect(memory.cache(0).lineState(CACHED)).toBe("absent");
    expect([memory.load(1, UNCACHED, 4), memory.load(1, UNCACHED + 8, 1)]).toEqual([
      0xaaaa_aaaa, 0,
    ]);
    expect(reports).toEqual(["clobber by core 0 at a0100008"]);
  });

  it("keep the line used last", () => {
    const { memory } = twoCores();
    const at = (way: number) => CACHED + way * 64 * 256;
    for (const way of [0, 1, 2, 0, 3]) memory.load(0, at(way), 4);
    expect([0, 1, 2, 3].map((way) => memory.cache(0).lineState(at(way)))).toEqual([
      "clean",
      "absent",
      "clean",
      "clean",
    ]);
  });

  it("throw written bytes away on invalidation, and say so", () => {
    const { memory, reports } = twoCores();
    memory.store(0, CACHED + 2, 2, 0x1234);
    memory.cache(0).invalidate(CACHED + 63, 2);
    expect(memory.load(0, CACHED + 2, 2)).toBe(0);
    expect(reports).toEqual(["discard by core 0 of 2 at a0100000"]);
  });

  it("forget everything with the power", () => {
    const { memory, soc, pass, reports } = twoCores();
    soc.cores[2]?.powerUp(() => {});
    pass(50_000);
    memory.store(2, CACHED, 4, 7);
    soc.cores[2]?.powerDown();
    soc.cores[2]?.powerUp(() => {});
    expect([memory.load(2, CACHED, 4), reports]).toEqual([0, []]);
  });

  it("show a core alone exactly what it wrote, whatever is evicted", () => {
    const step = fc.record({
      address: fc.nat(4000).map((line) => CACHED + line * 16),
      size: fc.constantFrom(1, 2, 4) as fc.Arbitrary<1 | 2 | 4>,
      value: fc.nat(0xffff_ffff),
      act: fc.constantFrom("load", "store", "writeBack", "writeBackInvalidate", "all"),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const { memory, reports } = twoCores();
        const model = new Map<number, number>();
        for (const { address, size, value, act } of steps) {
          const cache = memory.cache(0);
          if (act === "store") {
            memory.store(0, address, size, value);
            for (let i = 0; i < size; i++) model.set(address + i, (value >>> (8 * i)) & 0xff);
          } else if (act === "writeBack") cache.writeBack(address, size);
          else if (act === "writeBackInvalidate") cache.writeBackInvalidate(address, size);
          else if (act === "all") cache.writeBackAll();
          let expected = 0;
          for (let i = size - 1; i >= 0; i--)
            expected = expected * 256 + (model.get(address + i) ?? 0);
          expect(memory.load(0, address, size)).toBe(expected);
        }
        memory.cache(0).writeBackAll();
        for (const [address, value] of model)
          expect(memory.load(3, address - CACHED + UNCACHED, 1)).toBe(value);
        expect(reports).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });

  it("agree between cores that hand data over by write-back and invalidate", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ from: fc.nat(4), to: fc.nat(4), value: fc.nat(255) }), {
          maxLength: 60,
        }),
        (hands) => {
          const { memory, reports } = twoCores();
          for (const { from, to, value } of hands) {
            memory.cache(from).invalidate(CACHED, 128);
            memory.store(from, CACHED + 60, 4, value);
            memory.cache(from).writeBackInvalidate(CACHED, 128);
            memory.cache(to).invalidate(CACHED, 128);
            expect(memory.load(to, CACHED + 60, 4)).toBe(value);
          }
          expect(reports).toEqual([]);
        },
      ),
      { numRuns: 50 },
    );
  });
});
