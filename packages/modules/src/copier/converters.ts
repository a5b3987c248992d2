import type { PcmKernels, SampleKernel } from "@sof-ts/dsp";
import { type FormatPair, FrameFmt } from "@sof-ts/module-api";
import type { BlockKernel } from "../common/blocks.js";

/** A conversion of interleaved samples; a number where bytes are copied, so many for each sample. */
type Pick = ((kernels: PcmKernels) => SampleKernel) | typeof copy2 | typeof copy4;

const { S16_LE, S24_4LE, S32_LE, FLOAT, S24_3LE, S24_4LE_MSB, U8, S16_4LE } = FrameFmt;

const copy2 = 2;
const copy4 = 4;

const plainKey = (from: FrameFmt, to: FrameFmt) => (from << 4) | to;

/** Conversions between streams whose container is their valid format (SOF's `pcm_func_map`). */
const plain: ReadonlyMap<number, Pick> = new Map<number, Pick>([
  [plainKey(S16_LE, S16_LE), copy2],
  [plainKey(S24_4LE, S24_4LE), copy4],
  [plainKey(S32_LE, S32_LE), copy4],
  [plainKey(FLOAT, FLOAT), copy4],
  [plainKey(S16_LE, S24_4LE), (pcm) => pcm.s16ToS24],
  [plainKey(S24_4LE, S16_LE), (pcm) => pcm.s24ToS16],
  [plainKey(S16_LE, S32_LE), (pcm) => pcm.s16ToS32],
  [plainKey(S32_LE, S16_LE), (pcm) => pcm.s32ToS16],
  [plainKey(S24_4LE, S32_LE), (pcm) => pcm.shiftLeft8],
  [plainKey(S32_LE, S24_4LE), (pcm) => pcm.s32ToS24],
  [plainKey(S32_LE, S24_4LE_MSB), (pcm) => pcm.s32ToS24Msb],
  [plainKey(S24_4LE_MSB, S32_LE), copy4],
  [plainKey(S16_LE, FLOAT), (pcm) => pcm.s16ToFloat],
  [plainKey(S24_4LE, FLOAT), (pcm) => pcm.s24ToFloat],
  [plainKey(S32_LE, FLOAT), (pcm) => pcm.s32ToFloat],
  [plainKey(FLOAT, S16_LE), (pcm) => pcm.floatToS16],
  [plainKey(FLOAT, S24_4LE), (pcm) => pcm.floatToS24],
  [plainKey(FLOAT, S32_LE), (pcm) => pcm.floatToS32],
  [plainKey(U8, S32_LE), (pcm) => pcm.u8ToS32],
  [plainKey(S32_LE, U8), (pcm) => pcm.s32ToU8],
]);

const containerKey = (from: FormatPair, to: FormatPair) =>
  (from.frameFmt << 12) | (from.validFmt << 8) | (to.frameFmt << 4) | to.validFmt;

const pair = (frameFmt: FrameFmt, validFmt: FrameFmt): FormatPair => ({ frameFmt, validFmt });
const s16 = pair(S16_LE, S16_LE);
const s16In32 = pair(S32_LE, S16_LE);
const s24 = pair(S32_LE, S24_4LE);
const s24Msb = pair(S32_LE, S24_4LE_MSB);
const s24Packed = pair(S24_3LE, S24_3LE);
const s32 = pair(S32_LE, S32_LE);
const float = pair(FLOAT, FLOAT);
const u8In16 = pair(S16_LE, U8);

