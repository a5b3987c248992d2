import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Bench, format, payload, words } from "../../test/kit.js";
import { crc, decodeSamples, encodeSamples, noise, quantize } from "../../test/signals.js";
import { levelMultiplierDriver } from "./driver.js";

function bench(name: "s16" | "s24" | "s32", gain?: number) {
  const stream = format(name);
  const made = new Bench(levelMultiplierDriver, payload(stream), stream);
  expect(made.prepare()).toBe(0);
  if (gain !== undefined) expect(made.configure(0, words(gain))).toBe(0);
  return made;
}

describe("level multiplier", () => {
  it("scales by 1.5 exactly", () => {
    for (const [fmt, sum] of [
      ["s16", "d961d245"],
      ["s24", "208e9b10"],
      ["s32", "29eaf90f"],
    ] as const) {
      const out = bench(fmt, 0x00c00000).run(encodeSamples(quantize(noise(960), fmt), fmt));
      expect(`${fmt} ${crc(out)}`).toBe(`${fmt} ${sum}`);
      if (fmt === "s32")
        expect([...decodeSamples(out, fmt).subarray(0, 2)]).toEqual([1523353122, 2147483647]);
    }
  });

  it("saturates 24 bits in 32 at 24 bits", () => {
    const out = bench("s24", 0x01000000).run(encodeSamples([0x7fffff, -0x800000], "s24"));
    expect([...decodeSamples(out, "s24")]).toEqual([0x7fffff, -0x800000]);
  });

  it("is the rounded and saturated product for every gain", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
        fc.array(fc.integer(), { minLength: 2, maxLength: 14 }),
        (gain, values) => {
          const input = values.slice(0, values.length & ~1);
          const out = decodeSamples(bench("s32", gain).run(encodeSamples(input, "s32")), "s32");
          const expected = input.map((x) => {
            const y = (((BigInt(x) * BigInt(gain)) >> 22n) + 1n) >> 1n;
            return Number(y > 0x7fffffffn ? 0x7fffffffn : y < -0x80000000n ? -0x80000000n : y);
          });
          expect([...out]).toEqual(expected);
        },
      ),
    );
  });

  it("copies at 0 dB and returns to it by reset", () => {
    const made = bench("s32", 1);
    const input = encodeSamples([0x7fffffff, -0x80000000], "s32");
    expect([...decodeSamples(made.run(input), "s32")]).toEqual([256, -256]);
    made.module.reset();
    made.prepare();
    expect(made.run(input)).toEqual(input);
  });

  it("refuses controls and any size but 4 bytes", () => {
    const made = bench("s32");
    expect(made.configure(200, words(1))).toBe(-22);
    expect(made.configure(201, words(1))).toBe(-22);
    expect(made.configure(0, words(1, 2))).toBe(-22);
    expect(made.configure(0, new Uint8Array(3))).toBe(-22);
  });
});
