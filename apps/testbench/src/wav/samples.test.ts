import { InputError, Random } from "@sof-ts/kit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  convertPcm,
  convertSamples,
  isLossless,
  parseSampleLayout,
  pcmToWav,
  readRaw,
  type SampleLayout,
  sampleLayouts,
  wavToPcm,
} from "./index.js";

const bytesOf = (samples: Int16Array | Int32Array | Float32Array) =>
  new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
const s16 = (...values: number[]) => bytesOf(Int16Array.from(values));
const s32 = (...values: number[]) => bytesOf(Int32Array.from(values));
const float = (...values: number[]) => bytesOf(Float32Array.from(values));

const layouts = Object.keys(sampleLayouts) as SampleLayout[];
const integers = layouts.filter((layout) => layout !== "FLOAT");

describe("convertSamples", () => {
  it.each([
    [
      "S16_LE",
      "S32_LE",
      s16(1, -1, 0x7fff, -0x8000),
      s32(0x10000, -0x10000, 0x7fff0000, -0x80000000),
    ],
    ["S16_LE", "S24_4LE", s16(1, -1, -0x8000), s32(0x100, -0x100, -0x800000)],
    ["S16_LE", "S24_3LE", s16(0x1234, -1), Uint8Array.of(0, 0x34, 0x12, 0, 0xff, 0xff)],
    ["S24_3LE", "S24_4LE", Uint8Array.of(0x56, 0x34, 0x12, 0xff, 0xff, 0xff), s32(0x123456, -1)],
    ["S24_3LE", "S24_4LE_MSB", Uint8Array.of(0x56, 0x34, 0x12), s32(0x12345600)],
    ["S24_4LE", "S24_3LE", s32(0x123456, -2), Uint8Array.of(0x56, 0x34, 0x12, 0xfe, 0xff, 0xff)],
    ["S24_4LE_MSB", "S24_4LE", s32(0x12345600, -256), s32(0x123456, -1)],
    [
      "S32_LE",
      "S16_LE",
      s32(0x7fffffff, -0x80000000, 32767, 32768, -32768, -32769),
      s16(32767, -32768, 0, 1, 0, -1),
    ],
    ["S32_LE", "S24_4LE", s32(0x7fffffff, 127, 128, -128, -129), s32(0x7fffff, 0, 1, 0, -1)],
    ["S24_4LE", "S16_LE", s32(127, 128, -128, -129, 0x7fffff), s16(0, 1, 0, -1, 32767)],
    ["S16_LE", "FLOAT", s16(0x4000, -0x8000, 1), float(0.5, -1, 1 / 32768)],
    ["S24_4LE", "FLOAT", s32(0x7fffff, -0x800000), float(8388607 / 8388608, -1)],
    [
      "FLOAT",
      "S16_LE",
      float(0.5, 1, -1, 2, -2, 0.5 / 32768, -0.5 / 32768),
      s16(0x4000, 32767, -32768, 32767, -32768, 1, 0),
    ],
    [
      "FLOAT",
      "S32_LE",
      float(1, -1, 0.25, Number.NaN, Infinity, -Infinity),
      s32(0x7fffffff, -0x80000000, 0x20000000, 0, 0x7fffffff, -0x80000000),
    ],
    ["FLOAT", "S24_4LE", float(1, -1, 1 / 8388608), s32(0x7fffff, -0x800000, 1)],
  ] as const)("converts %s to %s", (from, to, input, expected) => {
    expect([...convertSamples(input, from, to)]).toEqual([...expected]);
  });

  it("rounds a float once, not first to 32 bits and then to fewer", () => {
    const justBelowHalf = 0.5 / 32768 - 2 ** -36;
    expect([...convertSamples(float(justBelowHalf), "FLOAT", "S16_LE")]).toEqual([0, 0]);
  });

  it("ignores what stands above 24 right-aligned bits", () => {
    expect([...convertSamples(s32(0x00ffffff), "S24_4LE", "S32_LE")]).toEqual([...s32(-256)]);
    expect([...convertSamples(s32(0x00ffffff), "S24_4LE", "S16_LE")]).toEqual([...s16(0)]);
  });

  it("takes samples at any address", () => {
    const memory = new Uint8Array(9);
    memory.set(s32(0x11223344, -5), 1);
    expect([...convertSamples(memory.subarray(1), "S32_LE", "S24_4LE_MSB")]).toEqual([
      ...s32(0x11223300, 0),
    ]);
    memory.set(s16(7, 8), 1);
    expect([...convertSamples(memory.subarray(1, 5), "S16_LE", "S32_LE")]).toEqual([
      ...s32(7 << 16, 8 << 16),
    ]);
  });

  it("comes back unchanged from every layout that isLossless names", () => {
    const sample = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
    const pairs = integers.flatMap((from) =>
      layouts.filter((to) => isLossless(from, to)).map((to) => [from, to] as const),
    );
    expect(pairs.length).toBeGreaterThan(15);
    fc.assert(
      fc.property(fc.constantFrom(...pairs), fc.array(sample), ([from, to], values) => {
        const original = convertSamples(s32(...values), "S32_LE", from);
        const back = convertSamples(convertSamples(original, from, to), to, from);
        expect([...back]).toEqual([...original]);
      }),
    );
  });

  it("knows what is lossless", () => {
    expect(isLossless("S16_LE", "FLOAT")).toBe(true);
    expect(isLossless("S24_3LE", "S24_4LE_MSB")).toBe(true);
    expect(isLossless("S32_LE", "FLOAT")).toBe(false);
    expect(isLossless("FLOAT", "S32_LE")).toBe(false);
    expect(isLossless("S24_4LE", "S16_LE")).toBe(false);
  });
});

