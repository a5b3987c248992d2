import { describe, expect, it } from "vitest";
import { Bench, format, payload, words } from "../../test/kit.js";
import { crc, decodeSamples, encodeSamples, noise, quantize } from "../../test/signals.js";
import { dcBlockDriver } from "./driver.js";

const R = 0x3eb851ec;
const blob = words(R, R, R, R, R, R, R, R);

describe("dcblock", () => {
  it("filters exactly", () => {
    const sums = { s16: "4a00f8d7", s24: "bdd57b47", s32: "1ff09a90" };
    for (const fmt of ["s16", "s24", "s32"] as const) {
      const stream = format(fmt);
      const bench = new Bench(dcBlockDriver, payload(stream), stream);
      expect(bench.configure(0, blob)).toBe(0);
      expect(bench.prepare()).toBe(0);
      const out = bench.run(encodeSamples(quantize(noise(960), fmt), fmt));
      if (fmt === "s32") {
        expect([...decodeSamples(out, fmt).subarray(0, 6)]).toEqual([
          1015568748, 1586005467, -2147483648, -1299236840, 241813514, 1581333874,
        ]);
      }
      expect(`${fmt} ${crc(out)}`).toBe(`${fmt} ${sums[fmt]}`);
    }
  });
});
