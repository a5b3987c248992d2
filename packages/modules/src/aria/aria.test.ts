import { describe, expect, it } from "vitest";
import { baseModuleCfg } from "@sof-ts/ipc4";
import { baseConfig, Bench, concat, format, payload, words } from "../../test/kit.js";
import { crc, decodeSamples, encodeSamples, noise, quantize } from "../../test/signals.js";
import { ariaDriver } from "./driver.js";

const stream = format("s24");
/** Buffers of two periods, so a delay of 96 frames. */
const base = baseModuleCfg.encode(baseConfig(stream, 96));

function bench(attenuation: number) {
  const made = new Bench(ariaDriver, concat(base, words(attenuation)), stream);
  expect(made.prepare()).toBe(0);
  return made;
}

const input = encodeSamples(quantize(noise(960), "s24"), "s24");

describe("aria", () => {
  it.each([
    [1, "347c28a0"],
    [2, "9796f681"],
    [3, "af109d16"],
  ])("levels with %d bits of attenuation exactly", (attenuation, sum) => {
    expect(crc(bench(attenuation).run(input))).toBe(sum);
  });

  it("is a delay of its input buffer without attenuation", () => {
    const made = bench(0);
    expect(made.module.latencyFrames).toBe(96);
    const out = made.run(input);
    expect(out.subarray(0, 96 * 8)).toEqual(new Uint8Array(96 * 8));
    expect(out.subarray(96 * 8)).toEqual(input.subarray(0, input.length - 96 * 8));
  });

  it("counts more than 3 bits as 3, at creation and by parameter", () => {
    expect(crc(bench(0x10001).run(input))).toBe("af109d16");
    const made = bench(0);
    expect(made.configure(1, words(7))).toBe(0);
    expect(crc(made.run(input))).toBe("af109d16");
  });

  it("refuses other parameters and formats", () => {
    const made = bench(1);
    expect(made.configure(0, words(1))).toBe(-22);
    expect(made.configure(1, words(1, 2))).toBe(-22);
    const wide = format("s32");
    expect(new Bench(ariaDriver, payload(wide, words(1)), wide).prepare()).toBe(-22);
    expect(ariaDriver.create(made.services, base)).toBe(-22);
  });

  it("never exceeds 24 bits and never changes the sign of a loud sample", () => {
    const out = decodeSamples(bench(3).run(input), "s24");
    const before = quantize(noise(960), "s24");
    out.forEach((y, i) => {
      expect(Math.abs(y)).toBeLessThanOrEqual(0x800000);
      const x = before[i - 192] ?? 0;
      if (Math.abs(x) > 100) expect(Math.sign(y)).toBe(Math.sign(x));
    });
  });
});
