import { describe, expect, it } from "vitest";
import { otherPaths, paths } from "./whole-runs/paths.js";
import { recordPath } from "./whole-runs/record-path.js";

/** Power of the difference relative to the signal, dB. */
function differenceDb(found: Float64Array, wanted: Float64Array): number {
  let difference = 0;
  let power = 0;
  for (let i = 0; i < wanted.length; i++) {
    difference += ((found[i] as number) - (wanted[i] as number)) ** 2;
    power += (wanted[i] as number) ** 2;
  }
  return 10 * Math.log10(difference / power);
}

/**
 * A module that took 24-bit samples for 32-bit ones would hear them 48 dB lower: compressors would let pass what they
 * have to hold, and the difference would be as large as the signal.
 */
describe("paths through the whole firmware", () => {
  it.each([...paths, ...otherPaths])("$name sounds the same with 16, 24 and 32 bits", (path) => {
    const wide = recordPath(path, "S32_LE");
    expect(wide.length).toBeGreaterThan(4000);
    const loudest = wide.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(loudest).toBeGreaterThan(0.01);
    for (const [samples, limitDb] of [
      ["S24_LE", -100],
      ["S16_LE", -55],
    ] as const) {
      const narrow = recordPath(path, samples);
      expect(narrow.length).toBe(wide.length);
      expect(differenceDb(narrow, wide)).toBeLessThan(limitDb);
    }
  });
});
