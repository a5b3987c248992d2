import type { Kernel } from "./kernel.js";

/**
 * A 32-bit signed word that changes in one step (Zephyr's `atomic_t`). Every context, user mode included,
 * given access to its memory; sequentially consistent. Changes return the previous value.
 */
export class Atomic {
  private readonly kernel: Kernel;
  private value: number;

  constructor(kernel: Kernel, initial = 0) {
    this.kernel = kernel;
    this.value = initial | 0;
  }

  /** `atomic_get`. */
  get(): number {
    const k = this.kernel;
    if (k.checker !== null) k.checker.acquire(this, k.current);
    return this.value;
  }

  /** `atomic_set`. */
  set(value: number): number {
    return this.change(value);
  }

  /** `atomic_clear`. */
  clear(): number {
    return this.change(0);
  }

  /** `atomic_add`. */
  add(value: number): number {
    return this.change(this.value + value);
  }

  /** `atomic_sub`. */
  sub(value: number): number {
    return this.change(this.value - value);
  }

  /** `atomic_inc`. */
  inc(): number {
    return this.change(this.value + 1);
  }

  /** `atomic_dec`. */
  dec(): number {
    return this.change(this.value - 1);
  }

  /** `atomic_or`. */
  or(value: number): number {
    return this.change(this.value | value);
  }

  /** `atomic_and`. */
  and(value: number): number {
    return this.change(this.value & value);
  }

  /** `atomic_xor`. */
  xor(value: number): number {
    return this.change(this.value ^ value);
  }

  /** `atomic_nand`: the complement of the and. */
  nand(value: number): number {
    return this.change(~(this.value & value));
  }

  /** `atomic_cas`. @returns whether the value was `expected` and is `value` now */
  cas(expected: number, value: number): boolean {
    const equal = this.value === (expected | 0);
    this.change(equal ? value : this.value);
    return equal;
  }

  /** `atomic_set_bit`. */
  setBit(bit: number): void {
    this.or(1 << bit);
  }

  /** `atomic_clear_bit`. */
  clearBit(bit: number): void {
    this.and(~(1 << bit));
  }

  /** `atomic_set_bit_to`. */
  setBitTo(bit: number, on: boolean): void {
    if (on) this.setBit(bit);
    else this.clearBit(bit);
  }

  /** `atomic_test_bit`. */
  testBit(bit: number): boolean {
    return ((this.get() >> bit) & 1) === 1;
  }

  /** `atomic_test_and_set_bit`. @returns whether it was set before */
  testAndSetBit(bit: number): boolean {
    return ((this.or(1 << bit) >> bit) & 1) === 1;
  }

  /** `atomic_test_and_clear_bit`. @returns whether it was set before */
  testAndClearBit(bit: number): boolean {
    return ((this.and(~(1 << bit)) >> bit) & 1) === 1;
  }

  private change(value: number): number {
    const k = this.kernel;
    if (k.checker !== null) {
      k.checker.acquire(this, k.current);
      k.checker.release(this, k.current);
    }
    const before = this.value;
    this.value = value | 0;
    return before;
  }
}
