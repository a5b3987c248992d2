import { describe, expect, it } from "vitest";
import { Bench, format, payload, words } from "../../test/kit.js";
import { encodeSamples, integerFormats, noise, quantize } from "../../test/signals.js";
import { rtnrDriver } from "./driver.js";

const EINVAL = -22;
const config = (rate: number, enabled = 1) => words(32, 0, 0, 0, 0, enabled, rate, 0);

describe("rtnr", () => {
  it.each([0, 1])("passes audio through with the switch at %i", (on) => {
    for (const fmt of integerFormats) {
      const stream = format(fmt);
      const bench = new Bench(rtnrDriver, payload(stream), stream);
      expect(bench.configure(0, config(48000))).toBe(0);
      expect(bench.prepare()).toBe(0);
      expect(bench.configure(200, words(2 << 16, 0, 0, 0, 0, 0, 0, 1, on))).toBe(0);
      const input = encodeSamples(quantize(noise(960), fmt), fmt);
      expect(bench.run(input)).toEqual(input);
    }
    expect(rtnrDriver.placeholder).toMatch(/passes audio through/);
  });

  it("needs a configuration with a rate that the library knows, and such a stream", () => {
    const prepare = (rate: number, blob: Uint8Array | null) => {
      const stream = format("s16", 2, rate);
      const bench = new Bench(rtnrDriver, payload(stream), stream);
      if (blob !== null) bench.configure(0, blob);
      return bench.prepare();
    };
    expect(prepare(16000, config(16000))).toBe(0);
    expect(prepare(48000, null)).toBe(EINVAL);
    expect(prepare(48000, config(44100))).toBe(EINVAL);
    expect(prepare(44100, config(48000))).toBe(EINVAL);
  });

  it("refuses configurations of another size and parameters that it has not", () => {
    const stream = format("s16");
    const bench = new Bench(rtnrDriver, payload(stream), stream);
    expect(bench.configure(0, config(48000).subarray(0, 28))).toBe(EINVAL);
    expect(bench.configure(2, config(48000))).toBe(EINVAL);
    expect(bench.configure(1, new Uint8Array(100))).toBe(0);
    expect(bench.module.getConfiguration?.(0, new Uint8Array(64))).toBe(EINVAL);
  });
});
