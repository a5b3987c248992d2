import { describe, expect, it } from "vitest";
import { Bench, format, type FormatName, payload, words } from "../../test/kit.js";
import { decodeSamples, encodeSamples, noise, quantize } from "../../test/signals.js";
import { asrcDriver } from "./driver.js";

const EINVAL = -22;
const PUSH = 1;
const PULL = 2;

function converter(from: number, to: number, fmt: FormatName = "s32", mode = PUSH): Bench {
  const input = format(fmt, 2, from);
  const output = format(fmt, 2, to);
  return new Bench(asrcDriver, payload(input, words(to, mode)), input, output, 500);
}

function prepared(from: number, to: number, fmt: FormatName = "s32", mode = PUSH): Bench {
  const bench = converter(from, to, fmt, mode);
  expect(bench.prepare()).toBe(0);
  return bench;
}

describe("asrc", () => {
  it.each([
    [48000, 48000, 480],
    [44100, 48000, 523],
    // The step is a little less than a third, so one output more is due.
    [16000, 48000, 1441],
    [48000, 16000, 160],
  ])("from %i to %i Hz makes as many frames as are due", (from, to, frames) => {
    // The first frames are due at times 0, 1/ratio, ...; those after the last input wait.
    const out = prepared(from, to).run(encodeSamples(noise(960), "s32"), Math.floor(from / 1000));
    expect(out.length / 8).toBe(frames);
  });

  it.each([
    ["s16", 44100, 48000],
    ["s32", 16000, 48000],
    ["s32", 48000, 44100],
  ] as const)(
    "%s from %i to %i Hz keeps a sine and delays it by as much as it says",
    (fmt, from, to) => {
      const bench = prepared(from, to, fmt);
      const full = fmt === "s16" ? 2 ** 15 - 1 : 2 ** 31 - 1;
      const sine = Int32Array.from({ length: 4000 }, (_, i) =>
        Math.round(0.5 * full * Math.sin((2 * Math.PI * 1000 * (i >> 1)) / from)),
      );
      const out = decodeSamples(bench.run(encodeSamples(sine, fmt), Math.floor(from / 1000)), fmt);
      const delay = bench.module.latencyFrames ?? 0;
      let worst = 0;
      for (let i = 300; i < out.length / 2; i++) {
        // The delay is a whole number of frames here, the filter's is not: half a frame is 0.07 of this sine.
        const expected = Math.sin((2 * Math.PI * 1000 * (i - delay)) / to) / 2;
        worst = Math.max(worst, Math.abs((out[2 * i] as number) / full - expected));
      }
      expect(worst).toBeLessThan(0.045);
    },
  );

  it("gives the same samples in push and pull mode, two frames apart", () => {
    const input = encodeSamples(noise(960), "s32");
    const pushed = decodeSamples(prepared(48000, 48000).run(input), "s32");
    const pulled = decodeSamples(prepared(48000, 48000, "s32", PULL).run(input), "s32");
    // A pull has one input more by then, and time 1 after that is time 0 after yet another.
    const common = [...pulled.subarray(96, 800)];
    const shifts = [-4, -2, 0, 2, 4].filter((shift) =>
      common.every((value, i) => Math.abs(value - (pushed[96 + i + shift] as number)) < 2 ** 20),
    );
    expect(shifts).toEqual([4]);
  });

  it("interpolates 24 bits in 32 as 32 bits, but saturates at 24", () => {
    const input = encodeSamples(quantize(noise(960), "s24"), "s24");
    const wide = decodeSamples(prepared(44100, 48000).run(input, 44), "s32");
    const clipped = wide.map((y) => Math.max(-0x800000, Math.min(0x7fffff, y)));
    expect(clipped).not.toEqual(wide);
    expect(decodeSamples(prepared(44100, 48000, "s24").run(input, 44), "s24")).toEqual(clipped);
  });

  it("takes no more than a period and ten frames at once, and nothing when the sink is full", () => {
    const bench = prepared(48000, 48000);
    bench.source.produce(400 * 8);
    bench.process();
    expect(bench.source.availableFrames).toBe(400 - 58);
    const full = prepared(48000, 48000);
    full.source.produce(48 * 8);
    full.sink.produce(500 * 8);
    full.process();
    expect(full.source.availableFrames).toBe(48);
  });

  it("refuses wrong payloads, pairs of rates that it has no filter for, and configurations", () => {
    const { services, module } = prepared(48000, 48000);
    const make = (fmt: ReturnType<typeof format>, ...tail: number[]) =>
      asrcDriver.create(services, payload(fmt, words(...tail)));
    expect(make(format("s32"), 48000)).toBe(EINVAL);
    expect(make(format("s32"), 48000, 1, 0)).toBe(EINVAL);
    expect(make(format("s32"), 0, 1)).toBe(EINVAL);
    expect(make(format("s32", 2, 0), 48000, 1)).toBe(EINVAL);
    expect(make(format("s32"), 384000, 1)).toBe(EINVAL);
    expect(converter(96000, 48000).prepare()).toBe(EINVAL);
    expect(converter(44100, 32000).prepare()).toBe(EINVAL);
    expect(module.setConfiguration?.(0, "single", 4, words(1))).toBe(EINVAL);
  });
});
