import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repoRoot } from "@sof-ts/workspace";
import { describe, expect, it } from "vitest";
import { readWav } from "../../../apps/testbench/src/wav/index.js";
import { generators } from "./generators.js";

describe("generated files", () => {
  it.each(generators)(
    "$path is what its generator makes (pnpm generate $name)",
    ({ path, make }) => {
      const committed = readFileSync(join(repoRoot, path));
      expect(committed.equals(make())).toBe(true);
    },
  );
});

describe("the demo's music", () => {
  const bytes = generators.find(({ name }) => name === "demo-wav")?.make() ?? new Uint8Array();
  const wav = readWav(bytes, "demo.wav");
  const samples = new Int16Array(wav.data.slice().buffer);

  it("is two seconds of 48 kHz stereo in 16 bits, small enough to commit", () => {
    expect(wav).toMatchObject({
      rate: 48000,
      channels: 2,
      containerBits: 16,
      sampleType: "int",
      frames: 96_000,
    });
    expect(bytes.length).toBeLessThan(400_000);
  });

  it("is loud, does not clip, differs between the channels and ends in silence", () => {
    const peak = Math.max(
      ...[0, 1, 2, 3].map((quarter) =>
        peakOf(samples.subarray(quarter * 48_000, (quarter + 1) * 48_000)),
      ),
    );
    expect(peak).toBeGreaterThan(8_000);
    expect(peak).toBeLessThan(32_767);
    const different = samples.filter((value, i) => i % 2 === 0 && value !== samples[i + 1]).length;
    expect(different).toBeGreaterThan(90_000);
    expect([...samples.subarray(-2)]).toEqual([0, 0]);
  });
});

function peakOf(samples: Int16Array): number {
  return samples.reduce((peak, value) => Math.max(peak, Math.abs(value)), 0);
}
