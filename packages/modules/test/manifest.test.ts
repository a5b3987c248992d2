import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { Subject } from "@sof-ts/module-conformance";
import { describe, expect, it } from "vitest";
import { generatedCosts } from "../scripts/measure-costs.js";
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

  it("state what a period of stereo costs, by the bytes of its buffers", () => {
    const ownFormats: Record<string, readonly [ibs: number, obs: number]> = {
      KPB: [128, 128],
      MUX: [384, 768],
      RTC_AEC: [3840, 3840],
      IGO_NR: [3840, 3840],
    };
    for (const { manifest } of builtinModules) {
      const { name, configs } = manifest;
      const [ibs, obs] = ownFormats[name] ?? [384, 384];
      const stated = configs.filter((config) => config.ibs === ibs && config.obs === obs);
      expect([name, stated.length]).toEqual([name, 1]);
      expect(configs.every(({ cpc }) => cpc >= 1500)).toBe(true);
    }
  });

  it("state the costs that are measured now", () => {
    const file = new URL("../src/generated/costs.ts", import.meta.url);
    expect(
      generatedCosts() === readFileSync(file, "utf8")
        ? "current"
        : "run `pnpm costs` in packages/modules",
    ).toBe("current");
  });

  /** Names of the drivers without a subject of which `holds` is true. */
  const without = (holds: (subject: Subject) => boolean): string[] => {
    const tested = [...subjects, ...processingSubjects].filter(holds);
    const uuids = new Set(tested.map(({ driver }) => driver.manifest.uuid));
    return builtinModules
      .filter(({ manifest }) => !uuids.has(manifest.uuid))
      .map(({ manifest }) => manifest.name)
      .sort();
  };

  it("all go through the conformance suite", () => {
    // The suite runs mixin and mixout as one.
    expect(without(() => true)).toEqual(["MIXOUT"]);
  });

  it("all refuse wrong configurations there", () => {
    expect(without(({ refused = [] }) => refused.length > 0)).toEqual(["MIXOUT"]);
  });

  it("all change their configuration there while they stream, where one can be heard", () => {
    const withoutConfiguration = ["ASRC", "SRC", "SRC_LITE", "TONE", "UPDWMIX"];
    const alikeToTheEar = ["DEMUX", "DTS", "KPB", "MIXOUT", "MUX", "RTC_AEC", "RTNR", "SMATEST"];
    expect(without(({ change }) => change !== undefined)).toEqual(
      [...withoutConfiguration, ...alikeToTheEar].sort(),
    );
  });

  it("all have a picture of what they do in their README", () => {
    for (const folder of readdirSync(new URL("../src", import.meta.url))) {
      const readme = new URL(`../src/${folder}/README.md`, import.meta.url);
      if (!existsSync(new URL(`../src/${folder}/driver.ts`, import.meta.url))) continue;
      const text = readFileSync(readme, "utf8");
      expect([folder, text.includes("](transfer.svg)")]).toEqual([folder, true]);
      expect([folder, /[Tt]ransfer behaviour/.test(text)]).toEqual([folder, true]);
    }
  });
});
