import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sat } from "../test/reference/exact.js";
import { DATA, get, half, kernelMemory, put, sx24, word } from "../test/memory.js";
import { createMixKernels } from "./index.js";

const memory = kernelMemory();
const mix = createMixKernels(memory);
const OUT = DATA + 0x1000;

const formats = [
  ["S16", mix.mixAddS16, mix.mixStoreS16, 2, 16, half, (x: number) => x],
  ["S24", mix.mixAddS24, mix.mixStoreS24, 4, 24, word, sx24],
  ["S32", mix.mixAddS32, mix.mixStoreS32, 4, 32, word, (x: number) => x],
] as const;

const gain = fc.oneof(
  fc.constantFrom(0, 1, 512, 777, 1023, 1024),
  fc.integer({ min: 0, max: 1024 }),
);

describe("mix kernels", () => {
  it.each(formats)(
    "add and store %s at any gain",
    (_name, add, store, bytes, bits, sample, read) => {
      fc.assert(
        fc.property(
          fc.array(fc.tuple(sample, sample), { maxLength: 21 }),
          gain,
          fc.nat(3),
          (pairs, factor, at) => {
            const source = pairs.map(([x]) => x);
            const mixed = pairs.map(([, y]) => y);
            const dst = OUT + at * bytes;
            const scaled = source.map((x) => (BigInt(read(x)) * BigInt(factor)) >> 10n);
            put(memory, DATA, source, bytes);
            put(memory, dst, mixed, bytes);
            add(DATA, dst, source.length, factor);
            const sums = mixed.map((y, i) =>
              Number(sat(BigInt(read(y)) + (scaled[i] as bigint), bits)),
            );
            expect(get(memory, dst, source.length, bytes)).toEqual(sums);
            store(DATA, dst, source.length, factor);
            expect(get(memory, dst, source.length, bytes)).toEqual(scaled.map(Number));
          },
        ),
        { numRuns: 100 },
      );
    },
  );

  it("truncates towards minus infinity", () => {
    put(memory, DATA, [-3, 3], 2);
    mix.mixStoreS16(DATA, OUT, 2, 777);
    expect(get(memory, OUT, 2, 2)).toEqual([-3, 2]);
  });
});
