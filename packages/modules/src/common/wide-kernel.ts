import type { PcmKernels } from "@sof-ts/dsp";
import type { BlockKernel } from "./blocks.js";

/** Valid bits for which there are kernels. */
export type SampleBits = 16 | 24 | 32;

/** Frames that 16-bit samples are widened for at a time. */
const SCRATCH_FRAMES = 64;

/** @returns bytes of scratch memory that {@link wideKernel} needs */
export function wideScratchBytes(bits: SampleBits, channels: number): number {
  return bits === 16 ? SCRATCH_FRAMES * channels * 4 : 0;
}

/**
 * Lets a filter of 32-bit samples work on any width: samples are left-aligned first, the result is rounded
 * back and saturated.
 *
 * @param run filters from `src` to `dst`, which may be the same
 * @param scratch address of {@link wideScratchBytes} bytes
 */
export function wideKernel(
  pcm: PcmKernels,
  bits: SampleBits,
  channels: number,
  scratch: number,
  run: BlockKernel,
): BlockKernel {
  if (bits === 32) return run;
  if (bits === 24) {
    return (src, dst, frames) => {
      pcm.shiftLeft8(src, dst, frames * channels);
      run(dst, dst, frames);
      pcm.s32ToS24(dst, dst, frames * channels);
    };
  }
  const frameBytes = channels * 2;
  return (src, dst, frames) => {
    for (let done = 0; done < frames; done += SCRATCH_FRAMES) {
      const count = Math.min(SCRATCH_FRAMES, frames - done);
      const at = done * frameBytes;
      pcm.s16ToS32(src + at, scratch, count * channels);
      run(scratch, scratch, count);
      pcm.s32ToS16(scratch, dst + at, count * channels);
    }
  };
}

/** @returns the width as a {@link SampleBits}, or null when there is no kernel for it */
export function sampleBits(validBits: number): SampleBits | null {
  return validBits === 16 || validBits === 24 || validBits === 32 ? validBits : null;
}
