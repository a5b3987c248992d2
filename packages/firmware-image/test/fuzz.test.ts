import { Random } from "@sof-ts/kit";
import { describe, expect, it } from "vitest";
import { ImageError, ImageMutator, readImage, writeLibrary } from "@sof-ts/firmware-image";
import { handMadeLlext, handMadeOpenModules } from "./hand-made.js";
import { wasmModule } from "./wasm.js";

const MUTANTS = Number(process.env["SOF_TS_FUZZ_IMAGES"] ?? 2000);
const TIMEOUT_MS = 60_000 + 5 * MUTANTS;

const own = writeLibrary({
  name: "FUZZED",
  version: { major: 1, minor: 0, hotfix: 0, build: 0 },
  units: [
    {
      modules: [{ name: "A", uuid: "11111111-2222-3333-4444-555555555555", maxInstances: 1 }],
      text: wasmModule(),
      exports: ["one", "two"],
      data: new Uint8Array(40),
      bssBytes: 400,
      cold: new Uint8Array(16),
    },
    {
      modules: [
        { name: "B", uuid: "21111111-2222-3333-4444-555555555555", maxInstances: 1 },
        { name: "C", uuid: "31111111-2222-3333-4444-555555555555", maxInstances: 1 },
      ],
      text: wasmModule(),
    },
  ],
});

/** What became of the mutants of one image: how many were read, and how many each check refused. */
function fuzz(original: Uint8Array, seed: number): ReadonlyMap<string, number> {
  const mutator = new ImageMutator(original);
  const random = new Random(seed);
  const outcomes = new Map<string, number>();
  for (let i = 0; i < MUTANTS / 3; i++) {
    const { bytes, changes } = mutator.next(random);
    let outcome = "read";
    try {
      readImage(bytes, "mutant");
    } catch (error) {
      if (!(error instanceof ImageError)) {
        throw new Error(`seed ${seed}, mutant ${i}: ${changes.join("; ")}`, { cause: error });
      }
      outcome = error.check;
    }
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  return outcomes;
}

describe("hostile images", () => {
  it.each([
    ["drc.llext", handMadeLlext(), 1],
    ["sof-ptl-openmodules.ri", handMadeOpenModules(), 2],
    ["a library of our own", own, 3],
  ])(
    "shaped as %s are read or refused with a reason",
    (_name, original, seed) => {
      const outcomes = fuzz(original, seed);
      // The mutants get everywhere: many checks see one, and some images are still good.
      expect(outcomes.size).toBeGreaterThan(20);
      expect(outcomes.get("read")).toBeGreaterThan(0);
      expect(fuzz(original, seed)).toEqual(outcomes);
    },
    TIMEOUT_MS,
  );

  it("can be signed again, and reach what is behind the signature", () => {
    const mutator = new ImageMutator(own, {
      key: { name: "none", modulus: new Uint8Array(384).fill(1), exponent: 3 },
      sha384: () => new Uint8Array(48).fill(2),
      sign: () => new Uint8Array(384).fill(3),
    });
    const random = new Random(5);
    const signed = Array.from({ length: 200 }, () => mutator.next(random)).filter(({ changes }) =>
      changes.includes("signed again"),
    );
    expect(signed.length).toBeGreaterThan(50);
    const read = signed.flatMap(({ bytes }) => {
      try {
        return [readImage(bytes, "mutant")];
      } catch {
        return [];
      }
    });
    expect(read.length).toBeGreaterThan(10);
    expect(read.every(({ css }) => css.signature[0] === 3 && css.modulus[0] === 1)).toBe(true);
  });
});
