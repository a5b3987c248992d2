import { describe, expect, it } from "vitest";
import { Bench, format, type FormatName, payload, words } from "../../test/kit.js";
import { crc, decodeSamples, encodeSamples, noise, quantize } from "../../test/signals.js";
import { srcLiteDriver } from "../src-lite/driver.js";
import { srcDriver } from "./driver.js";

const EINVAL = -22;

function converter(from: number, to: number, fmt: FormatName = "s32", driver = srcDriver): Bench {
  const input = format(fmt, 2, from);
  const output = format(fmt, 2, to);
  return new Bench(driver, payload(input, words(to)), input, output, 500);
}

function prepared(from: number, to: number, fmt: FormatName = "s32"): Bench {
  const bench = converter(from, to, fmt);
  expect(bench.prepare()).toBe(0);
  return bench;
}

describe("src", () => {
  it.each([
    [44100, 48000, 44, 500, "cee64c36"],
    [16000, 48000, 16, 1440, "7e0ece42"],
    [96000, 48000, 96, 240, "70d838d6"],
  ])("converts noise at %i to %i Hz to the published checksum", (from, to, block, frames, sum) => {
    const bench = prepared(from, to);
    const out = bench.run(encodeSamples(noise(960), "s32"), block);
    expect([out.length / 8, crc(out)]).toEqual([frames, sum]);
  });

  it("gives the sink its rate and its valid format", () => {
    const bench = prepared(44100, 48000, "s24");
    expect([bench.source.rate, bench.source.frameFmt]).toEqual([44100, 2]);
    expect([bench.sink.rate, bench.sink.frameFmt]).toEqual([48000, 1]);
  });

  it("copies when the rates are equal", () => {
    const input = encodeSamples(quantize(noise(960), "s24"), "s24");
    const bench = prepared(32000, 32000, "s24");
    expect(bench.run(input, 32)).toEqual(input);
    expect(bench.module.latencyFrames).toBe(0);
  });

  it.each([
    [16000, 48000],
    [44100, 48000],
    [96000, 48000],
    [48000, 44100],
    [11025, 96000],
  ])("from %i to %i Hz delays by as much as it says", (from, to) => {
    const bench = prepared(from, to, "s32");
    const samples = new Int32Array(2 * 4096);
    samples[2 * 100] = 1 << 30;
    const block = Math.floor(from / 1000);
    const out = decodeSamples(bench.run(encodeSamples(samples, "s32"), block), "s32");
    const left = out.filter((_, i) => i % 2 === 0).map(Math.abs);
    const peak = left.indexOf(left.reduce((most, value) => Math.max(most, value), 0));
    const expected = (100 * to) / from + (bench.module.latencyFrames ?? 0);
    expect(Math.abs(peak - expected)).toBeLessThanOrEqual(Math.max(1, to / from));
  });

  it("gives the same samples however they are cut into blocks", () => {
    for (const [from, to] of [
      [44100, 48000],
      [48000, 44100],
      [8000, 48000],
    ] as const) {
      const input = encodeSamples(noise(1000), "s32");
      const expected = prepared(from, to).run(input, Math.floor(from / 1000));
      for (const block of [1, 3, 7]) {
        const out = prepared(from, to).run(input, block);
        const common = Math.min(out.length, expected.length);
        expect(common).toBeGreaterThan(expected.length - 60 * 8);
        expect(out.subarray(0, common)).toEqual(expected.subarray(0, common));
      }
    }
  });

  it("takes at most a period and a block at once, and nothing when the sink is full", () => {
    const bench = prepared(44100, 48000);
    bench.source.produce(400 * 8);
    bench.process();
    expect(bench.source.availableFrames).toBe(400 - 49);
    const full = prepared(16000, 48000);
    full.source.produce(16 * 8);
    full.sink.produce(499 * 8);
    full.process();
    expect(full.source.availableFrames).toBe(16);
  });

  it("refuses payloads of another size, rates of 0 and pairs that it has no way for", () => {
    const { services } = prepared(48000, 48000);
    const init = payload(format("s32"), words(16000));
    expect(srcDriver.create(services, init.subarray(0, 40))).toBe(EINVAL);
    expect(srcDriver.create(services, payload(format("s32"), words(16000, 0)))).toBe(EINVAL);
    expect(srcDriver.create(services, payload(format("s32"), words(0)))).toBe(EINVAL);
    expect(srcDriver.create(services, payload(format("s32", 2, 0), words(48000)))).toBe(EINVAL);
    expect(converter(44100, 22050).prepare()).toBe(EINVAL);
    expect(converter(48000, 47999).prepare()).toBe(EINVAL);
    const odd = format("s32", 2, 48000, { validBitDepth: 16 });
    expect(new Bench(srcDriver, payload(odd, words(16000)), odd).prepare()).toBe(EINVAL);
  });
});

describe("src_lite", () => {
  const pairs = [
    [32000, 16000],
    [44100, 16000],
    [48000, 16000],
    [32000, 48000],
    [44100, 48000],
  ] as const;

  it("has five pairs of rates and the copy, and filters that are shorter than those of src", () => {
    const tone = Array.from({ length: 4800 }, (_, i) =>
      Math.round(20000 * Math.sin((2 * Math.PI * 1000 * (i >> 1)) / 48000)),
    );
    const input = encodeSamples(tone, "s16");
    for (const [from, to] of pairs) {
      const lite = converter(from, to, "s16", srcLiteDriver);
      expect(lite.prepare()).toBe(0);
      const full = prepared(from, to, "s16");
      const latency = (bench: Bench) => bench.module.latencyFrames ?? 0;
      expect(latency(lite)).toBeGreaterThan(0);
      expect(latency(lite)).toBeLessThan(latency(full));
      const [out, wanted] = [lite, full].map((bench) => decodeSamples(bench.run(input, 32), "s16"));
      expect(out?.length).toBe(wanted?.length);
      // The tone comes through as it does there.
      const peak = (samples: ArrayLike<number> = []) =>
        Array.from(samples).reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
      expect(Math.abs(peak(out) / peak(wanted) - 1)).toBeLessThan(0.02);
    }
    const copy = converter(48000, 48000, "s16", srcLiteDriver);
    expect(copy.prepare()).toBe(0);
    expect(copy.run(input, 32)).toEqual(input);
  });

  it("refuses the other pairs", () => {
    for (const [from, to] of [
      [96000, 48000],
      [16000, 48000],
      [32000, 44100],
    ] as const) {
      expect(converter(from, to, "s16", srcLiteDriver).prepare()).toBe(EINVAL);
    }
  });
});
