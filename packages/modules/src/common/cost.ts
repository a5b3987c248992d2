/** Cycles of a call whatever it processes: adapter, ring bookkeeping, loop set-up. */
const CALL_CYCLES = 1500;
/** Twice the cycles of load, store, alignment and saturation of one sample: whole numbers are quicker. */
const SAMPLE_HALF_CYCLES = 40;
/** Twice those of one multiplication and addition of 32-bit words, two issues in a cycle with its loads. */
const MAC_HALF_CYCLES = 3;

/**
 * Estimates the DSP cycles of a `process` call, for hosts and manifests that give no `cpc`.
 *
 * @param samples frames times channels that were processed
 * @param macs multiplications and additions for each of them
 */
export function estimateCycles(samples: number, macs: number): number {
  return CALL_CYCLES + ((samples * (SAMPLE_HALF_CYCLES + macs * MAC_HALF_CYCLES) + 1) >> 1);
}
