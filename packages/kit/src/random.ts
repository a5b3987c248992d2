import { assert } from "./assert.js";

/**
 * A seeded pseudo-random source (sfc32): the only randomness allowed in the machine, in scenarios and in
 * fuzzers. The same seed gives the same sequence on every platform.
 */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private counter: number;

  /** @param seed any integer; only its low 32 bits count */
  constructor(seed: number) {
    this.a = 0x9e3779b9;
    this.b = 0x243f6a88;
    this.c = seed | 0;
    this.counter = 1;
    for (let i = 0; i < 12; i++) this.u32();
  }

  /** @returns the next integer in 0..2^32-1 */
  u32(): number {
    const sum = (((this.a + this.b) | 0) + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** @returns an integer in 0..`limit`-1; `limit` is 1..2^32 */
  below(limit: number): number {
    assert(Number.isInteger(limit) && limit >= 1 && limit <= 0x1_0000_0000, `below(${limit})`);
    return Math.floor((this.u32() / 0x1_0000_0000) * limit);
  }

  /** @returns an integer in `low`..`high`, both included */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** @returns one element of a non-empty list */
  pick<T>(items: readonly T[]): T {
    assert(items.length > 0, "pick from an empty list");
    return items[this.below(items.length)] as T;
  }

  /** Shuffles `items` in place (Fisher-Yates) and returns it. */
  shuffle<T>(items: T[]): T[] {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const swapped = items[i] as T;
      items[i] = items[j] as T;
      items[j] = swapped;
    }
    return items;
  }
}
