import { describe, expect, it } from "vitest";
import { builtinManifest, builtinModules } from "../src/index.js";
import { subjects } from "./conformance-subjects.js";
import { processingSubjects } from "./processing-subjects.js";

describe("built-in modules", () => {
  it("have the ids that real images give to the first of them", () => {
    const names = Object.fromEntries(
      builtinManifest.map(({ id, driver }) => [id, driver.manifest.name]),
    );
    expect(names).toMatchObject({ 2: "MIXIN", 3: "MIXOUT", 4: "COPIER", 5: "PEAKVOL", 6: "GAIN" });
    expect(new Set(builtinManifest.map(({ id }) => id)).size).toBe(builtinManifest.length);
    expect(builtinManifest.map(({ driver }) => driver)).toEqual(builtinModules);
  });

  it("have UUIDs of their own, names that fit an image, and instances", () => {
    expect(new Set(builtinModules.map(({ manifest }) => manifest.uuid)).size).toBe(
      builtinModules.length,
    );
    for (const { manifest } of builtinModules) {
      expect(manifest.uuid).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      expect(manifest.name).toMatch(/^[A-Z0-9_]{1,8}$/);
      expect(manifest.maxInstances).toBeGreaterThan(0);
    }
  });

  it("all go through the conformance suite", () => {
    const tested = new Set(
      [...subjects, ...processingSubjects].map(({ driver }) => driver.manifest.uuid),
    );
    const untested = builtinModules.filter(({ manifest }) => !tested.has(manifest.uuid));
    // The suite runs mixin and mixout as one; the detector has no sink to compare.
    expect(untested.map(({ manifest }) => manifest.name).sort()).toEqual(["KDTEST", "MIXOUT"]);
  });
});
