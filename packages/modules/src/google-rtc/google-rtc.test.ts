import { encodeBaseModuleCfgExt } from "@sof-ts/ipc4";
import { describe, expect, it } from "vitest";
import { baseConfig, Bench, feed, format, type FormatName, ring } from "../../test/kit.js";
import { decodeSamples, encodeSamples, noise, quantize } from "../../test/signals.js";
import { googleRtcDriver } from "./driver.js";

const EINVAL = -22;

function init(fmt: FormatName, microphones = 2, outputs = 2, rate = 48000): Uint8Array {
  const pin = (channels: number) => format(fmt, channels, rate);
  return encodeBaseModuleCfgExt({
    base: baseConfig(pin(microphones)),
    inputPins: [
      { pinIndex: 0, ibs: 3840, audioFmt: pin(microphones) },
      { pinIndex: 1, ibs: 3840, audioFmt: pin(2) },
    ],
    outputPins: [{ pinIndex: 0, obs: 3840, audioFmt: pin(outputs) }],
  });
}

describe("google_rtc_audio_processing", () => {
  it.each(["s16", "s32"] as const)("passes %s microphones through after one block", (fmt) => {
    const stream = format(fmt);
    const bench = new Bench(googleRtcDriver, init(fmt), stream);
    expect(bench.prepare()).toBe(0);
    const samples = quantize(noise(2 * 1440), fmt);
    const out = decodeSamples(bench.run(encodeSamples(samples, fmt), 37), fmt);
    expect([...out]).toEqual([...new Int32Array(960), ...samples.subarray(0, 2 * 960)]);
    expect(bench.module.latencyFrames).toBe(480);
    expect(googleRtcDriver.placeholder).toMatch(/10 ms block/);
  });

  it("takes the echo reference at the pace of the microphones and drops it", () => {
    const stream = format("s32");
    const bench = new Bench(googleRtcDriver, init("s32"), stream);
    const echo = ring(bench.services.heap, 192 * 8);
    bench.module.bind?.({ side: "sink", queueId: 1, stream: echo, peer: null });
    const sources = [echo, bench.source];
    expect(bench.module.prepare(sources, [bench.sink])).toBe(0);
    feed(echo, encodeSamples(noise(200), "s32"));
    feed(bench.source, encodeSamples(noise(96), "s32"));
    expect(bench.module.process(sources, [bench.sink])).toBe(0);
    expect(echo.availableFrames).toBe(100 - 48);
    expect(bench.sink.availableFrames).toBe(48);
  });

  it("drops microphones that the output has no channels for and leaves others silent", () => {
    const play = (microphones: number, outputs: number) => {
      const from = format("s16", microphones);
      const bench = new Bench(
        googleRtcDriver,
        init("s16", microphones, outputs),
        from,
        format("s16", outputs),
      );
      bench.prepare();
      const ones = Int32Array.from({ length: 960 * microphones }, (_, i) => 1 + (i % microphones));
      const out = decodeSamples(bench.run(encodeSamples(ones, "s16")), "s16");
      return [...out.subarray(480 * outputs, 481 * outputs)];
    };
    expect(play(4, 2)).toEqual([1, 2]);
    expect(play(2, 4)).toEqual([1, 2, 0, 0]);
  });

  it("refuses rates, formats and controls that it has not", () => {
    for (const [fmt, rate] of [
      ["s16", 16000],
      ["float", 48000],
    ] as const) {
      const stream = format(fmt, 2, rate);
      expect(new Bench(googleRtcDriver, init(fmt, 2, 2, rate), stream).prepare()).toBe(EINVAL);
    }
    const bench = new Bench(googleRtcDriver, init("s32"), format("s32"));
    expect(bench.configure(200, new Uint8Array(28))).toBe(EINVAL);
    expect(bench.configure(201, new Uint8Array(28))).toBe(EINVAL);
    expect(bench.configure(0, new Uint8Array(52))).toBe(0);
  });
});
