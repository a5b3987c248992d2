import { assert, type Cycles } from "@sof-ts/kit";
import { gcd } from "./clocks.js";

/**
 * Counts frames of a stream against virtual time: exactly rate * time / clock, without drift. Frames fall due
 * at the points of a grid of absolute time, all that have come together at once, so a reader whose own
 * instant jitters inside a period sees whole periods. A grid of one cycle makes every frame due at its own
 * instant.
 */
export class FrameClock {
  private readonly coreClockHz: number;
  private period = 1;
  /** Whole frames each period, and the rest as a fraction of {@link denominator}. */
  private whole = 0;
  private rest = 0;
  private denominator = 1;
  private fraction = 0;
  private next = Number.POSITIVE_INFINITY;
  private maxPeriods = 1;

  constructor(coreClockHz: number) {
    this.coreClockHz = coreClockHz;
  }

  /** @param periodCycles distance of the grid's points, 1 for none */
  configure(rateHz: number, periodCycles: number): void {
    assert(Number.isInteger(periodCycles) && periodCycles > 0, `period of ${periodCycles} cycles`);
    assert(Number.isInteger(rateHz) && rateHz > 0, `${rateHz} frames a second`);
    const numerator = rateHz * periodCycles;
    const common = gcd(numerator, this.coreClockHz);
    this.denominator = this.coreClockHz / common;
    this.whole = Math.floor(numerator / this.coreClockHz);
    this.rest = (numerator - this.whole * this.coreClockHz) / common;
    this.period = periodCycles;
    this.maxPeriods = Math.floor(Number.MAX_SAFE_INTEGER / (2 * this.denominator));
    this.next = Number.POSITIVE_INFINITY;
  }

  /** Starts counting at the grid point at or before `now`. */
  begin(now: Cycles): void {
    this.fraction = 0;
    this.next = now - (now % this.period) + this.period;
  }

  /** Stops counting. */
  halt(): void {
    this.next = Number.POSITIVE_INFINITY;
  }

  /** Frames that fall due together at every grid point; 1 where each is due at its own instant. */
  get periodFrames(): number {
    return this.whole > 0 ? this.whole : 1;
  }

  get counting(): boolean {
    return this.next !== Number.POSITIVE_INFINITY;
  }

  /** The grid point at which frames fall due next; infinite while halted. */
  get nextDue(): Cycles {
    return this.next as Cycles;
  }

  /** @returns frames that fell due since the last call (or since {@link begin}) */
  advance(now: Cycles): number {
    if (now < this.next) return 0;
    this.next += this.period;
    let frames = this.whole;
    this.fraction += this.rest;
    if (this.fraction >= this.denominator) {
      this.fraction -= this.denominator;
      frames++;
    }
    if (now >= this.next) frames += this.advanceFar(now);
    return frames;
  }

  private advanceFar(now: Cycles): number {
    let frames = 0;
    let left = Math.floor((now - this.next) / this.period) + 1;
    this.next += left * this.period;
    while (left > 0) {
      const periods = left < this.maxPeriods ? left : this.maxPeriods;
      const sum = this.fraction + periods * this.rest;
      this.fraction = sum % this.denominator;
      frames += periods * this.whole + (sum - this.fraction) / this.denominator;
      left -= periods;
    }
    return frames;
  }
}