describe("parseSampleLayout", () => {
  it("takes the firmware's names and ALSA's", () => {
    expect(
      ["s16_le", "S24_LE", "S24_4LE", "S24_3LE", "FLOAT_LE", "S32_LE"].map(parseSampleLayout),
    ).toEqual(["S16_LE", "S24_4LE", "S24_4LE", "S24_3LE", "FLOAT", "S32_LE"]);
  });

  it("lists the names when it knows none", () => {
    expect(() => parseSampleLayout("U8")).toThrow(InputError);
    expect(() => parseSampleLayout("toString")).toThrow(/S16_LE.*S24_LE/);
  });
});

describe("PCM audio", () => {
  it("goes to WAV and back in every layout", () => {
    const random = new Random(1);
    for (const layout of layouts) {
      const noise = Int32Array.from({ length: 12 }, () => random.u32());
      const data = convertSamples(bytesOf(noise), "S32_LE", layout);
      const audio = { rate: 44100, channels: 3, frames: 4, layout, data };
      const wav = pcmToWav(audio);
      expect(wav).toMatchObject({ rate: 44100, channels: 3, frames: 4 });
      expect(wav.data.length).toBe((12 * wav.containerBits) / 8);
      expect(wavToPcm(wav, layout)).toEqual(audio);
    }
  });

  it("packs right-aligned 24 bits into a WAV file, or writes 24 in 32 when asked", () => {
    const audio = {
      rate: 48000,
      channels: 1,
      frames: 1,
      layout: "S24_4LE",
      data: s32(0x123456),
    } as const;
    const packed = pcmToWav(audio);
    expect(packed).toMatchObject({ containerBits: 24, validBits: 24, sampleType: "int" });
    expect([...packed.data]).toEqual([0x56, 0x34, 0x12]);
    const padded = pcmToWav(audio, "S24_4LE_MSB");
    expect(padded).toMatchObject({ containerBits: 32, validBits: 24, sampleType: "int" });
    expect([...padded.data]).toEqual([...s32(0x12345600)]);
  });

  it("converts between layouts of the DSP", () => {
    const audio = { rate: 48000, channels: 1, frames: 1, layout: "S16_LE", data: s16(-2) } as const;
    expect(convertPcm(audio, "S24_4LE")).toEqual({ ...audio, layout: "S24_4LE", data: s32(-512) });
  });

  it("is read from raw files of whole frames only", () => {
    const format = { rate: 16000, channels: 2, layout: "S32_LE" } as const;
    expect(readRaw(new Uint8Array(16), "x.raw", format)).toMatchObject({ frames: 2 });
    expect(() => readRaw(new Uint8Array(17), "x.raw", format)).toThrow(
      /^x\.raw, offset 16 .*17 bytes are not whole frames of 2 x S32_LE/,
    );
  });
});
