import { readFileSync } from "node:fs";
import { srcConversion, srcFilter, srcLiteConversion } from "@sof-ts/dsp";
import { describe, expect, it } from "vitest";
import { conversions, inputRates, liteConversions } from "./conversions.js";
import { besselI0, prototype, quantise } from "./design.js";
import { equiripple } from "./equiripple.js";
import { generatedModule } from "./encode.js";
import { allFilterSpecs, liteFilterSpecs } from "./filters.js";
import { residual, thd } from "./quality.js";
import { responseOf } from "./response.js";

const spec = (name: string) => {
  const found = allFilterSpecs.find((each) => each.name === name);
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
    for (const name of ["1_2_4535", "20_21_4535", "64_21_2381", "lite_8_7_4535"]) {
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

  it("name a filter of its own for every stage of the small converter", () => {
    const used = new Set(liteConversions.flatMap(({ stages }) => stages));
    expect([...used].sort()).toEqual(liteFilterSpecs.map(({ name }) => name).sort());
    for (const { from, to, stages } of liteConversions) {
      expect(srcLiteConversion(from, to)).toEqual(stages);
      const rate = stages.reduce(
        (hz, name) => (hz * spec(name).interpolation) / spec(name).decimation,
        from,
      );
      expect(rate).toBeCloseTo(to, 6);
    }
    expect(srcLiteConversion(16000, 48000)).toBeNull();
    expect(liteFilterSpecs.reduce((sum, each) => sum + prototype(each).length, 0)).toBe(4952);
  });
});

describe("filter design", () => {
  it("knows the Bessel function", () => {
    expect(besselI0(0)).toBe(1);
    expect(besselI0(1)).toBeCloseTo(1.2660658777520084, 14);
    expect(besselI0(8)).toBeCloseTo(427.5641157218048, 10);
  });

  it("makes symmetric prototypes whose sub-filters pass a constant unchanged", () => {
    for (const each of allFilterSpecs) {
      const taps = prototype(each);
      const sum = taps.reduce((total, tap) => total + tap, 0);
      const gain = sum / (each.interpolation * 2 ** each.shift);
      expect(gain).toBeCloseTo(1, "beta" in each.shape ? 9 : 2);
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

describe("filters of least peaks", () => {
  it("keep the pass band within 0.04 dB and stop 83 dB, more than the longer windowed ones", () => {
    for (const each of liteFilterSpecs) {
      const { ripple, attenuation } = responseOf(each);
      expect([each.name, ripple < 0.04, attenuation > 83]).toEqual([each.name, true, true]);
      const full = responseOf(spec(each.name.replace("lite_", "")));
      expect(attenuation).toBeGreaterThan(full.attenuation);
    }
  });

  it.each(liteConversions)(
    "of the small converter, $from to $to Hz: THD+N below -92 dB",
    (each) => {
      expect(thd(each, 997)).toBeLessThan(-92);
    },
  );

  it("touch their peak in every lobe of both bands", () => {
    const [pass, stop, stopWeight] = [0.1, 0.2, 10];
    const taps = equiripple({ length: 24, pass, stop, stopWeight });
    const response = (frequency: number) =>
      taps.reduce((sum, tap, n) => sum + tap * Math.cos(2 * Math.PI * frequency * (n - 11.5)), 0);
    // Weighted errors, counted where they turn; the ends of the bands count as well.
    const peaks = (from: number, to: number, error: (frequency: number) => number) => {
      const errors = Array.from({ length: 4001 }, (_, i) => error(from + ((to - from) * i) / 4000));
      return errors
        .filter((value, i) => {
          const [before, after] = [errors[i - 1] ?? 0, errors[i + 1] ?? 0];
          return Math.abs(value) > Math.abs(before) && Math.abs(value) > Math.abs(after);
        })
        .map(Math.abs);
    };
    const found = [
      ...peaks(0, pass, (frequency) => response(frequency) - 1),
      ...peaks(stop, 0.5, (frequency) => (response(frequency) * stopWeight * frequency) / stop),
    ];
    // One for each of 12 cosines and the level itself.
    expect(found.length).toBe(13);
    // As level as the grid of the design is fine.
    for (const peak of found) expect(Math.abs(peak / (found[0] as number) - 1)).toBeLessThan(0.03);
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
