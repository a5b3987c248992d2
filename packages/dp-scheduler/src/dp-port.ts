import { type AudioAllocator, AudioStream, placed } from "@sof-ts/module-api";
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
  // Each side has an offset that the other one only looks at; all else is the thread's, or of who has stopped it.
  const place = { address, size };
  const view = placed(heap, new AudioStream(heap.memory, address, size), {
    name: `view of DP ring 0x${address.toString(16)}`,
    ...place,
  });
  view.sourceQueue = stream.sourceQueue;
  view.sinkQueue = stream.sinkQueue;
  const ring = placed(heap, new BlockRing(heap.memory, address, size, view), {
    name: `DP ring 0x${address.toString(16)}`,
    ...place,
    unchecked: ["writeOffset", "readOffset", "peerActive"],
  });
  return new DpPort(stream, ring, blockBytes);
}
