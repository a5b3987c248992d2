import type { AudioAllocator, AudioStream } from "@sof-ts/module-api";
import { BlockRing } from "./block-ring.js";

/** One connection of a module that runs in its own thread: the LL stream outside, a ring inside. */
export class DpPort {
  /** The ring of the connection, which belongs to the graph. */
  readonly stream: AudioStream;
  readonly ring: BlockRing;
  /** Bytes that one run takes in or puts out here. */
  readonly blockBytes: number;
  /** Whether the connection still exists: its LL stream may be gone otherwise. */
  attached = true;
  /** Takes part in runs: it was there at the last prepare. */
  active = false;
  /** Bytes per second of its format; set at prepare. */
  bytesPerSecond = 0;

  constructor(stream: AudioStream, ring: BlockRing, blockBytes: number) {
    this.stream = stream;
    this.ring = ring;
    this.blockBytes = blockBytes;
  }

  /** Microseconds that `byteCount` bytes of this connection last. */
  durationUs(byteCount: number): number {
    return (byteCount * 1e6) / this.bytesPerSecond;
  }

  /** Gives the ring's memory back. */
  free(heap: AudioAllocator): void {
    heap.free(this.ring.start);
  }
}

/**
 * Makes the inside of a connection: two blocks, one that the thread works on and one that the tick fills or
 * empties meanwhile.
 *
 * @returns the port, or null when the block is empty or memory is short
 */
export function createPort(
  heap: AudioAllocator,
  stream: AudioStream,
  blockBytes: number,
): DpPort | null {
  const size = 2 * blockBytes;
  const address = size > 0 ? heap.alloc(size) : 0;
  if (address === 0) return null;
  return new DpPort(stream, new BlockRing(heap.memory, address, size), blockBytes);
}
