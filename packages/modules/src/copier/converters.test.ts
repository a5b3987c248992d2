import { createPcmKernels } from "@sof-ts/dsp";
import type { AudioFormat } from "@sof-ts/ipc4";
import { AudioMemory, type Direction, type GatewayKind } from "@sof-ts/module-api";
import { describe, expect, it } from "vitest";
import { format } from "../../test/kit.js";
import { selectConversion } from "./select-conversion.js";

const memory = new AudioMemory(0x30000);
const pcm = createPcmKernels(memory);
const IN = 0x20000;
const OUT = 0x20100;

const fmt = (depth: number, validBitDepth: number, sampleType = 1, channels = 1): AudioFormat =>
  format("s32", channels, 48000, { depth, validBitDepth, sampleType });

function convert(
  x: number,
  from: AudioFormat,
  to: AudioFormat,
  kind: GatewayKind | null = null,
  direction: Direction = "playback",
  map = 0x76543210,
): number | null {
  const conversion = selectConversion(pcm, from, to, { kind, direction }, map);
  if (conversion === null) return null;
  memory.i32[IN >> 2] = x;
  memory.i32[OUT >> 2] = 0;
  conversion(IN, OUT, 1);
  return to.depth === 16
    ? (memory.i16[OUT >> 1] as number)
    : to.depth === 8
      ? (memory.u8[OUT] as number)
      : (memory.i32[OUT >> 2] as number);
}

const s16 = fmt(16, 16);
const s16In32 = fmt(32, 16);
const s24 = fmt(32, 24);
const s24Msb = fmt(32, 24, 0);
const s32 = fmt(32, 32);
const float = fmt(32, 32, 4);
const u8 = fmt(8, 8, 3);
const packed = fmt(24, 24);

describe("choice of a conversion", () => {
  it.each([
    ["16 to 32", s16, s32, 0x1234, 0x12340000],
    ["32 to 16", s32, s16, 0x12348000, 0x1235],
    ["16 to 24", s16, s24, -2, -512],
    ["24 to 16", s24, s16, 0x7fff80, 0x7fff],
    ["24 to 32", s24, s32, 0x123456, 0x12345600],
    ["32 to 24", s32, s24, 0x12345680, 0x123457],
    ["24 to 24, whatever is on top", s24, s24, 0x7f123456, 0x7f123456],
    ["16 to 16 in 32", s16, s16In32, -5, -5],
    ["16 in 32 to 16", s16In32, s16, 0x70005, 5],
    ["16 in 32 to 32", s16In32, s32, -5, -5 << 16],
    ["32 to 16 in 32", s32, s16In32, -5 << 16, -5],
    ["16 in 32 to 24", s16In32, s24, -5, -5 << 8],
    ["24 to 16 in 32", s24, s16In32, 0x1280, 0x13],
    ["24 to float", s24, float, 1 << 22, 0x3f000000],
    ["float to 24", float, s24, 0x3f000000, 1 << 22],
    ["16 to float", s16, float, -0x4000, 0xbf000000 | 0],
    ["float to 32", float, s32, 0x3e800000, 0x20000000],
    // From one half on, the rounding bit is taken from a clamped value.
    ["large float to 32", float, s32, 0xbf000000 | 0, -0x40000001],
    ["unsigned bytes to 32", u8, s32, 129, 1 << 24],
    ["32 to unsigned bytes", s32, u8, 1 << 24, 129],
    ["packed 24 to 24", packed, s24, 0xfffffe, -2],
  ])("%s", (_name, from, to, x, y) => {
    expect(convert(x, from, to)).toBe(y);
  });

  it.each<[GatewayKind, Direction, "input" | "output"]>([
    ["host", "playback", "input"],
    ["host", "capture", "output"],
    ["hda-link", "playback", "output"],
    ["ssp", "playback", "output"],
    ["alh", "capture", "input"],
    ["dmic", "capture", "input"],
  ])("left-aligns 24 bits on the side of a %s gateway for %s: %s", (kind, direction, side) => {
    const left = side === "input" ? 0x12345600 : 0x123456;
    const right = side === "input" ? 0x123456 : 0x12345600;
    expect(convert(left, s24Msb, s24Msb, kind, direction)).toBe(right);
    expect(convert(0x123456, s24, s24, kind, direction)).toBe(0x123456);
  });

  it("leaves 24 bits where they are between modules and at an IPC gateway", () => {
    expect(convert(0x123456, s24Msb, s24)).toBe(0x123456);
    expect(convert(0x123456, s24Msb, s24, "ipc")).toBe(0x123456);
  });

  it("shifts without rounding where channels are remapped", () => {
    const remapped = (x: number, from: AudioFormat, to: AudioFormat) =>
      convert(x, from, { ...to, channelsCount: 2 }, null, "playback", 0x00);
    expect(remapped(0x1234ffff, s32, s16)).toBe(0x1234);
    expect(remapped(-1, s32, s24)).toBe(-1);
    expect(remapped(0x7fff, s16, s32)).toBe(0x7fff0000);
    expect(remapped(0x12, s16In32, s24)).toBe(0x1200);
    expect(remapped(0x1234, s24, s16In32)).toBe(0x12);
    expect(remapped(0x70005, s16In32, s16)).toBe(5);
  });

  it("takes a channel map that is not the identity for a remap", () => {
    expect(convert(0x12348000, s32, s16, null, "playback", 0xf)).toBe(0);
    expect(convert(0x12348000, s32, s16, null, "playback", 0xfffffff0)).toBe(0x1235);
  });

  it("has none for what the firmware has none", () => {
    expect(convert(0, u8, s16)).toBeNull();
    expect(convert(0, float, float, null, "playback", 1)).toBeNull();
    expect(convert(0, fmt(64, 64), s32)).toBeNull();
    expect(convert(0, packed, s32)).toBeNull();
  });
});
