import { encodeBaseModuleCfgExt } from "@sof-ts/ipc4";
import { describe, expect, it } from "vitest";
import { baseConfig, Bench, feed, format, ring, TestServices, words } from "../../test/kit.js";
import { encodeSamples, integerFormats, noise, quantize } from "../../test/signals.js";
import { smartAmpTestDriver } from "./driver.js";

const EINVAL = -22;

function init(inputs: number, outputs: number, fmt = format("s32"), feedback = fmt): Uint8Array {
  return encodeBaseModuleCfgExt({
    base: baseConfig(fmt),
    inputPins: Array.from({ length: inputs }, (_, pinIndex) => ({
      pinIndex,
      ibs: 384,
      audioFmt: pinIndex === 1 ? feedback : fmt,
    })),
    outputPins: Array.from({ length: outputs }, (_, pinIndex) => ({
      pinIndex,
      obs: 384,
      audioFmt: fmt,
    })),
  });
}

describe("smart_amp_test", () => {
  it("passes the source through with or without feedback", () => {
    for (const name of integerFormats) {
      const fmt = format(name);
      const bench = new Bench(smartAmpTestDriver, init(2, 1, fmt), fmt);
      expect(bench.prepare()).toBe(0);
      const input = encodeSamples(quantize(noise(960), name), name);
      expect(bench.run(input)).toEqual(input);
    }
  });

  it("consumes feedback and goes at its pace while there is some", () => {
    const fmt = format("s32");
    const bench = new Bench(smartAmpTestDriver, init(2, 1, fmt, format("s32", 4)), fmt);
    const feedback = ring(bench.services.heap, 192 * 16);
    bench.module.bind?.({ side: "sink", queueId: 1, stream: feedback, peer: null });
    const sources = [feedback, bench.source];
    expect(bench.module.prepare(sources, [bench.sink])).toBe(0);
    feed(bench.source, encodeSamples(noise(96), "s32"));
    feed(feedback, encodeSamples(noise(40), "s32"));
    expect(bench.module.process(sources, [bench.sink])).toBe(0);
    expect([feedback.available, bench.sink.available]).toEqual([0, 160]);
    expect(bench.module.process(sources, [bench.sink])).toBe(0);
    expect(bench.sink.available).toBe(384);
  });

  it("keeps a model and a configuration, and refuses others", () => {
    const fmt = format("s32");
    const bench = new Bench(smartAmpTestDriver, init(2, 1), fmt);
    const config = words(24, 2, 0x03020100, -1, 0x01000302, -1);
    expect(bench.configure(2, config)).toBe(0);
    expect(bench.configure(2, words(24, 2, 0, 0, 0))).toBe(EINVAL);
    expect(bench.configure(2, words(20, 2, 0, 0, 0, 0))).toBe(EINVAL);
    expect(bench.configure(2, words(24, 9, 0, 0, 0, 0))).toBe(EINVAL);
    expect(bench.configure(4, config)).toBe(EINVAL);
    expect(bench.configure(1, new Uint8Array(100).fill(7))).toBe(0);
    const out = new Uint8Array(200);
    expect(bench.module.getConfiguration?.(3, out)).toBe(24);
    expect(out.subarray(0, 24)).toEqual(config);
    expect(bench.module.getConfiguration?.(1, out)).toBe(100);
  });

  it("needs two input pins and one output pin", () => {
    const services = new TestServices();
    for (const [inputs, outputs] of [
      [1, 1],
      [2, 2],
      [3, 1],
    ] as const) {
      expect(smartAmpTestDriver.create(services, init(inputs, outputs))).toBe(EINVAL);
    }
  });
});
