import { describe, expect, it } from "vitest";
import { control, volume } from "../../test/blobs.js";
import { Bench, format, payload, TestServices, words } from "../../test/kit.js";
import {
  crc,
  decodeSamples,
  encodeSamples,
  integerFormats,
  noise,
  quantize,
} from "../../test/signals.js";
import { gainDriver, peakVolumeDriver } from "./driver.js";

const ALL = 0xffffffff;

function gain(
  fmt: (typeof integerFormats)[number],
  target: number,
  curve: number,
  durationMs = 20,
) {
  const stream = format(fmt);
  const bench = new Bench(
    gainDriver,
    payload(stream, volume(ALL, target, curve, durationMs)),
    stream,
  );
  expect(bench.prepare()).toBe(0);
  return bench;
}

const checks: readonly [string, number, number, readonly [string, string, string]][] = [
  ["linear", 0x7fffffff, 2, ["c32649a4", "fc958b82", "af89ddd5"]],
  ["windows fade", 0x40000000, 1, ["d3fbe47a", "7d0dab0d", "ff108f4c"]],
  ["none", 0x12345678, 0, ["8c4dc95f", "b9d782c4", "24d751f4"]],
  ["linear with zero crossing", 0x7fffffff, 4, ["d8e62d17", "09f4a971", "95bce82d"]],
];

describe("gain", () => {
  it.each(checks)("is exact with a ramp that is %s", (_name, target, curve, sums) => {
    integerFormats.forEach((fmt, index) => {
      const bench = gain(fmt, target, curve);
      const input = encodeSamples(quantize(noise(960), fmt), fmt);
      expect(`${fmt} ${crc(bench.run(input))}`).toBe(`${fmt} ${sums[index]}`);
    });
  });
});

describe("volume ramps", () => {
  const levels = (bench: Bench, periods: number) => {
    const input = encodeSamples(new Int32Array(96).fill(0x40000000), "s32");
    return Array.from({ length: periods }, () => decodeSamples(bench.run(input), "s32")).flatMap(
      (samples) => [...samples].filter((_, i) => i % 2 === 0).map((sample) => sample * 2),
    );
  };

  it("hold each volume of a linear ramp for 125 us", () => {
    const out = levels(gain("s32", 0x7fffffff, 2), 21);
    expect(out.slice(0, 24).filter((_, i) => i % 6 === 0)).toEqual([
      0, 13421774, 26843546, 40265320,
    ]);
    expect(new Set(out.slice(6, 12)).size).toBe(1);
    expect(out.at(-1)).toBe(0x80000000);
  });

  it("follow the Windows fade", () => {
    const out = levels(gain("s32", 0x40000000, 1), 21);
    // The test signal is half of full scale, and halves round up.
    const near = (value: number) => Math.ceil(value / 2) * 2;
    expect([6, 12, 240, 480, 954, 960].map((frame) => near(out[frame] as number))).toEqual(
      [182067, 537395, 94912513, 319242242, 1062030751, 1073741824].map(near),
    );
  });

  it("start from where the volume is when a control comes in the middle", () => {
    const bench = gain("s32", 0x7fffffff, 2);
    const before = levels(bench, 10);
    bench.configure(0, volume(ALL, 0, 2, 20));
    const after = levels(bench, 21);
    expect(Math.abs((after[0] as number) - (before.at(-1) as number))).toBeLessThan(20_000_000);
    expect(after.at(-1)).toBe(0);
    expect(after.every((level, i) => i === 0 || level <= (after[i - 1] as number))).toBe(true);
  });

  it("fade in anew after every prepare", () => {
    const bench = gain("s32", 0x7fffffff, 2);
    const first = levels(bench, 25);
    bench.module.reset();
    bench.prepare();
    expect(levels(bench, 25)).toEqual(first);
  });

  it("copy at 0 dB once they are over, bits that are not samples and all", () => {
    const stream = format("s24");
    const bench = new Bench(gainDriver, payload(stream, volume(ALL, 0x7fffffff, 0, 0)), stream);
    bench.prepare();
    const input = encodeSamples([0x7f123456, -1, 5, 6], "s32");
    expect(bench.run(input)).toEqual(input);
  });
});

