import { type Biquad, PairReference, SplitReference } from "./crossover.js";
import { DrcReference } from "./drc.js";
import { from32, sat16, rnd, sat32, to32, type Width } from "./exact.js";

export interface MultibandConfig {
  readonly emphasis: readonly [Biquad, Biquad];
  readonly deemphasis: readonly [Biquad, Biquad];
  readonly useEmphasis: boolean;
  readonly crossover: readonly Biquad[];
  readonly bands: readonly (readonly number[])[];
}

/** Emphasis, band split, one compressor per band, sum, de-emphasis. */
export class MultibandReference {
  private readonly config: MultibandConfig;
  private readonly width: Width;
  private readonly emphasis: PairReference[];
  private readonly deemphasis: PairReference[];
  private readonly splits: SplitReference[];
  private readonly bands: DrcReference[];

  constructor(config: MultibandConfig, channels: number, width: Width, rate: number) {
    const each = <T>(make: () => T): T[] => Array.from({ length: channels }, make);
    this.config = config;
    this.width = width;
    this.emphasis = each(() => new PairReference(...config.emphasis));
    this.deemphasis = each(() => new PairReference(...config.deemphasis));
    this.splits = each(() => new SplitReference(config.bands.length, config.crossover));
    this.bands = config.bands.map((params) => {
      const band = new DrcReference(params, channels, width === 16 ? 16 : 32, rate);
      band.enabled = params[0] !== 0;
      return band;
    });
  }

  frame(input: readonly bigint[]): bigint[] {
    const narrow = this.width === 16;
    const split = input.map((x, ch) => {
      const v = to32(x, this.width);
      const shaped = this.config.useEmphasis ? (this.emphasis[ch] as PairReference).next(v) : v;
      return (this.splits[ch] as SplitReference).next(shaped);
    });
    const sums = input.map(() => 0n);
    this.bands.forEach((band, index) => {
      band.start();
      const stored = split.map((bands) => {
        const v = bands[index] as bigint;
        return narrow ? sat16(rnd(v, 16)) : v;
      });
      const out = band.exchange(stored);
      if (band.enabled && band.write % 32n === 0n) band.update();
      out.forEach((y, ch) => (sums[ch] = sat32((sums[ch] as bigint) + (narrow ? y << 16n : y))));
    });
    return sums.map((m, ch) =>
      from32(
        this.config.useEmphasis ? (this.deemphasis[ch] as PairReference).next(m) : m,
        this.width,
      ),
    );
  }
}
