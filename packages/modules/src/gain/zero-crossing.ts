import type { GainKernels } from "@sof-ts/dsp";
import type { AudioStream } from "@sof-ts/module-api";

/**
 * Looks in the oldest `limit` frames of `source`, from the last one back, for a place where the sum of the
 * channels changes its sign.
 *
 * @param state address of an i32 with the sum before
 * @returns frames up to and including that place; `limit` where there is none
 */
export function findZeroCrossing(
  kernels: GainKernels,
  source: AudioStream,
  limit: number,
  validBits: number,
  state: number,
): number {
  const kind = validBits === 16 ? 0 : validBits === 24 ? 1 : 2;
  const straight = Math.min(limit, Math.floor((source.end - source.readPtr) / source.frameBytes));
  if (straight < limit) {
    const found = kernels.zeroCrossing(
      kind,
      source.start,
      limit - straight,
      source.channels,
      state,
    );
    if (found > 0) return straight + found;
  }
  return kernels.zeroCrossing(kind, source.readPtr, straight, source.channels, state) || limit;
}
