import { sat, sat32, to32, wrap, type Width, rnd } from "./exact.js";

/** One FIR of a beamformer: which input it hears, where its output goes. */
export interface BeamFilter {
  readonly input: number;
  /** Bit c adds the output to output channel c. */
  readonly mix: number;
  readonly shift: number;
  /** Q1.15 */
  readonly taps: readonly number[];
}

/** `y = sat32((sum h[k] x[n-k]) >> (15 + shift))` over the 32-bit inputs so far. */
export function firStep(
  taps: readonly number[],
  shift: number,
  history: readonly bigint[],
): bigint {
  let acc = 0n;
  taps.forEach((tap, k) => {
    const x = history[history.length - 1 - k];
    if (x !== undefined) acc += BigInt(tap) * x;
  });
  return sat32(acc >> BigInt(15 + shift));
}

/** Filter-and-sum beamformer over interleaved input. */
export function beamReference(
  samples: readonly bigint[],
  inputs: number,
  outputs: number,
  width: Width,
  filters: readonly BeamFilter[],
): bigint[] {
  const history: bigint[][] = Array.from({ length: inputs }, () => []);
  const out: bigint[] = [];
  for (let i = 0; i < samples.length; i += inputs) {
    for (let ch = 0; ch < inputs; ch++)
      (history[ch] as bigint[]).push(to32(samples[i + ch] as bigint, width));
    const sums = Array.from({ length: outputs }, () => 0n);
    for (const filter of filters) {
      const y = firStep(filter.taps, filter.shift, history[filter.input] as bigint[]) >> 4n;
      for (let ch = 0; ch < outputs; ch++) {
        if ((filter.mix >> ch) & 1) sums[ch] = wrap((sums[ch] as bigint) + y);
      }
    }
    for (const sum of sums)
      out.push(width === 32 ? sat32(sum << 4n) : sat(rnd(sum, 28 - width), width));
  }
  return out;
}
