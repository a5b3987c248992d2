import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { noise, words } from "@sof-ts/module-conformance";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  checkImage,
  compileUnit,
  failuresOf,
  findClang,
  type Project,
  packProject,
} from "../src/index.js";
import { builtWith, type BuiltWith, prebuiltExample } from "../scripts/prebuilt.js";
import { processed } from "./by-hand.js";
import { builtExample, removeScratch, signer } from "./example-projects.js";
import { kitFile } from "../src/kit-files.js";

let limiter: Project;
let widener: Project;

beforeAll(async () => {
  limiter = await builtExample("soft-limiter");
  widener = await builtExample("stereo-widener");
}, 60_000);
afterAll(removeScratch);

/** A stereo sine of 1 kHz, the right channel half as loud. */
function sine(frames: number, level: number): Int32Array {
  return Int32Array.from({ length: 2 * frames }, (_, i) => {
    const value = level * Math.sin((2 * Math.PI * (i >> 1)) / 48);
    return Math.round(i % 2 === 0 ? value : value / 2);
  });
}

const FULL_SCALE = 2 ** 31 - 1;
const peakOf = (samples: Int32Array): number => Math.max(...samples.map(Math.abs));

describe.each([
  ["soft limiter", () => limiter],
  ["stereo widener", () => widener],
])("the %s", (_name, project) => {
  it("passes the conformance suite with its manifest's settings", () => {
    const image = packProject(project(), signer());
    const settings = new Map(project().modules.map(({ uuid, check }) => [uuid, check]));
    const report = checkImage(image, "example", { trusted: [signer().key], settings });
    expect(failuresOf(report)).toEqual([]);
    expect(report.modules[0]?.cases).toBeGreaterThan(50);
    expect(report.modules[0]?.formats).toContain("s32, 2 ch");
  });
});

describe("the soft limiter", () => {
  it("lets through what is below its threshold", () => {
    const quiet = sine(4800, FULL_SCALE / 2.1);
    expect(processed(limiter, quiet)).toEqual(quiet);
  });

  it("holds full scale between threshold and full scale, smoothly", () => {
    const loud = sine(9600, FULL_SCALE);
    const out = processed(limiter, loud).slice(9600);
    // Half way into the headroom: full scale is one headroom above the threshold.
    expect(peakOf(out) / FULL_SCALE).toBeGreaterThan(0.7);
    expect(peakOf(out) / FULL_SCALE).toBeLessThan(0.85);
    const ratio = (out[24] as number) / (out[25] as number);
    expect(ratio).toBeCloseTo(2, 2);
  });

  it("is off when it is switched off, and on again", () => {
    const control = (on: number) => words(0x1_0000, 0, 0, 0, 0, 0, on);
    const loud = sine(480, FULL_SCALE);
    expect(processed(limiter, loud, (rig) => rig.set([200, control(0)]))).toEqual(loud);
    const again = processed(limiter, loud, (rig) => {
      rig.set([200, control(0)]);
      rig.set([200, control(1)]);
    });
    expect(again).toEqual(processed(limiter, loud));
    expect(again).not.toEqual(loud);
  });

  it("tells its settings", () => {
    const out = new Uint8Array(12);
    processed(limiter, sine(48, 1), (rig) => {
      expect(rig.set([0, words(1000, 20, 300)])).toBe(0);
      expect(rig.module.getConfiguration?.(0, out)).toBe(12);
    });
    expect(out).toEqual(words(1000, 20, 300));
  });
});

describe("the stereo widener", () => {
  const music = noise(9600).map((sample) => sample >> 3);

  it("keeps the sum of both channels", () => {
    const out = processed(widener, music);
    for (let i = 0; i < music.length; i += 2) {
      const before = (music[i] as number) + (music[i + 1] as number);
      expect(Math.abs((out[i] as number) + (out[i + 1] as number) - before)).toBeLessThan(3);
    }
    expect(out).not.toEqual(music);
  });

  it("is mono at width 0, and nothing at width 1000 without a corner", () => {
    const mono = processed(widener, music, (rig) => rig.set([0, words(0, 0)]));
    for (let i = 0; i < mono.length; i += 2) expect(mono[i]).toBe(mono[i + 1]);
    expect(processed(widener, music, (rig) => rig.set([0, words(1000, 0)]))).toEqual(music);
  });

  it("brings the bass into the middle", () => {
    // 50 Hz on the left only, far below the corner of 1 kHz.
    const bass = Int32Array.from({ length: 19_200 }, (_, i) =>
      i % 2 === 0 ? Math.round(2 ** 28 * Math.sin((2 * Math.PI * (i >> 1)) / 960)) : 0,
    );
    const out = processed(widener, bass, (rig) => rig.set([0, words(1000, 1000)])).slice(9600);
    const right = out.filter((_, i) => i % 2 === 1);
    expect(peakOf(right)).toBeGreaterThan(2 ** 27 * 0.9);
  });
});

describe("the example in C that is checked in", () => {
  const folder = prebuiltExample("stereo-widener");
  const record = JSON.parse(
    readFileSync(join(folder, "prebuilt/built-with.json"), "utf8"),
  ) as BuiltWith;
  const stored = new Uint8Array(readFileSync(join(folder, "prebuilt/widener.wasm")));
  const clang = findClang();

  it("was built from the sources, the header and the flags that are checked in", () => {
    const source = readFileSync(join(folder, "src/widener.c"), "utf8");
    const advice = "run pnpm --filter @sof-ts/module-sdk generate";
    expect(record, advice).toEqual(builtWith(record.compiler, source));
  });

  // An optional tool: without it this is skipped, and the test above still holds.
  it.skipIf(clang === null)(
    "is what clang makes of them (skipped: there is no clang)",
    async () => {
      const unit = widener.units[0];
      if (unit === undefined) throw new Error("no unit");
      const built = await compileUnit(folder, unit);
      if (clang?.version === record.compiler) expect(built).toEqual(stored);
      // Another compiler may write another binary; the audio has to be the same.
      const other = {
        ...widener,
        units: [{ ...unit, wasmFile: join(widener.folder, "other.wasm") }],
      };
      writeFileSync(join(widener.folder, "other.wasm"), built);
      const music = noise(4800);
      expect(processed(other, music)).toEqual(processed(widener, music));
    },
  );
});

it("the example in AssemblyScript has the kit's own interface file", () => {
  const own = readFileSync(kitFile("assembly/sof.ts"), "utf8");
  const copy = readFileSync(kitFile("examples/soft-limiter/assembly/sof.ts"), "utf8");
  expect(copy).toBe(own);
});
