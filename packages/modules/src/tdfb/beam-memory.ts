import { type BeamFilter, planBeam } from "@sof-ts/dsp";
import type { AudioAllocator } from "@sof-ts/module-api";

/**
 * Kernel memory that beams are written to. A larger one is allocated when a blob arrives, off the audio path;
 * the one in use stays until `process` has moved over, and is given back at the next chance outside of it.
 */
export class BeamMemory {
  /** Address that the kernel reads. */
  address = 0;
  private bytes = 0;
  private readonly heap: AudioAllocator;
  private next = 0;
  private nextBytes = 0;
  private spent = 0;

  constructor(heap: AudioAllocator) {
    this.heap = heap;
  }

  /** Makes room for the largest of these beams. Not from `process`. @returns false when there is none */
  reserve(beams: readonly (readonly BeamFilter[])[]): boolean {
    this.heap.free(this.spent);
    this.spent = 0;
    let most = 0;
    for (const beam of beams) most = Math.max(most, planBeam(beam).byteLength);
    if (most <= (this.next === 0 ? this.bytes : this.nextBytes)) return true;
    this.heap.free(this.next);
    this.next = this.heap.alloc(most);
    this.nextBytes = most;
    return this.next !== 0;
  }

  /** Moves to the memory that was reserved last; does not allocate or free. */
  advance(): void {
    if (this.next === 0) return;
    this.spent = this.address;
    this.address = this.next;
    this.bytes = this.nextBytes;
    this.next = 0;
  }

  /** Gives all of it back. */
  release(): void {
    this.heap.free(this.spent);
    this.heap.free(this.next);
    this.heap.free(this.address);
    this.spent = 0;
    this.next = 0;
    this.address = 0;
    this.bytes = 0;
  }
}
