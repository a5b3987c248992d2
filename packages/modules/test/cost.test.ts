import { Rig, type Subject } from "@sof-ts/module-conformance";
import { describe, expect, it } from "vitest";
import { subjects } from "./conformance-subjects.js";
import { processingSubjects } from "./processing-subjects.js";

const subject = (name: string): Subject => {
  const found = [...subjects, ...processingSubjects].find((each) => each.name === name);
  if (found === undefined) throw new Error(`no subject ${name}`);
  return found;
};

/** Estimate of one period of stereo at 48 kHz or of what makes it. */
function cyclesOf(name: string): number {
  const rig = new Rig(subject(name));
  rig.prepare();
  const { blockFrames = 48 } = subject(name);
  let most = 0;
  for (let period = 0; period < 4; period++) {
    rig.source.produce(blockFrames * rig.source.frameBytes);
    rig.process();
    most = Math.max(most, rig.module.cost?.cycles ?? 0);
  }
  return most;
}

describe("the estimated cost of a period", () => {
  it("goes by the arithmetic: more sections, bands, taps and stages cost more", () => {
    const names = [
      "template s32",
      "dcblock s32",
      "eq_iir s32",
      "crossover s32",
      "multiband_drc s32",
    ];
    const costs = names.map(cyclesOf);
    expect(costs).toEqual(costs.toSorted((a, b) => a - b));
    expect(new Set(costs).size).toBe(names.length);
    expect(cyclesOf("drc s32")).toBeGreaterThan(cyclesOf("eq_iir s32"));
    expect(cyclesOf("tdfb s32")).toBeGreaterThan(cyclesOf("template s32"));
    expect(cyclesOf("src s32, 44.1 to 48 kHz")).toBeGreaterThan(cyclesOf("src s32, 16 to 48 kHz"));
    expect(cyclesOf("asrc s32, 44.1 to 48 kHz")).toBeGreaterThan(cyclesOf("drc s32"));
    expect(cyclesOf("dts")).toBe(cyclesOf("template s16"));
  });

  it("is of a copy while a compressor is switched off or a beam only copies", () => {
    const rig = new Rig(subject("multiband_drc s32"));
    rig.prepare();
    rig.set([200, Uint8Array.of(0, 0, 1, 0, ...Array.from({ length: 16 + 8 }, () => 0))]);
    rig.source.produce(48 * rig.source.frameBytes);
    rig.process();
    expect(rig.module.cost?.cycles).toBe(cyclesOf("template s32"));
  });
});
