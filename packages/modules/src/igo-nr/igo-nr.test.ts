import { describe, expect, it } from "vitest";
import { Bench, drain, feed, format, payload, words } from "../../test/kit.js";
import {
  decodeSamples,
  encodeSamples,
  type IntegerFormat,
  noise,
  quantize,
} from "../../test/signals.js";
import { igoNrDriver } from "./driver.js";

const EINVAL = -22;
const config = (active: number) => words(...Array.from({ length: 16 }, () => 0), active);

function igo(fmt: IntegerFormat): Bench {
  const stream = format(fmt);
  const bench = new Bench(igoNrDriver, payload(stream), stream, stream, 1000);
  expect(bench.configure(0, config(1))).toBe(0);
  expect(bench.prepare()).toBe(0);
  return bench;
}

const samples = (fmt: IntegerFormat) => quantize(noise(960), fmt);

function expected(fmt: IntegerFormat): Int32Array {
  const low = fmt === "s32" ? 16 : fmt === "s24" ? 8 : 0;
  const scale = 2 ** low;
  const through16 = (x: number) => Math.min(Math.floor(x / scale + 0.5), 0x7fff) * scale;
  return samples(fmt).map((x, i) => (i % 2 === 1 && low > 0 ? through16(x) : x));
}

describe("igo_nr", () => {
  it.each(["s16", "s32"] as const)("takes the active channel of %s through 16 bits", (fmt) => {
    const out = igo(fmt).run(encodeSamples(samples(fmt), fmt), 480);
    expect(decodeSamples(out, fmt)).toEqual(expected(fmt));
    expect(igoNrDriver.placeholder).toMatch(/16 bits/);
  });

  it("moves nothing until it has 480 frames and room for as many", () => {
    const bench = igo("s32");
    const input = encodeSamples(samples("s32"), "s32");
    feed(bench.source, input.subarray(0, 479 * 8));
    expect(bench.process()).toBe(0);
    expect(bench.sink.available).toBe(0);
    feed(bench.source, input.subarray(479 * 8));
    bench.sink.produce(521 * 8);
    expect(bench.process()).toBe(0);
    expect(bench.source.available).toBe(480 * 8);
    drain(bench.sink);
    expect(bench.process()).toBe(0);
    expect(bench.source.available).toBe(0);
  });

  it("silences the active channel when its switch is on", () => {
    const bench = igo("s32");
    expect(bench.configure(200, words(2 << 16, 0, 0, 0, 0, 0, 1, 1, 1))).toBe(0);
    const out = bench.run(encodeSamples(samples("s32"), "s32"), 480);
    expect(decodeSamples(out, "s32")).toEqual(samples("s32").map((x, i) => (i % 2 === 1 ? 0 : x)));
  });

  it("refuses other rates, channels it has not and configurations of another size", () => {
    const slow = format("s16", 2, 16000);
    expect(new Bench(igoNrDriver, payload(slow), slow).prepare()).toBe(EINVAL);
    const bench = igo("s16");
    expect(bench.configure(0, config(8))).toBe(EINVAL);
    expect(bench.configure(0, config(0).subarray(4))).toBe(EINVAL);
    expect(bench.configure(200, words(1 << 16, 0, 0, 0, 0, 8, 1))).toBe(EINVAL);
    expect(bench.configure(201, words(1 << 16, 0, 0, 0, 0, 0, 1))).toBe(EINVAL);
  });
});
