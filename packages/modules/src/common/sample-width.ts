import { FrameFmt, type StreamParams } from "@sof-ts/module-api";
import type { SampleBits } from "./wide-kernel.js";

/**
 * Kernel for a stream: 16, 24 or 32 bits. 24 valid bits in 32 get 24-bit arithmetic in every module: levels are
 * relative to 24-bit full scale, results are rounded and saturated to 24 bits. (SOF's drc, multiband_drc,
 * crossover, tdfb, dcblock, asrc, selector, level_multiplier and igo_nr look at the container alone and run their
 * 32-bit functions on such streams, although each has a 24-bit one.)
 *
 * @returns the width, or null for a format without a kernel
 */
export function kernelWidth({
  frameFmt,
  validFmt,
}: Pick<StreamParams, "frameFmt" | "validFmt">): SampleBits | null {
  if (frameFmt === FrameFmt.S16_LE) return 16;
  if (frameFmt === FrameFmt.S24_4LE) return 24;
  if (frameFmt !== FrameFmt.S32_LE) return null;
  return validFmt === FrameFmt.S24_4LE ? 24 : 32;
}

/** @returns bytes of one sample of a kernel */
export const widthBytes = (width: SampleBits): 2 | 4 => (width === 16 ? 2 : 4);
