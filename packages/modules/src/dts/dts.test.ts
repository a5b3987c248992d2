import { describe, expect, it } from "vitest";
import { Bench, format, payload } from "../../test/kit.js";
import { encodeSamples, integerFormats, noise, quantize } from "../../test/signals.js";
import { dtsDriver } from "./driver.js";

describe("dts", () => {
  it("passes audio through and says that it is a placeholder", () => {
    for (const fmt of integerFormats) {
      const stream = format(fmt);
      const bench = new Bench(dtsDriver, payload(stream), stream);
      expect(bench.prepare()).toBe(0);
      const input = encodeSamples(quantize(noise(960), fmt), fmt);
      expect(bench.run(input)).toEqual(input);
    }
    expect(dtsDriver.placeholder).toMatch(/passes audio through/);
  });

  it("keeps blobs that nothing reads and refuses switches", () => {
    const stream = format("s32");
    const bench = new Bench(dtsDriver, payload(stream), stream);
    const blob = Uint8Array.of(1, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0);
    expect(bench.configure(0, blob)).toBe(0);
    const out = new Uint8Array(64);
    expect(bench.module.getConfiguration?.(0, out)).toBe(12);
    expect(out.subarray(0, 12)).toEqual(blob);
    expect(bench.configure(200, new Uint8Array(28))).toBe(-22);
  });
});
