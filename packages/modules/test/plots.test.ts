import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { plots } from "../scripts/plots.js";

describe("plots of the modules' READMEs", () => {
  it.each(plots)("show what $folder does now", ({ folder, make }) => {
    const file = new URL(`../src/${folder}/transfer.svg`, import.meta.url);
    expect(
      make() === readFileSync(file, "utf8") ? "current" : "run `pnpm draw` in packages/modules",
    ).toBe("current");
  });
});
