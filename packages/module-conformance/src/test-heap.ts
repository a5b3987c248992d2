import { type AudioAllocator, AudioMemory } from "@sof-ts/module-api";

/** A bump allocator that counts, for tests of who allocates when. */
export class TestHeap implements AudioAllocator {
  readonly memory: AudioMemory;
  allocations = 0;
  readonly live = new Map<number, number>();
  /** Allocations that still succeed. */
  budget = Number.POSITIVE_INFINITY;
  private next = AudioMemory.RESERVED_BYTES;

  constructor(memory = new AudioMemory(0x80000)) {
    this.memory = memory;
  }

  alloc(byteLength: number, align = 16): number {
    this.allocations++;
    if (this.budget-- <= 0) return 0;
    const address = Math.ceil(this.next / align) * align;
    if (address + byteLength > this.memory.byteLength) return 0;
    this.next = address + byteLength;
    this.memory.u8.fill(0, address, this.next);
    this.live.set(address, byteLength);
    return address;
  }

  free(address: number): void {
    if (address === 0) return;
    if (!this.live.delete(address)) throw new Error(`free of ${address}, which is not allocated`);
  }
}
