import { readFileSync } from "node:fs";
import { srcConversion, srcFilter } from "@sof-ts/dsp";
import { describe, expect, it } from "vitest";
import { conversions, inputRates } from "./conversions.js";
import { besselI0, prototype, quantise } from "./design.js";
import { generatedModule } from "./encode.js";
import { filterSpecs } from "./filters.js";
import { residual, thd } from "./quality.js";
import { responseOf } from "./response.js";

const spec = (name: string) => {
  const found = filterSpecs.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no filter ${name}`);
  return found;
};
const conversion = (from: number, to: number) => {
  const found = conversions.find((each) => each.from === from && each.to === to);
  if (found === undefined) throw new Error(`no conversion ${from} to ${to}`);
  return found;
};

describe("coefficient tables", () => {
  it("are committed as this program makes them", () => {
    const path = new URL(
      "../../../packages/dsp/src/generated/src-coefficients.ts",
      import.meta.url,
    );
    expect(readFileSync(path, "utf8") === generatedModule(), "run the generate script").toBe(true);
  });

  it("decode to the words that were designed", () => {
    for (const name of ["1_2_4535", "20_21_4535", "64_21_2381"]) {
      const { interpolation, subFilterLength } = spec(name);
      const words = quantise(spec(name));
      const decoded = srcFilter(name).words;
      for (let tap = 0; tap < words.length; tap++) {
        const phase = tap % interpolation;
        const at = phase * subFilterLength + Math.floor(tap / interpolation);
        expect(decoded[at]).toBe(words[tap]);
      }
    }
  });

  it("have the two words that differ from the design", () => {
    const words = quantise(spec("20_21_4535"));
    expect([words[737], words[1342]]).toEqual([-98029, -98029]);
  });

  it("name a filter for every stage of every pair of rates, and reach the rate", () => {
    expect(conversions.length).toBe(164);
    for (const { from, to, stages } of conversions) {
      expect(srcConversion(from, to)).toEqual(stages);
      const ratio = stages.reduce((product, name) => {
        const { interpolation, decimation } = spec(name);
        return (product * interpolation) / decimation;
      }, 1);
      expect(Math.abs(from * ratio - to)).toBeLessThan(1e-6);
    }
    expect(inputRates.length).toBe(16);
  });
});

describe("filter design", () => {
  it("knows the Bessel function", () => {
    expect(besselI0(0)).toBe(1);
    expect(besselI0(1)).toBeCloseTo(1.2660658777520084, 14);
    expect(besselI0(8)).toBeCloseTo(427.5641157218048, 10);
  });

  it("makes symmetric prototypes whose sub-filters pass a constant unchanged", () => {
    for (const each of filterSpecs) {
      const taps = prototype(each);
      const sum = taps.reduce((total, tap) => total + tap, 0);
      expect(sum).toBeCloseTo(each.interpolation * 2 ** each.shift, 9);
      const words = quantise(each);
      expect([...words].toReversed()).toEqual([...words]);
    }
  });

  it("keeps the pass band within 0.02 dB and stops 60 dB from half of the lower rate on", () => {
    for (const name of ["1_2_4535", "3_1_4535", "8_7_4535", "20_21_4167", "2_1_2721"]) {
      const { ripple, attenuation } = responseOf(spec(name));
      expect(ripple).toBeLessThan(0.02);
      expect(attenuation).toBeGreaterThan(60);
    }
  });
});

describe("quality of conversions", () => {
  it("measures a tone with a known disturbance", () => {
    const tone = (i: number) => Math.sin(2 * Math.PI * 0.0123 * i);
    const other = (i: number) => 1e-3 * Math.sin(2 * Math.PI * 0.2071 * i);
    const samples = Float64Array.from(
      { length: 20000 },
      (_, i) => 2 ** 30 * (tone(i) + other(i) + 0.25),
    );
    expect(residual(samples, 0.0123)).toBeCloseTo(-60, 1);
  });

  it.each([
    [44100, 48000, -92],
    [48000, 44100, -92],
    [16000, 48000, -92],
    [96000, 48000, -150],
    [11025, 96000, -92],
  ])("of %i to %i Hz: THD+N below %i dB", (from, to, limit) => {
    expect(thd(conversion(from, to), 997)).toBeLessThan(limit);
  });
});
