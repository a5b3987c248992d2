import type { OptimumSpec } from "./asrc-optimum.js";

/** An interpolation filter: taps that are polynomials of the time between two input samples. */
export interface AsrcFilterSpec {
  /** Input rate, or 0 for any. */
  readonly from: number;
  /** Output rate, or 0 for any that is at least the input rate. */
  readonly to: number;
  readonly taps: number;
  /** Polynomial degree + 1. */
  readonly polynomials: number;
  /** Kaiser window parameter. */
  readonly alpha: number;
  /** Input samples from the middle of the window to its end; half of the taps unless given. */
  readonly reach?: number;
  /** Cut-off relative to the lower rate. */
  readonly gamma: number;
  /** Where the windowed sinc is only the model of an optimum. */
  readonly optimum?: OptimumSpec;
}

/**
 * In the order in which a pair of rates looks for its filter. Taps, window and cut-off are those that are
 * published for SOF's converter. Its polynomials are not; where their degree limited the quality it is higher.
 *
 * The second filter, for all conversions up, is an optimum of the same length with the published windowed sinc as
 * model of its transition band: it is better in pass band, stop band and images, and ends a little earlier, so that a
 * sample that leaves the filter has less weight left. Its weights were searched so that no recorded conversion of the
 * reference is better in any band.
 */
export const asrcFilterSpecs: readonly AsrcFilterSpec[] = [
  { from: 48000, to: 0, taps: 48, polynomials: 8, alpha: 7.15, gamma: 0.458 },
  {
    from: 0,
    to: 0,
    taps: 64,
    polynomials: 8,
    alpha: 7.95,
    gamma: 0.459,
    reach: 31.765,
    optimum: {
      pass: 0.40306,
      stop: 0.50402,
      edge: 0.52405,
      passWeight: 1.0821,
      transitionWeight: 3.5075e-4,
      edgeWeight: 31.138,
      terms: 50,
    },
  },
  { from: 48000, to: 8000, taps: 128, polynomials: 5, alpha: 5.6, gamma: 0.4155 },
  { from: 48000, to: 11025, taps: 96, polynomials: 6, alpha: 5.7, gamma: 0.417 },
  { from: 48000, to: 12000, taps: 96, polynomials: 6, alpha: 5.7, gamma: 0.424 },
  { from: 48000, to: 16000, taps: 96, polynomials: 6, alpha: 5.7, gamma: 0.443 },
  { from: 48000, to: 22050, taps: 80, polynomials: 7, alpha: 6.9, gamma: 0.44 },
  { from: 48000, to: 24000, taps: 80, polynomials: 7, alpha: 7.5, gamma: 0.44 },
  { from: 48000, to: 32000, taps: 80, polynomials: 7, alpha: 8, gamma: 0.452 },
  { from: 48000, to: 44100, taps: 64, polynomials: 8, alpha: 8.15, gamma: 0.456 },
  { from: 24000, to: 8000, taps: 128, polynomials: 6, alpha: 6.2, gamma: 0.454 },
  { from: 24000, to: 16000, taps: 80, polynomials: 7, alpha: 6.8, gamma: 0.46 },
];
