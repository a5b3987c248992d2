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

  it("takes R = 1 where there is no blob, or one that is shorter than eight words", () => {
    const stream = format("s16");
    const samples = encodeSamples(quantize(noise(960), "s16"), "s16");
    const played = (...configs: readonly Uint8Array[]) => {
      const bench = new Bench(dcBlockDriver, payload(stream), stream);
      for (const config of configs) expect(bench.configure(0, config)).toBe(0);
      expect(bench.prepare()).toBe(0);
      return crc(bench.run(samples));
    };
    // Without a leak the sum of differences is the signal again.
    expect(played()).toBe(crc(samples));
    for (const bytes of [4, 28, 31]) {
      expect([bytes, played(blob.subarray(0, bytes))]).toEqual([bytes, crc(samples)]);
      expect([bytes, played(blob, blob.subarray(0, bytes))]).toEqual([bytes, crc(samples)]);
    }
    const longer = new Uint8Array(40);
    longer.set(blob);
    expect(played(longer)).toBe("4a00f8d7");
  });
});
