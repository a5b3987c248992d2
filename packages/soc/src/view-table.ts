const MAX_SLOTS = 16_384;

/**
 * Hands out subarrays of one piece of memory without making them anew: a stream moves blocks of few lengths at
 * the same offsets again and again, and a new `Uint8Array` costs several times the copy itself. A direct-mapped
 * cache; a collision costs one allocation and nothing else.
 */
export class ViewTable {
  readonly bytes: Uint8Array;
  private readonly shift: number;
  private readonly offsets: Int32Array;
  private readonly lengths: Int32Array;
  private readonly views: Uint8Array[];

  /** @param span bytes over which the offsets are expected to range; sizes the cache */
  constructor(bytes: Uint8Array, span: number) {
    let slots = 64;
    while (slots < span / 64 && slots < MAX_SLOTS) slots *= 2;
    this.bytes = bytes;
    this.shift = 32 - Math.log2(slots);
    this.offsets = new Int32Array(slots).fill(-1);
    this.lengths = new Int32Array(slots);
    this.views = Array.from({ length: slots }, () => bytes);
  }

  /** @returns `length` bytes at `offset` (counted from `bytes[0]`) */
  view(offset: number, length: number): Uint8Array {
    // Fibonacci hashing spreads arithmetic progressions, which is what stream offsets are.
    const slot = Math.imul(offset, 0x9e37_79b1) >>> this.shift;
    if (this.offsets[slot] === offset && this.lengths[slot] === length)
      return this.views[slot] as Uint8Array;
    const view = this.bytes.subarray(offset, offset + length);
    this.offsets[slot] = offset;
    this.lengths[slot] = length;
    this.views[slot] = view;
    return view;
  }
}
