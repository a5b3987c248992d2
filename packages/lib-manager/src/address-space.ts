import { assert } from "@sof-ts/kit";

interface Range {
  readonly address: number;
  readonly size: number;
}

/**
 * The virtual addresses that libraries are linked at (SOF's llext virtual region): a range at its own place,
 * or the first that is free. Not synchronised.
 */
export class AddressSpace {
  readonly base: number;
  readonly size: number;
  /** Taken ranges in order of address. */
  private readonly taken: Range[] = [];

  constructor(base: number, size: number) {
    this.base = base;
    this.size = size;
  }

  get takenBytes(): number {
    return this.taken.reduce((sum, { size }) => sum + size, 0);
  }

  /** Takes exactly this range. @returns whether it was free and in the space */
  reserve(address: number, size: number): boolean {
    const inside = address >= this.base && address + size <= this.base + this.size;
    if (!inside || size <= 0) return false;
    const next = this.taken.findIndex((range) => range.address + range.size > address);
    const at = next < 0 ? this.taken.length : next;
    const after = this.taken[at];
    if (after !== undefined && after.address < address + size) return false;
    this.taken.splice(at, 0, { address, size });
    return true;
  }

  /** Takes the first free range of this size. @returns its address, 0 when none is large enough */
  allocate(size: number): number {
    let address = this.base;
    for (const range of this.taken) {
      if (range.address - address >= size) break;
      address = range.address + range.size;
    }
    return this.reserve(address, size) ? address : 0;
  }

  /** Gives back the range that begins at `address`. */
  release(address: number): void {
    const index = this.taken.findIndex((range) => range.address === address);
    assert(index >= 0, `no library range at 0x${address.toString(16)}`);
    this.taken.splice(index, 1);
  }
}
