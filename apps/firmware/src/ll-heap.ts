import { type AudioAllocator, AudioMemory } from "@sof-ts/module-api";

const DEFAULT_ALIGN = 16;

/** Sizes of what was handed out and is not back yet, for leak checks. */
export interface HeapUse {
  readonly blocks: number;
  readonly bytes: number;
}

/**
 * The LL user heap (SOF's `sof_sys_user_heap`): rings, delay lines and module state of all cores, in the
 * audio memory of the LL domain. Allocation goes through a system call, because the heap's own book-keeping
 * is the kernel's.
 */
export class LlHeap implements AudioAllocator {
  readonly memory: AudioMemory;
  private readonly sizes = new Map<number, number>();
  private readonly allocCall: (byteLength: number, align: number) => number;
  private readonly freeCall: (address: number) => void;

  constructor(
    memory: AudioMemory,
    allocCall: (byteLength: number, align: number) => number,
    freeCall: (address: number) => void,
  ) {
    this.memory = memory;
    this.allocCall = allocCall;
    this.freeCall = freeCall;
  }

  get use(): HeapUse {
    let bytes = 0;
    for (const size of this.sizes.values()) bytes += size;
    return { blocks: this.sizes.size, bytes };
  }

  alloc(byteLength: number, align = DEFAULT_ALIGN): number {
    const address = this.allocCall(byteLength, align);
    if (address === 0) return 0;
    this.sizes.set(address, byteLength);
    this.memory.u8.fill(0, address, address + byteLength);
    return address;
  }

  free(address: number): void {
    if (address === 0) return;
    this.sizes.delete(address);
    this.freeCall(address);
  }
}

/** The part of an audio memory that a heap may hand out. */
export function heapRange(memory: AudioMemory): { readonly base: number; readonly size: number } {
  return { base: AudioMemory.RESERVED_BYTES, size: memory.byteLength - AudioMemory.RESERVED_BYTES };
}
