import { encodeBaseModuleCfgExt } from "@sof-ts/ipc4";
import { ByteWriter } from "@sof-ts/kit";
import { describe, expect, it } from "vitest";
import { baseConfig, Bench, format, words } from "../../test/kit.js";
import {
  crc,
  decodeSamples,
  encodeSamples,
  type IntegerFormat,
  noise,
  quantize,
} from "../../test/signals.js";
import { tdfbDriver } from "./driver.js";

const EINVAL = -22;
const SWITCH = 200;
const ENUM = 201;

interface Filter {
  readonly taps: readonly number[];
  readonly shift?: number;
}

interface Beams {
  readonly filters?: readonly Filter[];
  readonly inputs?: readonly number[];
  readonly mix?: readonly number[];
  readonly mixOff?: readonly number[];
  readonly angles?: readonly (readonly [azimuth: number, firstFilter: number])[];
  readonly outputs?: number;
  readonly microphones?: readonly (readonly [x: number, y: number])[];
  /** Size field, when it lies. */
  readonly size?: number;
}

const published: Beams = {
  filters: [
    { taps: [0x4000, 0x2000, 0x1000, -0x800] },
    { taps: [0x1000, 0x4000, -0x2000, 0x400], shift: 1 },
  ],
};

/** A blob of two filters a beam; the angle control counts in steps of 15 degrees from -90. */
function blobOf(beams: Beams): Uint8Array {
  const { filters = [], inputs = [0, 1], mix = [3, 2], mixOff, outputs = 2 } = beams;
  const { angles = [[0, 0]], microphones = [] } = beams;
  const writer = new ByteWriter(2048);
  writer.u32(0).u16(inputs.length).u16(outputs).u16(1).u16(microphones.length).u16(angles.length);
  writer
    .u16(mixOff === undefined ? 0 : 1)
    .u16(0)
    .u16(15)
    .u16(-90 & 0xffff)
    .zeros(6);
  for (const { taps, shift = 0 } of filters) {
    writer
      .u16(taps.length)
      .u16(shift & 0xffff)
      .zeros(16);
    for (const tap of taps) writer.u16(tap & 0xffff);
  }
  for (const list of [inputs, mix, inputs.map(() => 0), mixOff ?? []]) {
    for (const value of list) writer.u16(value);
  }
  for (const [azimuth, first] of angles)
    writer
      .u16(azimuth & 0xffff)
      .u16(0)
      .u16(first)
      .u16(0);
  for (const [x, y] of microphones) {
    writer
      .u16(Math.round(x * 4096) & 0xffff)
      .u16(Math.round(y * 4096) & 0xffff)
      .u16(0)
      .u16(0);
  }
  writer.patchU32(0, beams.size ?? writer.length);
  return writer.finish();
}

function bench(fmt: IntegerFormat, blob: Uint8Array, channels: [number, number] = [2, 2]): Bench {
  const [input, output] = channels.map((count) => format(fmt, count)) as [
    ReturnType<typeof format>,
    ReturnType<typeof format>,
  ];
  const init = encodeBaseModuleCfgExt({
    base: baseConfig(input),
    inputPins: [{ pinIndex: 0, ibs: 384, audioFmt: input }],
    outputPins: [{ pinIndex: 0, obs: 384, audioFmt: output }],
  });
  const made = new Bench(tdfbDriver, init, input, output);
  expect(made.configure(0, blob)).toBe(0);
  return made;
}

function prepared(fmt: IntegerFormat, beams: Beams, channels: [number, number] = [2, 2]): Bench {
  const made = bench(fmt, blobOf(beams), channels);
  expect(made.prepare()).toBe(0);
  return made;
}

const input = (fmt: IntegerFormat, samples = 960) =>
  encodeSamples(quantize(noise(samples), fmt), fmt);
const control = (id: number, ...values: number[]) =>
  words(id | (values.length << 16), 0, 0, 0, 0, ...values.flatMap((value, i) => [i, value]));

const half = (delay: number): Filter => ({
  taps: Array.from({ length: 8 }, (_, i) => (i === delay ? 0x4000 : 0)),
});
/** Beams that delay by 0 samples at 0 degrees, 3 at 30, and 1 when off. */
const delays: Beams = {
  filters: [half(0), half(0), half(3), half(3), half(1), half(1)],
  mix: [1, 2],
  mixOff: [1, 2],
  angles: [
    [0, 0],
    [30, 2],
  ],
};

