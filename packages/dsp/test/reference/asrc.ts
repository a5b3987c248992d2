import { rnd, sat16, sat32, type Width, wrap } from "./exact.js";

/** Polynomials of one interpolation filter: highest power first, the tap of the newest sample first. */
export interface FarrowReference {
  readonly taps: number;
  readonly polynomials: number;
  readonly words: ArrayLike<number>;
}

/** Impulse response for time value `tv`, Q5.27 of 0..1. */
export function impulseResponse(filter: FarrowReference, tv: bigint): bigint[] {
  const { taps, polynomials: n, words } = filter;
  const t = sat32(tv << 4n);
  return Array.from({ length: taps }, (_, tap) => {
    const at = (power: number): bigint => BigInt(words[(n - 1 - power) * taps + tap] as number);
    let a = at(n - 1);
    for (let k = n - 2; k >= 0; k--) a = wrap(at(k) + sat32(rnd(a * t, 31)));
    return a;
  });
}

/** Filters one channel's newest-first history with 16 or 32-bit arithmetic. 24-bit samples are shifted up. */
export function farrowSample(
  response: readonly bigint[],
  newestFirst: readonly bigint[],
  narrow: boolean,
): bigint {
  let acc = 0n;
  response.forEach((h, i) => (acc += (newestFirst[i] ?? 0n) * (narrow ? h : h >> 8n)));
  return narrow ? sat16(rnd(sat32(acc >> 14n), 16)) : sat32(acc >> 22n);
}

/** One frame of every channel, from histories that have the newest sample first. */
class Histories {
  private readonly channels: bigint[][];
  private readonly filter: FarrowReference;
  private readonly width: Width;

  constructor(filter: FarrowReference, channels: number, width: Width) {
    this.filter = filter;
    this.width = width;
    this.channels = Array.from({ length: channels }, () => []);
  }

  take(frame: readonly bigint[]): void {
    this.channels.forEach((channel, ch) => {
      channel.unshift(this.width === 24 ? (frame[ch] as bigint) << 8n : (frame[ch] as bigint));
      if (channel.length > this.filter.taps) channel.pop();
    });
  }

  output(tv: bigint): bigint[] {
    const response = impulseResponse(this.filter, tv);
    return this.channels.map((channel) => {
      const y = farrowSample(response, channel, this.width === 16);
      return this.width === 24 ? y >> 8n : y;
    });
  }
}

const ONE = 1n << 27n;
const ratioOf = (a: number, b: number): bigint => (ONE * BigInt(a)) / BigInt(b);

/** Push mode: interleaved in, an output whenever one is due before the next input. */
export function pushReference(
  filter: FarrowReference,
  samples: readonly bigint[],
  channels: number,
  rates: readonly [from: number, to: number],
  width: Width,
): bigint[] {
  const step = ratioOf(rates[0], rates[1]);
  const histories = new Histories(filter, channels, width);
  const out: bigint[] = [];
  let tv = 0n;
  for (let next = 0; next < samples.length;) {
    if (tv < ONE) {
      out.push(...histories.output(tv));
      tv += step;
    } else {
      histories.take(samples.slice(next, next + channels));
      next += channels;
      tv -= ONE;
    }
  }
  return out;
}

/** Pull mode: a number of output frames, as far as the input goes. */
export function pullReference(
  filter: FarrowReference,
  samples: readonly bigint[],
  channels: number,
  rates: readonly [from: number, to: number],
  width: Width,
  frames: number,
): bigint[] {
  const step = ratioOf(rates[1], rates[0]);
  const inverse = ratioOf(rates[0], rates[1]);
  const histories = new Histories(filter, channels, width);
  const out: bigint[] = [];
  let tv = 0n;
  let tp = 0n;
  for (let next = 0; out.length < frames * channels;) {
    if (tp < ONE) {
      if (next >= samples.length) return out;
      histories.take(samples.slice(next, next + channels));
      next += channels;
      tv = ((ONE - tp) * inverse) >> 27n;
      tp += step;
    } else {
      out.push(...histories.output(tv));
      tv += inverse;
      tp -= ONE;
    }
  }
  return out;
}
