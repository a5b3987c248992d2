import { FrameFmt } from "@sof-ts/module-api";
import type { SampleBits } from "./wide-kernel.js";

/**
 * Kernel for a stream, chosen by its container as SOF's drc, multiband_drc, crossover, tdfb and asrc do. A
 * stream of 24 valid bits in 32 comes as an S32 container, so it runs through 32-bit arithmetic: no rounding
 * and no saturation to 24 bits. The 24-bit kernels serve streams whose container says S24.
 *
 * @returns the width, or null for a format without a kernel
 */
export function containerWidth(format: FrameFmt): SampleBits | null {
  if (format === FrameFmt.S16_LE) return 16;
  if (format === FrameFmt.S24_4LE) return 24;
  return format === FrameFmt.S32_LE ? 32 : null;
}

/** @returns bytes of one sample of a kernel */
export const widthBytes = (width: SampleBits): 2 | 4 => (width === 16 ? 2 : 4);
