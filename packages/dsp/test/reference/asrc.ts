import { rnd, sat16, sat32, wrap } from "./exact.js";

/** Polynomials of one interpolation filter: for each pair of taps, highest power first, both taps. */
export interface FarrowReference {
  readonly taps: number;
  readonly polynomials: number;
  readonly coefficients: ArrayLike<number>;
}

/** Impulse response for time value `tv`, Q5.27 of 0..1. */
export function impulseResponse(filter: FarrowReference, tv: bigint): bigint[] {
  const { taps, polynomials: n, coefficients } = filter;
  const t = sat32(tv << 4n);
  return Array.from({ length: taps }, (_, tap) => {
    const at = (power: number): bigint =>
      BigInt(coefficients[(tap >> 1) * 2 * n + (n - 1 - power) * 2 + (tap & 1)] as number);
    let a = at(n - 1);
    for (let k = n - 2; k >= 0; k--) a = wrap(at(k) + sat32(rnd(a * t, 31)));
    return a;
  });
}

/** Filters one channel's newest-first history with 16 or 32-bit arithmetic. */
export function farrowSample(
  response: readonly bigint[],
  newestFirst: readonly bigint[],
  narrow: boolean,
): bigint {
  let acc = 0n;
  response.forEach((h, i) => (acc += (newestFirst[i] ?? 0n) * (narrow ? h : h >> 8n)));
  return narrow ? sat16(rnd(sat32(acc >> 14n), 16)) : sat32(acc >> 22n);
}

/** Push mode: interleaved in, as many frames as the input gives. */
export function pushReference(
  filter: FarrowReference,
  samples: readonly bigint[],
  channels: number,
  rateIn: number,
  rateOut: number,
  narrow: boolean,
): bigint[] {
  const one = 1n << 27n;
  const ratio = (one * BigInt(rateIn)) / BigInt(rateOut);
  const history: bigint[][] = Array.from({ length: channels }, () => []);
  const out: bigint[] = [];
  let tv = 0n;
  for (let next = 0; ;) {
    if (tv < one) {
      const response = impulseResponse(filter, tv);
      for (const channel of history) out.push(farrowSample(response, channel, narrow));
      tv += ratio;
    } else {
      if (next >= samples.length) return out;
      history.forEach((channel, ch) => {
        channel.unshift(samples[next + ch] as bigint);
        if (channel.length > filter.taps) channel.pop();
      });
      next += channels;
      tv -= one;
    }
  }
}