describe("tdfb", () => {
  it("beams 16, 24 and 32-bit noise to the published checksums", () => {
    expect(crc(prepared("s16", published).run(input("s16")))).toBe("481146c8");
    expect(crc(prepared("s24", published).run(input("s24")))).toBe("4ccd6c46");
    expect(crc(prepared("s32", published).run(input("s32")))).toBe("44658f89");
  });

  it("filters with the beam-off set until the first control comes, then copies", () => {
    const made = prepared("s32", delays);
    const samples = decodeSamples(input("s32", 192), "s32");
    const filtered = decodeSamples(made.run(encodeSamples(samples, "s32")), "s32");
    expect(filtered[20]).toBe(((samples[18] as number) >> 1) & ~15);
    expect(made.configure(SWITCH, control(0, 0))).toBe(0);
    expect(made.run(input("s32", 192))).toEqual(input("s32", 192));
  });

  it("steers to the nearest angle of the control, the first of equals", () => {
    const steered = (value: number) => {
      const made = prepared("s32", delays);
      expect(made.configure(SWITCH, control(0, 1))).toBe(0);
      expect(made.configure(ENUM, control(0, value))).toBe(0);
      const samples = decodeSamples(input("s32", 192), "s32");
      const out = decodeSamples(made.run(encodeSamples(samples, "s32")), "s32");
      const back = [0, 3].find((d) => out[40] === (((samples[40 - 2 * d] as number) >> 1) & ~15));
      return back;
    };
    // 6 is 0 degrees, 7 is 15, 8 is 30.
    expect([steered(6), steered(7), steered(8)]).toEqual([0, 0, 3]);
  });

  it("keeps delay lines over a change of angle, turned by how far their rings had come", () => {
    const made = prepared("s32", delays);
    made.configure(SWITCH, control(0, 1));
    made.configure(ENUM, control(0, 6));
    const samples = decodeSamples(input("s32", 192), "s32");
    made.run(encodeSamples(samples.subarray(0, 96), "s32"));
    made.configure(ENUM, control(0, 8));
    const out = decodeSamples(made.run(encodeSamples(samples.subarray(96), "s32")), "s32");
    // 48 frames in rings of 10: slot 9, taken for the newest, holds frame 39, and slot 7, which the delay of
    // 3 asks for, frame 47.
    expect(out[0]).toBe(((samples[2 * 47] as number) >> 1) & ~15);
    expect(out[6]).toBe(((samples[96] as number) >> 1) & ~15);
  });

  it("copies by the masks when a beam that is off has other channels on its two sides", () => {
    const mono: Beams = { ...published, outputs: 1, inputs: [1, 0], mix: [1, 0] };
    const made = prepared("s16", mono, [2, 1]);
    expect(made.configure(SWITCH, control(0, 0))).toBe(0);
    const samples = decodeSamples(input("s16", 192), "s16");
    const out = decodeSamples(made.run(encodeSamples(samples, "s16")), "s16");
    expect(out).toEqual(samples.filter((_, i) => i % 2 === 1));
  });

  it("tells the azimuth of a loud source once it lasts", () => {
    const microphones = [
      [0, 0.1],
      [0, -0.1],
    ] as const;
    const made = prepared("s32", { ...delays, microphones });
    expect(made.configure(SWITCH, control(1, 1))).toBe(0);
    // From the left (90 degrees) the second microphone hears 28 frames later.
    const sound = noise(2 * 48000).map((x, i) => (i % 24000 < 12000 ? x >> 16 : x >> 3));
    const stereo = Int32Array.from({ length: 4 * 48000 }, (_, i) =>
      i % 2 === 0 ? (sound[i >> 1] as number) : (sound[(i >> 1) - 28] ?? 0),
    );
    made.run(encodeSamples(stereo, "s32"));
    const { notifications } = made.services;
    expect(notifications.length).toBeGreaterThan(1);
    const last = notifications.at(-1);
    expect(last?.eventId).toBe(0xa15a00c9);
    const view = new DataView((last?.data ?? new Uint8Array()).slice().buffer);
    expect([view.getUint16(0, true), view.getUint16(2, true)]).toEqual([1, 1]);
    expect(view.getUint32(24, true)).toBe(12);
  });

  it("refuses blobs with wrong counts, sizes or references and keeps the old one", () => {
    const made = prepared("s32", published);
    const wrong: Beams[] = [
      { ...published, size: 4 },
      { ...published, inputs: [0, 2] },
      { ...published, outputs: 3 },
      { ...published, angles: [] },
      { ...published, angles: [[0, 1]] },
      { ...published, filters: [{ taps: [1, 2, 3] }, { taps: [1, 2, 3, 4] }] },
      { filters: [] },
    ];
    for (const beams of wrong) expect(made.configure(0, blobOf(beams))).toBe(EINVAL);
    expect(made.configure(0, blobOf(published).subarray(0, 40))).toBe(EINVAL);
    expect(made.configure(SWITCH, control(2, 0))).toBe(EINVAL);
    expect(made.configure(SWITCH, control(0, 0, 1))).toBe(EINVAL);
    expect(made.configure(ENUM, control(0, 361))).toBe(EINVAL);
    expect(crc(made.run(input("s32")))).toBe("44658f89");
  });

  it("needs a blob, one pin on each side and a rate that it has tables for", () => {
    const stream = format("s32");
    const plain = new Bench(tdfbDriver, encodeInit("s32", 48000, 1), stream);
    expect(plain.prepare()).toBe(EINVAL);
    for (const [rate, pins] of [
      [44100, 1],
      [48000, 2],
    ] as const) {
      const made = new Bench(tdfbDriver, encodeInit("s32", rate, pins), stream);
      made.configure(0, blobOf(published));
      expect(made.prepare()).toBe(EINVAL);
    }
  });
});

function encodeInit(fmt: IntegerFormat, rate: number, pins: number): Uint8Array {
  const audioFmt = format(fmt, 2, rate);
  return encodeBaseModuleCfgExt({
    base: baseConfig(audioFmt),
    inputPins: Array.from({ length: pins }, (_, pinIndex) => ({ pinIndex, ibs: 384, audioFmt })),
    outputPins: [{ pinIndex: 0, obs: 384, audioFmt }],
  });
}