/** Conversions that look at container and valid bits (SOF's `pcm_func_vc_map`), all build options on. */
const containerAware: ReadonlyMap<number, Pick> = new Map<number, Pick>([
  [containerKey(s24, s24), copy4],
  [containerKey(s24, s32), (pcm) => pcm.shiftLeft8],
  [containerKey(s32, s24), (pcm) => pcm.s32ToS24],
  [containerKey(s16, s24), (pcm) => pcm.s16ToS24],
  [containerKey(s24, s16), (pcm) => pcm.s24ToS16],
  [containerKey(s24, s24Msb), (pcm) => pcm.shiftLeft8],
  [containerKey(s24Msb, s24), (pcm) => pcm.s32ToS24],
  [containerKey(s24Msb, s24Msb), copy4],
  [containerKey(s32, s24Msb), (pcm) => pcm.s32ToS24Msb],
  [containerKey(s24Msb, s32), copy4],
  [containerKey(s16, s24Msb), (pcm) => pcm.s16ToS32],
  [containerKey(s24Msb, s16), (pcm) => pcm.s32ToS16],
  [containerKey(s24, float), (pcm) => pcm.s24ToFloat],
  [containerKey(float, s24), (pcm) => pcm.floatToS24],
  [containerKey(s16, s16In32), (pcm) => pcm.s16ToS16In32],
  [containerKey(s16In32, s16), (pcm) => pcm.s16In32ToS16],
  [containerKey(s16In32, s32), (pcm) => pcm.shiftLeft16],
  [containerKey(s32, s16In32), (pcm) => pcm.s32ToS16In32],
  [containerKey(s16In32, s24), (pcm) => pcm.shiftLeft8],
  [containerKey(s24, s16In32), (pcm) => pcm.s24ToS16In32],
  [containerKey(s24Packed, s24), (pcm) => pcm.s24PackedToS24],
  [containerKey(s24, s24Packed), (pcm) => pcm.s24ToS24Packed],
  [containerKey(u8In16, u8In16), copy2],
  [containerKey(s16In32, s16In32), copy4],
] satisfies [number, Pick][]);

/** Left shifts of the remap table, keyed like the plain one; negative is to the right. */
const remapShifts: ReadonlyMap<number, number> = new Map([
  [plainKey(S16_LE, S16_LE), 0],
  [plainKey(S16_LE, S24_4LE), 8],
  [plainKey(S24_4LE, S16_LE), -8],
  [plainKey(S16_LE, S24_4LE_MSB), 16],
  [plainKey(S16_LE, S32_LE), 16],
  [plainKey(S24_4LE_MSB, S16_LE), -16],
  [plainKey(S32_LE, S16_LE), -16],
  [plainKey(S16_LE, S16_4LE), 0],
  [plainKey(S16_4LE, S16_LE), 0],
  [plainKey(S24_4LE, S24_4LE), 0],
  [plainKey(S24_4LE_MSB, S32_LE), 0],
  [plainKey(S32_LE, S24_4LE_MSB), 0],
  [plainKey(S32_LE, S32_LE), 0],
  [plainKey(S16_4LE, S16_4LE), 0],
  [plainKey(S24_4LE, S24_4LE_MSB), 8],
  [plainKey(S24_4LE, S32_LE), 8],
  [plainKey(S24_4LE_MSB, S24_4LE), -8],
  [plainKey(S32_LE, S24_4LE), -8],
  [plainKey(S24_4LE, S16_4LE), -8],
  [plainKey(S16_4LE, S24_4LE), 8],
  [plainKey(S32_LE, S16_4LE), -16],
  [plainKey(S16_4LE, S32_LE), 16],
]);

/** @returns the conversion of frames of so many channels, which it keeps, or null */
export function sampleConversion(
  kernels: PcmKernels,
  from: FormatPair,
  to: FormatPair,
  channels: number,
): BlockKernel | null {
  const simple =
    from.frameFmt === from.validFmt &&
    to.frameFmt === to.validFmt &&
    from.frameFmt !== S24_3LE &&
    to.frameFmt !== S24_3LE;
  const pick = simple
    ? plain.get(plainKey(from.frameFmt, to.frameFmt))
    : containerAware.get(containerKey(from, to));
  if (pick === undefined) return null;
  // One function for each kind of block: it is called in every period.
  if (typeof pick === "number") {
    const frameBytes = pick * channels;
    return (src, dst, frames) => kernels.copyBytes(src, dst, frames * frameBytes);
  }
  const convert = pick(kernels);
  return (src, dst, frames) => convert(src, dst, frames * channels);
}

/** 16 or 24 valid bits in 32 count as formats of their own where channels are remapped. */
function remapFormat({ frameFmt, validFmt }: FormatPair): FrameFmt {
  if (frameFmt !== S32_LE) return frameFmt;
  return validFmt === S16_LE ? S16_4LE : validFmt;
}

/** @returns the left shift of a channel remap between two formats (negative: right), or null */
export function remapShift(from: FormatPair, to: FormatPair): number | null {
  return remapShifts.get(plainKey(remapFormat(from), remapFormat(to))) ?? null;
}
