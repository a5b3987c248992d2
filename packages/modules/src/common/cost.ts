/** Cycles of a call whatever it processes: adapter, ring bookkeeping, loop set-up. */
const CALL_CYCLES = 1500;
/** Load, store, alignment and saturation of one sample. */
const SAMPLE_CYCLES = 20;
/** One multiplication and addition of 32-bit words, two issues in a cycle with its loads. */
const MAC_CYCLES = 1.5;

/**
 * Estimates the DSP cycles of a `process` call, for hosts and manifests that give no `cpc`.
 *
 * @param samples frames times channels that were processed
 * @param macs multiplications and additions for each of them
 */
export function estimateCycles(samples: number, macs: number): number {
  return CALL_CYCLES + Math.round(samples * (SAMPLE_CYCLES + macs * MAC_CYCLES));
}