describe("gain controls", () => {
  const steady = (bench: Bench) => [
    ...decodeSamples(bench.run(encodeSamples([1 << 30, 1 << 30], "s32")), "s32"),
  ];

  it("set the volume of one channel or of all", () => {
    const bench = gain("s32", 0x40000000, 0);
    expect(bench.configure(0, volume(1, 0x20000000, 0, 0))).toBe(0);
    expect(steady(bench)).toEqual([1 << 29, 1 << 28]);
  });

  it("mute by element, keep a volume that comes meanwhile, and give it back", () => {
    const bench = gain("s32", 0x40000000, 0);
    expect(bench.configure(200, control(0, 1, 0))).toBe(0);
    expect(steady(bench)).toEqual([1 << 29, 0]);
    expect(bench.configure(0, volume(ALL, 0x20000000, 0, 0))).toBe(0);
    expect(steady(bench)).toEqual([1 << 28, 0]);
    expect(bench.configure(200, control(0, 1, 1, 1, 1))).toBe(0);
    expect(steady(bench)).toEqual([1 << 28, 1 << 28]);
  });

  it("take a volume above 0 dB for silence, as its sign bit says", () => {
    const bench = gain("s32", 0x80000000, 0);
    expect(steady(bench)).toEqual([0, 0]);
  });

  it("tell the volumes that were asked for", () => {
    const bench = gain("s32", 0x40000000, 2);
    bench.configure(0, volume(1, 5, 0, 0));
    const out = new Uint8Array(16);
    expect(bench.module.getConfiguration?.(0, out)).toBe(16);
    expect(out).toEqual(words(0, 0x40000000, 1, 5));
    expect(bench.module.getConfiguration?.(1, out)).toBe(-22);
    expect(bench.module.getConfiguration?.(0, new Uint8Array(8))).toBe(-22);
  });

  it("refuse instance ids without a meter, channel counts and short payloads", () => {
    const services = new TestServices();
    const stream = format("s32");
    const init = payload(stream, volume(ALL, 0, 0, 0));
    services.instanceId = 16;
    expect(gainDriver.create(services, init)).toBe(-22);
    services.instanceId = 15;
    expect(typeof gainDriver.create(services, init)).toBe("object");
    expect(gainDriver.create(services, init.subarray(0, 63))).toBe(-22);
    expect(gainDriver.create(services, payload(stream, volume(0, 0, 0, 0)))).toBe(-22);
    expect(
      typeof gainDriver.create(services, payload(stream, volume(0, 0, 0, 0), volume(1, 0, 0, 0))),
    ).toBe("object");
    expect(gainDriver.create(services, payload(format("s32", 0), volume(ALL, 0, 0, 0)))).toBe(-22);
  });
});

describe("peak volume", () => {
  it("publishes peaks and volumes every 10 ms and starts anew", () => {
    const stream = format("s16");
    const services = new TestServices();
    services.instanceId = 3;
    const init = payload(stream, volume(ALL, 0x40000000, 0, 0));
    const bench = new Bench(peakVolumeDriver, init, stream, stream, 192, services);
    bench.prepare();
    const loud = encodeSamples([100, -200], "s16");
    for (let period = 0; period < 9; period++) bench.run(loud);
    expect(services.peaks.size).toBe(0);
    bench.run(encodeSamples([5, 5], "s16"));
    const zeros = (count: number) => Array.from({ length: count }, () => 0);
    const volumes = [0x40000000, 0x40000000, ...zeros(6)];
    expect(services.peaks.get(3)).toEqual([
      100 << 16,
      200 << 16,
      ...zeros(6),
      ...volumes,
      ...volumes,
    ]);
    for (let period = 0; period < 10; period++) bench.run(encodeSamples([7, -8], "s16"));
    expect(services.peaks.get(3)?.slice(0, 2)).toEqual([7 << 16, 8 << 16]);
    bench.module.free();
    expect(services.peaks.size).toBe(0);
  });

  it("shows 24-bit peaks left-aligned, shifted by the attenuation", () => {
    const stream = format("s24");
    const bench = new Bench(
      peakVolumeDriver,
      payload(stream, volume(ALL, 0x7fffffff, 0, 0)),
      stream,
    );
    bench.prepare();
    expect(bench.configure(1, words(2))).toBe(0);
    for (let period = 0; period < 10; period++) bench.run(encodeSamples([-0x1000, 0x10], "s24"));
    expect(bench.services.peaks.get(0)?.slice(0, 2)).toEqual([0x1000 << 10, 0x10 << 10]);
  });
});
