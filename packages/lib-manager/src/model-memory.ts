import { PAGE_BYTES } from "@sof-ts/firmware-image";
import { SysHeap } from "@sof-ts/kernel";
import { assert } from "@sof-ts/kit";
import type { LibraryMemory } from "./ports.js";

export interface ModelMemoryConfig {
  /** DRAM for images and cold sections (SOF's IMR heap). */
  readonly dram: { readonly base: number; readonly size: number };
  /** Bytes of SRAM that may back library sections at one time. */
  readonly sramBytes: number;
}

/**
 * Library memory of a model without translated addresses: a heap for DRAM, a budget for SRAM, and bytes for
 * what is taken of either.
 */
export class ModelLibraryMemory implements LibraryMemory {
  private readonly dram: SysHeap;
  private readonly blocks = new Map<number, Uint8Array>();
  private readonly mapped = new Map<number, Uint8Array>();
  private readonly sramBytes: number;
  private sramTaken = 0;

  constructor({ dram, sramBytes }: ModelMemoryConfig) {
    this.dram = new SysHeap(dram, "library DRAM");
    this.sramBytes = sramBytes;
  }

  get use(): { readonly sramBytes: number; readonly dramBytes: number } {
    return { sramBytes: this.sramTaken, dramBytes: this.dram.stats().allocatedBytes };
  }

  allocDram(size: number): number {
    const address = this.dram.alignedAlloc(PAGE_BYTES, size);
    if (address !== 0) this.blocks.set(address, new Uint8Array(size));
    return address;
  }

  freeDram(address: number): void {
    assert(this.blocks.delete(address), `no DRAM block at 0x${address.toString(16)}`);
    this.dram.free(address);
  }

  dramBytes(address: number): Uint8Array {
    const block = this.blocks.get(address);
    assert(block !== undefined, `no DRAM block at 0x${address.toString(16)}`);
    return block;
  }

  mapSram(address: number, size: number): Uint8Array | null {
    assert(!this.mapped.has(address), `0x${address.toString(16)} is backed already`);
    if (size > this.sramBytes - this.sramTaken) return null;
    const bytes = new Uint8Array(size);
    this.mapped.set(address, bytes);
    this.sramTaken += size;
    return bytes;
  }

  unmapSram(address: number): void {
    const bytes = this.mapped.get(address);
    assert(bytes !== undefined, `0x${address.toString(16)} is not backed`);
    this.mapped.delete(address);
    this.sramTaken -= bytes.length;
  }

  /** The bytes that back a virtual address range, for whoever looks at memory; null where nothing does. */
  bytesAt(address: number, size: number): Uint8Array | null {
    for (const [start, bytes] of this.mapped) {
      if (address >= start && address + size <= start + bytes.length) {
        return bytes.subarray(address - start, address - start + size);
      }
    }
    return null;
  }
}
