import { describe, expect, it } from "vitest";
import { type GoldenRun, goldenInput, judge } from "./index.js";

const run = (bits: 16 | 24 | 32, type = "gain", frames = 100) =>
  ({
    modules: [{ type }],
    input: { name: "noise", channels: 2, rate: 48_000, frames, bits },
    valid_frames: frames,
  }) as unknown as GoldenRun;

describe("judge", () => {
  it.each([16, 24, 32] as const)("tells a single wrong bit of %i, and where", (bits) => {
    const recorded = goldenInput(run(bits).input);
    const ours = recorded.slice();
    expect(judge(run(bits), ours, recorded, 2)).toEqual({ ok: true, result: "equal" });
    ours[(bits === 16 ? 2 : 4) * 21] = (ours[(bits === 16 ? 2 : 4) * 21] as number) ^ 1;
    const verdict = judge(run(bits), ours, recorded, 2);
    expect(verdict.ok).toBe(false);
    expect(verdict.result).toMatch(/^frame 10 channel 1: /);
  });

  it("ignores what stands above 24 bits", () => {
    const recorded = goldenInput(run(24).input);
    const ours = recorded.slice();
    for (let i = 3; i < ours.length; i += 4) ours[i] = 0;
    expect(judge(run(24), ours, recorded, 2).ok).toBe(true);
  });

  it("refuses an output that is too short", () => {
    const recorded = goldenInput(run(32).input);
    expect(judge(run(32), recorded.subarray(8), recorded, 2).result).toBe("99 frames of 100");
  });

  it("lets an asrc be as far away as another filter, no further", () => {
    const recorded = goldenInput(run(32, "asrc4").input);
    const scaled = (factor: number) => {
      const words = new Int32Array(recorded.slice().buffer).map((x) => Math.round(x * factor));
      return new Uint8Array(words.buffer);
    };
    expect(judge(run(32, "asrc4"), scaled(1.001), recorded, 2).ok).toBe(true);
    expect(judge(run(32, "asrc4"), scaled(1.01), recorded, 2).result).toBe("-40.0 dB apart");
    expect(judge(run(32), scaled(1.001), recorded, 2).ok).toBe(false);
  });
});
