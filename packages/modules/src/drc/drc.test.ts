import { describe, expect, it } from "vitest";
import { Bench, format, payload, words } from "../../test/kit.js";
import {
  crc,
  decodeSamples,
  encodeSamples,
  integerFormats,
  noise,
  quantize,
} from "../../test/signals.js";
import { drcDriver } from "./driver.js";

const EINVAL = -22;
const SWITCH = 200;
const ENUM = 201;

/** Parameters of the speaker default tuning: enabled, then 21 words. */
const speaker = [
  1, -503316480, 335544320, 167772160, 6442451, 33954698, 107374182, 12228399, 1969176, -2080224,
  5305422, 137666458, 81276115, 7456540, -8947849, 2062296, 5, 4423680, 294359, 2477728, 622039,
  46513,
];
const blobOf = (params: readonly number[]) => words(108, 0, 0, 0, 0, ...params);
const off = [0, ...speaker.slice(1)];
const control = (id: number, ...values: number[]) =>
  words(id | (values.length << 16), 0, 0, 0, 0, ...values.flatMap((value, i) => [i, value]));

function drc(fmt: (typeof integerFormats)[number], params: readonly number[] | null = speaker) {
  const stream = format(fmt);
  const bench = new Bench(drcDriver, payload(stream), stream);
  const configured = params === null ? 0 : bench.configure(0, blobOf(params));
  expect([configured, bench.prepare()]).toEqual([0, 0]);
  return bench;
}

const input = (fmt: (typeof integerFormats)[number], samples = 960) =>
  encodeSamples(quantize(noise(samples), fmt), fmt);

describe("drc", () => {
  it("compresses 16, 24 and 32-bit noise to the published checksums", () => {
    expect(crc(drc("s16").run(input("s16")))).toBe("96f4245c");
    expect(crc(drc("s24").run(input("s24")))).toBe("03bff31b");
    expect(crc(drc("s32").run(input("s32")))).toBe("437a4242");
  });

  it("compresses 24 bits in 32 as loud as 32 bits, and keeps to 24 bits", () => {
    const narrow = decodeSamples(drc("s24").run(input("s24")), "s24");
    const wide = decodeSamples(drc("s32").run(input("s32")), "s32");
    narrow.forEach((y, i) => expect(Math.abs(y - (wide[i] as number) / 256)).toBeLessThan(0x1000));
    expect(narrow.every((y) => y >= -0x800000 && y <= 0x7fffff)).toBe(true);
  });

  it("is a wire without a blob and with a disabled one", () => {
    expect(drc("s32", null).run(input("s32"))).toEqual(input("s32"));
    expect(drc("s32", off).run(input("s32"))).toEqual(input("s32"));
    expect(drc("s32", off).module.latencyFrames).toBe(0);
  });

  it("delays by the look-ahead, also when the control is off", () => {
    const bench = drc("s32");
    expect(bench.module.latencyFrames).toBe(288);
    expect(bench.configure(SWITCH, control(0, 0))).toBe(0);
    const out = bench.run(input("s32", 1920));
    expect(out.subarray(0, 288 * 8).every((byte) => byte === 0)).toBe(true);
    expect(out.subarray(288 * 8)).toEqual(input("s32", 1920).subarray(0, (960 - 288) * 8));
  });

  it("starts over with a blob that comes while it runs, at the next block", () => {
    const bench = drc("s32", off);
    const first = input("s32");
    expect(bench.run(first)).toEqual(first);
    expect(bench.configure(0, blobOf(speaker))).toBe(0);
    expect(bench.configure(0, blobOf(speaker))).toBe(-16);
    expect(crc(bench.run(first))).toBe("437a4242");
  });

  it("leaves a first blob that comes while it runs for the next prepare", () => {
    const bench = drc("s32", null);
    expect(bench.configure(0, blobOf(speaker))).toBe(0);
    expect(bench.run(input("s32"))).toEqual(input("s32"));
    expect(bench.module.reset()).toBe(0);
    expect(bench.prepare()).toBe(0);
    expect(crc(bench.run(input("s32")))).toBe("437a4242");
  });

  it("refuses wrong blobs and controls and keeps the old ones", () => {
    const bench = drc("s32");
    const past = speaker.with(4, -1);
    expect(bench.configure(0, blobOf(past))).toBe(EINVAL);
    expect(bench.configure(0, blobOf(speaker).subarray(0, 104))).toBe(EINVAL);
    expect(bench.configure(0, words(112, 0, 0, 0, 0, ...speaker))).toBe(EINVAL);
    expect(bench.configure(SWITCH, control(1, 0))).toBe(EINVAL);
    expect(bench.configure(SWITCH, control(0, 0, 0))).toBe(EINVAL);
    expect(bench.configure(ENUM, control(0, 0))).toBe(EINVAL);
    expect(crc(bench.run(input("s32")))).toBe("437a4242");
    const read = new Uint8Array(4096);
    expect(bench.module.getConfiguration?.(0, read)).toBe(108);
    expect(read.subarray(0, 108)).toEqual(blobOf(speaker));
  });

  it("refuses channel counts and containers that it has no code for", () => {
    const wide = format("s32", 2, 48000, { channelsCount: 9 });
    const { services } = drc("s32");
    expect(drcDriver.create(services, payload(wide))).toBe(EINVAL);
    const floats = format("float");
    const bench = new Bench(drcDriver, payload(floats), floats);
    expect(bench.prepare()).toBe(EINVAL);
  });
});
