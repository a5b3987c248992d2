import { assert, EBUSY, EFAULT, EINVAL } from "@sof-ts/kit";

/** Rights of a page, as bits: for supervisor and for user mode apart, and whether accesses go through the cache. */
export const KERNEL_READ = 1;
export const KERNEL_WRITE = 2;
export const KERNEL_EXECUTE = 4;
export const USER_READ = 8;
export const USER_WRITE = 16;
export const USER_EXECUTE = 32;
export const PAGE_CACHED = 64;

/** Kind of an access. */
export type Access = "read" | "write" | "execute";

/** Why an access was refused: no mapping, or a mapping without the right for this mode. */
export type MmuFault = "unmapped" | "privilege" | "write" | "execute" | "read";

const kernelRight: Readonly<Record<Access, number>> = {
  read: KERNEL_READ,
  write: KERNEL_WRITE,
  execute: KERNEL_EXECUTE,
};
const userRight: Readonly<Record<Access, number>> = {
  read: USER_READ,
  write: USER_WRITE,
  execute: USER_EXECUTE,
};

/** The page table of one memory domain: it overrides the kernel's map where it has an entry. */
export class AddressSpace {
  readonly name: string;
  /** Rights by page number. */
  readonly pages = new Map<number, number>();
  /** Cores on which the space is active, as bits. */
  activeOn = 0;

  constructor(name: string) {
    this.name = name;
  }
}

/**
 * The memory management unit: addresses are not translated (the firmware runs identity mapped), but every page
 * has rights, for all spaces in the kernel's map and for one space in its own. Cached and uncached aliases are
 * different pages. Changes hold at once, on every core.
 */
export class Mmu {
  readonly pageSize: number;
  /** The map that all spaces share. */
  readonly kernel: AddressSpace;
  /** After a refused check: the first byte that was refused, and why. */
  faultAddress = 0;
  fault: MmuFault = "unmapped";
  private readonly active: AddressSpace[];

  constructor(coreCount: number, pageSize: number) {
    this.pageSize = pageSize;
    this.kernel = new AddressSpace("kernel");
    this.active = Array.from({ length: coreCount }, () => this.kernel);
    this.kernel.activeOn = 2 ** coreCount - 1;
  }

  /** Makes an empty space: what the kernel's map gives, nothing more. */
  createSpace(name: string): AddressSpace {
    return new AddressSpace(name);
  }

  /** Ends a space. @returns 0, -EBUSY while it is active on a core, -EINVAL for the kernel's own */
  destroySpace(space: AddressSpace): number {
    if (space === this.kernel) return -EINVAL;
    if (space.activeOn !== 0) return -EBUSY;
    space.pages.clear();
    return 0;
  }

  /**
   * Gives the pages of a range rights in `space` (or, in {@link kernel}, in all spaces).
   *
   * @returns 0, or -EINVAL when start or size is not page-aligned or the range is empty
   */
  map(space: AddressSpace, address: number, size: number, rights: number): number {
    if (!this.aligned(address, size)) return -EINVAL;
    for (let page = address / this.pageSize; page < (address + size) / this.pageSize; page++)
      space.pages.set(page, rights);
    return 0;
  }

  /** Takes the entries of a range away; the kernel's map holds again. @returns 0, or -EINVAL as {@link map} */
  unmap(space: AddressSpace, address: number, size: number): number {
    if (!this.aligned(address, size)) return -EINVAL;
    for (let page = address / this.pageSize; page < (address + size) / this.pageSize; page++)
      space.pages.delete(page);
    return 0;
  }

  /** Rights of the page of `address` in `space`; 0 when it is not mapped. */
  rights(space: AddressSpace, address: number): number {
    const page = Math.floor(address / this.pageSize);
    return space.pages.get(page) ?? this.kernel.pages.get(page) ?? 0;
  }

  /**
   * Checks an access of `size` bytes.
   *
   * @param user whether the core is in user mode
   * @returns 0, or -EFAULT with {@link faultAddress} and {@link fault} telling where and why
   */
  check(space: AddressSpace, address: number, size: number, access: Access, user: boolean): number {
    const right = user ? userRight[access] : kernelRight[access];
    const end = address + size;
    for (let at = address; at < end; at = (Math.floor(at / this.pageSize) + 1) * this.pageSize) {
      const rights = this.rights(space, at);
      if ((rights & right) !== 0) continue;
      this.faultAddress = at;
      if (rights === 0) this.fault = "unmapped";
      else this.fault = user && (rights & kernelRight[access]) !== 0 ? "privilege" : access;
      return -EFAULT;
    }
    return 0;
  }

  /** Makes `space` the one in which `core` runs. */
  activate(core: number, space: AddressSpace): void {
    const before = this.active[core];
    assert(before !== undefined, "no such core");
    before.activeOn &= ~(1 << core);
    space.activeOn |= 1 << core;
    this.active[core] = space;
  }

  /** The space in which `core` runs. */
  activeSpace(core: number): AddressSpace {
    const space = this.active[core];
    assert(space !== undefined, "no such core");
    return space;
  }

  /** As after power-up: nothing mapped, every core in the kernel's map. */
  reset(): void {
    for (let core = 0; core < this.active.length; core++) this.activate(core, this.kernel);
    this.kernel.pages.clear();
  }

  private aligned(address: number, size: number): boolean {
    return size > 0 && address % this.pageSize === 0 && size % this.pageSize === 0;
  }
}
