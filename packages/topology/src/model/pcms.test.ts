import { describe, expect, it } from "vitest";
import { pcmRecord } from "../builder/pcm-records.js";
import { formatMask, formatNames, rateList, rateMask } from "./alsa-caps.js";
import { makePcm, type PcmStream, supportsRate } from "./pcms.js";

function stream(options: Parameters<typeof pcmRecord>[0]["playback"]): PcmStream {
  const record = pcmRecord({
    id: 1,
    name: "P",
    playback: { ...options, host: "S", formats: ["S16_LE"] },
  });
  const pcm = makePcm(record, (name, direction) => (name === "S" ? `host ${direction}` : null));
  if (pcm.playback === null) throw new Error("no stream");
  return pcm.playback;
}

const base = { host: "S", formats: ["S16_LE"] } as const;

describe("makePcm", () => {
  it("reads the capabilities of a direction", () => {
    expect(
      stream({
        ...base,
        channels: [1, 8],
        periods: [2, 16],
        periodBytes: [192, 16384],
        bufferBytes: 65536,
        d0i3Compatible: true,
        pauseSupported: true,
      }),
    ).toMatchObject({
      direction: "playback",
      streamName: "S",
      hostWidget: "host playback",
      formats: ["S16_LE"],
      formatMask: 4n,
      channels: { min: 1, max: 8 },
      periods: { min: 2, max: 16 },
      periodBytes: { min: 192, max: 16384 },
      bufferBytes: { min: 65536, max: 65536 },
      d0i3Compatible: true,
      pauseSupported: true,
    });
  });

  it("has no stream for a direction that the PCM does not have", () => {
    const pcm = makePcm(pcmRecord({ id: 1, name: "P", capture: base }), () => null);
    expect([pcm.playback, pcm.capture?.hostWidget]).toEqual([null, null]);
  });
});

describe("supportsRate", () => {
  it("goes by the mask", () => {
    const { rates } = stream({ ...base, rates: [8000, 48000] });
    expect(rates).toMatchObject({
      mask: 0x82,
      list: [8000, 48000],
      continuous: false,
      min: 0,
      max: 0,
    });
    expect([8000, 16000, 48000].map((rate) => supportsRate(rates, rate))).toEqual([
      true,
      false,
      true,
    ]);
  });

  it("takes any rate of a range when there is no mask", () => {
    const { rates } = stream({ ...base, rates: { min: 8000, max: 48000 } });
    expect([7999, 8000, 11111, 48000, 48001].map((rate) => supportsRate(rates, rate))).toEqual([
      false,
      true,
      true,
      true,
      false,
    ]);
  });

  it("keeps to the limits beside a mask", () => {
    const { rates } = stream({ ...base, rates: [8000, 48000] });
    expect(supportsRate({ ...rates, min: 48000, max: 48000 }, 8000)).toBe(false);
  });

  it("takes nothing when neither a mask nor a range is given", () => {
    const { rates } = stream({ ...base, rates: { min: 0, max: 0 } });
    expect(supportsRate(rates, 48000)).toBe(false);
  });
});

describe("ALSA masks", () => {
  it("name the formats of HDMI and analog PCMs", () => {
    expect(formatNames(0x40404n)).toEqual(["S16_LE", "S32_LE", "IEC958_SUBFRAME_LE"]);
    expect(formatNames(0x444n)).toEqual(["S16_LE", "S24_LE", "S32_LE"]);
    expect(formatNames(1n << 63n)).toEqual(["BIT_63"]);
  });

  it("turn back into masks", () => {
    for (const mask of [0x40404n, 0x444n, 1n << 63n, 0n])
      expect(formatMask(formatNames(mask))).toBe(mask);
  });

  it("list rates in ascending order", () => {
    expect(rateList(0x1ee0)).toEqual({
      rates: [32000, 44100, 48000, 88200, 96000, 176400, 192000],
      continuous: false,
    });
    expect(rateList(0x40000000)).toEqual({ rates: [], continuous: true });
    expect(rateMask([48000, 8000, 16000])).toBe(0x8a);
    expect(rateMask([48000, 37800])).toBeUndefined();
  });
});
