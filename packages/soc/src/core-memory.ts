import { assert } from "@sof-ts/kit";
import { BusError } from "./bus-error.js";
import { type CacheObserver, DataCache } from "./data-cache.js";
import type { Soc } from "./soc.js";

/** Widths of a load or store, in bytes. */
export type AccessSize = 1 | 2 | 4;

/**
 * Memory as each core sees it: through its own cache in the cached alias, directly in the uncached one. Made
 * for checked builds and for tests of coherence; a release build does not make one and pays nothing.
 *
 * A core that loses power loses what its cache had not written back, and starts cold.
 */
export class CoreMemory {
  readonly caches: readonly DataCache[];
  private readonly soc: Soc;
  private readonly bytes = new Uint8Array(4);
  private readonly view = new DataView(this.bytes.buffer);

  constructor(soc: Soc, observer: CacheObserver | null = null) {
    const { memory } = soc.platform;
    const shape = {
      size: memory.cacheSize,
      ways: memory.cacheWays,
      lineSize: memory.cacheLineSize,
    };
    this.soc = soc;
    this.caches = soc.cores.map((core) => {
      const cache = new DataCache(core.index, shape, soc.memory);
      cache.observer = observer;
      core.onPower(() => cache.clear());
      return cache;
    });
  }

  /** The cache of a core. */
  cache(core: number): DataCache {
    const cache = this.caches[core];
    assert(cache !== undefined, "no such core");
    return cache;
  }

  /**
   * Loads a little-endian unsigned value of `size` bytes at an aligned address.
   *
   * @throws BusError where there is no memory, or the address is not aligned
   */
  load(core: number, address: number, size: AccessSize): number {
    if (address % size !== 0) throw new BusError("DSP memory", "unaligned", "read", address);
    const cache = this.soc.addresses.isCached(address) ? this.cache(core) : null;
    for (let i = 0; i < size; i++) {
      this.bytes[i] =
        cache === null ? this.soc.memory.readByte(address + i) : cache.readByte(address + i);
    }
    if (size === 4) return this.view.getUint32(0, true);
    return size === 2 ? this.view.getUint16(0, true) : this.view.getUint8(0);
  }

  /**
   * Stores the low `size` bytes of a value at an aligned address.
   *
   * @throws BusError where there is no memory, or the address is not aligned
   */
  store(core: number, address: number, size: AccessSize, value: number): void {
    if (address % size !== 0) throw new BusError("DSP memory", "unaligned", "write", address);
    this.view.setUint32(0, value >>> 0, true);
    if (!this.soc.addresses.isCached(address)) {
      this.soc.memory.write(address, this.bytes, 0, size);
      return;
    }
    const cache = this.cache(core);
    for (let i = 0; i < size; i++) cache.writeByte(address + i, this.bytes[i] as number);
  }
}
