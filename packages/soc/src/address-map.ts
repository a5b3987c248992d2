import type { MemoryRange, PlatformDescription } from "./platform.js";

/** Memory that a DSP address can name. */
export type MemoryKind = "hpsram" | "lpsram" | "imr";

const REGION = 0x2000_0000;

/**
 * The address rules of a platform: which memory an address lies in, and the two aliases. Bits 31:29 choose
 * the Xtensa region; the same byte appears in a cached and in an uncached one (`sys_cache_cached_ptr_get`,
 * `sys_cache_uncached_ptr_get` of Zephyr).
 */
export class AddressMap {
  private readonly cachedBase: number;
  private readonly uncachedBase: number;
  private readonly ranges: readonly { readonly kind: MemoryKind; readonly range: MemoryRange }[];

  constructor(platform: PlatformDescription) {
    const { memory } = platform;
    this.cachedBase = memory.cachedRegion * REGION;
    this.uncachedBase = memory.uncachedRegion * REGION;
    this.ranges = [
      { kind: "hpsram", range: memory.hpsram },
      { kind: "lpsram", range: memory.lpsram },
      { kind: "imr", range: memory.imr },
    ];
  }

  isCached(address: number): boolean {
    return address >= this.cachedBase && address < this.cachedBase + REGION;
  }

  isUncached(address: number): boolean {
    return address >= this.uncachedBase && address < this.uncachedBase + REGION;
  }

  /** The cached alias of an address of either alias; other addresses come back unchanged. */
  toCached(address: number): number {
    return this.isUncached(address) ? address - this.uncachedBase + this.cachedBase : address;
  }

  /** The uncached alias of an address of either alias; other addresses come back unchanged. */
  toUncached(address: number): number {
    return this.isCached(address) ? address - this.cachedBase + this.uncachedBase : address;
  }

  /** The memory that `size` bytes at `address` (of either alias) lie in as a whole, or null. */
  find(address: number, size = 1): MemoryKind | null {
    const cached = this.toCached(address);
    for (const { kind, range } of this.ranges) {
      if (cached >= range.base && cached + size <= range.base + range.size) return kind;
    }
    return null;
  }
}
