/** Largest 24-bit sample. */
const FULL_SCALE = 0x7fffff;
/** Periods whose gains are looked at together. */
const PERIODS = 10;

/** Gains at the two ends of a block, as 31 - attenuation fraction bits. */
export interface BlockGain {
  begin: number;
  end: number;
}

/**
 * The gains of the last ten blocks. A block is played at the lowest of them, one block late, so the gain is
 * down before the loud block comes.
 */
export class GainWindow {
  readonly block: BlockGain = { begin: 0, end: 0 };
  private readonly gains = new Int32Array(PERIODS);
  private newest = 0;
  private attenuation = 0;

  /** @param attenuation 1..3 bits; all gains start at half of what it allows */
  reset(attenuation: number): void {
    this.attenuation = attenuation;
    this.newest = 0;
    this.gains.fill(2 ** (31 - attenuation) - 1);
  }

  /** Adds a block with the given peak and computes {@link block}. */
  push(peak: number): void {
    const { attenuation, gains } = this;
    const next = (this.newest + 1) % PERIODS;
    gains[next] = Math.floor(fullGain(peak, attenuation) / 2 ** (attenuation + 1));
    this.block.begin = this.lowest(this.newest + 2);
    this.block.end = this.lowest(this.newest + 3);
    this.newest = next;
  }

  private lowest(first: number): number {
    let lowest = this.gains[first % PERIODS] as number;
    for (let i = 1; i < PERIODS - 1; i++) {
      lowest = Math.min(lowest, this.gains[(first + i) % PERIODS] as number);
    }
    return lowest;
  }
}

/** The gain (32 fraction bits) that brings `peak` to full scale, at most `attenuation` bits. */
function fullGain(peak: number, attenuation: number): number {
  if (peak <= FULL_SCALE >> attenuation) return 2 ** (attenuation + 32) - 1;
  // (FULL_SCALE << 32) / peak in two steps that doubles hold exactly.
  const dividend = FULL_SCALE * 2 ** 29;
  const rest = dividend % peak;
  return ((dividend - rest) / peak) * 8 + Math.floor((rest * 8) / peak);
}
