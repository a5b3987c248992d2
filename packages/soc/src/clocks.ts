import { assert, type Cycles } from "@sof-ts/kit";
import type { TimeSource } from "./ports.js";

/** Greatest common divisor of two positive integers. */
export function gcd(a: number, b: number): number {
  let x = a;
  let y = b;
  while (y !== 0) {
    const rest = x % y;
    x = y;
    y = rest;
  }
  return x;
}

/**
 * A free-running counter of another clock, derived from core clock cycles: exactly floor(cycles * hz / coreHz),
 * without drift. The wall clock of the DSP (`DSPWC` of cAVS, `DXHWC` of ACE) is one, at the XTAL's 38.4 MHz.
 */
export class DerivedCounter {
  readonly hz: number;
  private readonly time: TimeSource;
  private readonly numerator: number;
  private readonly denominator: number;

  constructor(time: TimeSource, coreClockHz: number, hz: number) {
    const common = gcd(coreClockHz, hz);
    this.time = time;
    this.hz = hz;
    this.numerator = hz / common;
    this.denominator = coreClockHz / common;
    assert(
      this.numerator * this.denominator <= Number.MAX_SAFE_INTEGER,
      `${hz} Hz cannot be derived exactly`,
    );
  }

  /** Counter value now, as one integer (exact up to 2^53). */
  read(): number {
    return this.at(this.time.now);
  }

  /** Counter value at an instant. */
  at(cycles: Cycles): number {
    // Read in every period, and a remainder of doubles is a call; the quotient is off by one at most.
    const { denominator } = this;
    let whole = Math.floor(cycles / denominator);
    let rest = cycles - whole * denominator;
    if (rest < 0) {
      whole--;
      rest += denominator;
    }
    return whole * this.numerator + Math.floor((rest * this.numerator) / this.denominator);
  }

  /** Low 32 bits of the counter, unsigned. */
  low(): number {
    return this.read() >>> 0;
  }

  /** High 32 bits of the counter. */
  high(): number {
    return Math.floor(this.read() / 0x1_0000_0000);
  }
}
