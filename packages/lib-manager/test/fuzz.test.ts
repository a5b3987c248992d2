import { describe, expect, it } from "vitest";
import { fuzzLibraries } from "./fuzz.js";

/** More of them in continuous integration. */
const COUNT = Number(process.env["SOF_TS_FUZZ_LIBRARIES"] ?? 2000);
/** A library takes a millisecond or two. */
const TIMEOUT_MS = 60_000 + 20 * COUNT;
const SEED = Number(process.env["SOF_TS_FUZZ_SEED"] ?? 1);

describe("hostile libraries", () => {
  it(
    "are loaded or refused, used or not, and leave nothing",
    () => {
      const { loaded, refused, instances, reasons } = fuzzLibraries({ count: COUNT, seed: SEED });
      expect(loaded + refused).toBe(COUNT);
      // The mutants reach everything: many are loaded and used, the others refused for many reasons.
      expect(loaded).toBeGreaterThan(COUNT / 10);
      expect(instances).toBeGreaterThan(COUNT / 10);
      expect(reasons.size).toBeGreaterThan(25);
      expect([...reasons.keys()].some((reason) => reason.startsWith("no instance"))).toBe(true);
    },
    TIMEOUT_MS,
  );

  it("meet the same fate again for the same seed", () => {
    const options = { count: 60, seed: 9 };
    expect(fuzzLibraries(options)).toEqual(fuzzLibraries(options));
  });
});
