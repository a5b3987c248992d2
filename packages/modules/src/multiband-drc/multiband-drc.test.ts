import { describe, expect, it } from "vitest";
import { Bench, format, payload, words } from "../../test/kit.js";
import { crc, encodeSamples, type IntegerFormat, noise, quantize } from "../../test/signals.js";
import { multibandDrcDriver } from "./driver.js";

const EINVAL = -22;
const SWITCH = 200;

const compressor = [
  1, -503316480, 335544320, 167772160, 6442451, 33954698, 107374182, 12228399, 1969176, -2080224,
  5305422, 137666458, 81276115, 7456540, -8947849, 2062296, 5, 4423680, 294359, 2477728, 622039,
  46513,
];
const emphasis = [-0x2e000000, 0x6c000000, 0x00100000, 0x00200000, 0x00100000, -3, 0x4000];
const low = [-771751936, 1811939328, 8388608, 16777216, 8388608, 0, 16384];
const high = [-771751936, 1811939328, 914358272, -1828716544, 914358272, 0, 16384];
const lowest = [-973078528, 2030043136, 4194304, 8388608, 4194304, 0, 16384];
const highest = [-973078528, 2030043136, 1019215872, -2038431744, 1019215872, 0, 16384];
const crossover = [low, high, lowest, highest, low, high];

function blobOf(bands = 3, params: readonly number[] = compressor, on = 1): Uint8Array {
  const filters = [emphasis, emphasis, emphasis, emphasis, ...crossover];
  const body = [bands, on, 0, 0, 0, 0, 0, 0, 0, 0, ...filters.flat()];
  for (let band = 0; band < bands; band++) body.push(...params);
  return words(4 * body.length + 4, ...body);
}
const control = (id: number, ...values: number[]) =>
  words(id | (values.length << 16), 0, 0, 0, 0, ...values.flatMap((value, i) => [i, value]));

function multiband(fmt: IntegerFormat, blob: Uint8Array | null = blobOf()): Bench {
  const stream = format(fmt);
  const bench = new Bench(multibandDrcDriver, payload(stream), stream);
  const configured = blob === null ? 0 : bench.configure(0, blob);
  expect([configured, bench.prepare()]).toEqual([0, 0]);
  return bench;
}

const input = (fmt: IntegerFormat) => encodeSamples(quantize(noise(960), fmt), fmt);

describe("multiband_drc", () => {
  it("compresses 16, 24 and 32-bit noise in three bands to the published checksums", () => {
    expect(crc(multiband("s16").run(input("s16")))).toBe("1f03f1b7");
    expect(crc(multiband("s24").run(input("s24")))).toBe("a4686e21");
    expect(crc(multiband("s32").run(input("s32")))).toBe("6b0776d9");
  });

  it("is a wire without a blob and with the switch off, and goes on where it was", () => {
    expect(multiband("s32", null).run(input("s32"))).toEqual(input("s32"));
    const bench = multiband("s32");
    expect(bench.configure(SWITCH, control(0, 0))).toBe(0);
    expect(bench.module.latencyFrames).toBe(0);
    expect(bench.run(input("s32"))).toEqual(input("s32"));
    expect(bench.configure(SWITCH, control(0, 1))).toBe(0);
    expect(bench.module.latencyFrames).toBe(288);
    expect(crc(bench.run(input("s32")))).toBe("6b0776d9");
  });

  it("starts over with a blob that comes while it runs", () => {
    const bench = multiband("s32", blobOf(2));
    bench.run(input("s32"));
    expect(bench.configure(0, blobOf(3))).toBe(0);
    expect(crc(bench.run(input("s32")))).toBe("6b0776d9");
  });

  it("delays bands that are disabled", () => {
    const out = multiband("s32", blobOf(2, compressor.with(0, 0), 0)).run(input("s32"));
    expect(out.subarray(0, 288 * 8).every((byte) => byte === 0)).toBe(true);
    expect(out.subarray(288 * 8, 300 * 8).some((byte) => byte !== 0)).toBe(true);
  });

  it("refuses wrong blobs and controls and keeps the old ones", () => {
    const bench = multiband("s32");
    const wrongSize = blobOf();
    new DataView(wrongSize.buffer).setUint32(0, 4, true);
    const noShift = blobOf();
    new DataView(noShift.buffer).setInt32(44 + 20, -20, true);
    const wrong = [
      blobOf(1),
      blobOf(5),
      blobOf().subarray(0, 500),
      blobOf(3, compressor.with(4, -5)),
      wrongSize,
      noShift,
    ];
    for (const blob of wrong) expect(bench.configure(0, blob)).toBe(EINVAL);
    expect(bench.configure(SWITCH, control(1, 0))).toBe(EINVAL);
    expect(bench.configure(201, control(0, 0))).toBe(EINVAL);
    expect(crc(bench.run(input("s32")))).toBe("6b0776d9");
  });
});
