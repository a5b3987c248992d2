import { from32, rnd, sat32, to32, type Width, wrap } from "./exact.js";

/** Words of one biquad: a2, a1, b2, b1, b0 (Q2.30), output shift, gain (Q2.14). */
export type Biquad = readonly number[];

/** One DF1 section with its output stage. The accumulator has 64 bits and wraps. */
export class SectionReference {
  private readonly words: readonly bigint[];
  private x1 = 0n;
  private x2 = 0n;
  private y1 = 0n;
  private y2 = 0n;

  constructor(words: Biquad) {
    this.words = words.map(BigInt);
  }

  next(x: bigint): bigint {
    const [a2, a1, b2, b1, b0, shift, gain] = this.words as [
      bigint,
      bigint,
      bigint,
      bigint,
      bigint,
      bigint,
      bigint,
    ];
    const acc = a2 * this.y2 + a1 * this.y1 + b2 * this.x2 + b1 * this.x1 + b0 * x;
    const t = sat32(rnd(wrap(acc, 64), 30));
    this.y2 = this.y1;
    this.y1 = t;
    this.x2 = this.x1;
    this.x1 = x;
    return sat32(rnd(gain * t, 14 + Number(shift)));
  }
}

/** Two sections in series; a Linkwitz-Riley filter when both are the same. */
export class PairReference {
  private readonly first: SectionReference;
  private readonly second: SectionReference;

  constructor(first: Biquad, second: Biquad = first) {
    this.first = new SectionReference(first);
    this.second = new SectionReference(second);
  }

  next(x: bigint): bigint {
    return this.second.next(this.first.next(x));
  }
}

/**
 * Splits one channel into bands of 32-bit samples.
 *
 * @param biquads LP0, HP0[, LP1, HP1, LP2, HP2]
 */
export class SplitReference {
  private readonly filters: PairReference[];
  private readonly bands: number;

  constructor(bands: number, biquads: readonly Biquad[]) {
    this.bands = bands;
    this.filters = biquads.map((biquad) => new PairReference(biquad));
  }

  next(x: bigint): bigint[] {
    const [lp0, hp0, lp1, hp1, lp2, hp2] = this.filters as [
      PairReference,
      PairReference,
      PairReference,
      PairReference,
      PairReference,
      PairReference,
    ];
    if (this.bands === 2) return [lp0.next(x), hp0.next(x)];
    if (this.bands === 3) {
      const z1 = lp0.next(x);
      const z2 = hp0.next(x);
      return [sat32(lp1.next(z1) + hp1.next(z1)), lp2.next(z2), hp2.next(z2)];
    }
    const z1 = lp1.next(x);
    const z2 = hp1.next(x);
    return [lp0.next(z1), hp0.next(z1), lp2.next(z2), hp2.next(z2)];
  }
}

/** @returns one interleaved signal per band */
export function crossoverReference(
  samples: readonly bigint[],
  channels: number,
  width: Width,
  bands: number,
  biquads: readonly Biquad[],
): bigint[][] {
  const splits = Array.from({ length: channels }, () => new SplitReference(bands, biquads));
  const out: bigint[][] = Array.from({ length: bands }, () => []);
  samples.forEach((x, i) => {
    const split = splits[i % channels] as SplitReference;
    split.next(to32(x, width)).forEach((y, band) => (out[band] as bigint[]).push(from32(y, width)));
  });
  return out;
}
