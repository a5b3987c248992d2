import { readFileSync } from "node:fs";
import { asrcFilter } from "@sof-ts/dsp";
import { describe, expect, it } from "vitest";
import { idealResponse, quantisePolynomials } from "./asrc-design.js";
import { generatedAsrcModule } from "./asrc-encode.js";
import { asrcFilterSpecs } from "./asrc-filters.js";
import { impulseQuality, ownImpulse, thdAsrc } from "./asrc-quality.js";

describe("interpolation polynomials", () => {
  it("are committed as this program makes them", () => {
    const path = new URL(
      "../../../packages/dsp/src/generated/asrc-coefficients.ts",
      import.meta.url,
    );
    expect(readFileSync(path, "utf8") === generatedAsrcModule(), "run generate").toBe(true);
  });

  it("decode to the words that were designed, each pair of rates to its own", () => {
    for (const spec of asrcFilterSpecs) {
      const from = spec.from === 0 ? 32000 : spec.from;
      const filter = asrcFilter(from, spec.to === 0 ? 48000 : spec.to);
      const words = quantisePolynomials(spec).toReversed();
      expect(filter?.taps).toBe(spec.taps);
      expect([...(filter?.words ?? [])]).toEqual(words.flatMap((row) => [...row]));
    }
  });

  it("follow the response that they stand for to within 4e-5 of its peak, most to 1e-5", () => {
    for (const spec of asrcFilterSpecs) {
      const powers = quantisePolynomials(spec);
      const responseAt = idealResponse(spec);
      let worst = 0;
      for (const t of [0, 0.13, 0.37, 0.5, 0.71, 0.99]) {
        const ideal = responseAt(t);
        for (let tap = 0; tap < spec.taps; tap++) {
          const value = powers.reduceRight((sum, row) => sum * t + (row[tap] as number), 0);
          worst = Math.max(worst, Math.abs(value / 2 ** 30 - (ideal[tap] as number)));
        }
      }
      expect(worst).toBeLessThan(4e-5);
    }
  });

  it("pass a constant unchanged at every time: the constants sum to 1, all other powers to 0", () => {
    for (const spec of asrcFilterSpecs) {
      const sums = quantisePolynomials(spec).map((row) => row.reduce((sum, word) => sum + word, 0));
      expect(sums).toEqual(sums.map((_, power) => (power === 0 ? 2 ** 30 : 0)));
    }
  });
});

describe("quality of the asynchronous converter", () => {
  it.each([
    [48000, 48000, -120],
    [44100, 48000, -95],
    [16000, 48000, -90],
    [48000, 44100, -90],
    [48000, 16000, -75],
  ])("from %i to %i Hz: THD+N at 997 Hz below %i dB", (from, to, limit) => {
    expect(thdAsrc(from, to, 997)).toBeLessThan(limit);
  });

  it("keeps the pass band within 0.001 dB and stops images by 81.6 dB on the way up", () => {
    const { ripple, attenuation, images } = impulseQuality(ownImpulse(16000, 48000), 3);
    expect(ripple).toBeLessThan(0.001);
    expect(attenuation).toBeGreaterThan(81.6);
    expect(images).toBeLessThan(-90);
  });
});
