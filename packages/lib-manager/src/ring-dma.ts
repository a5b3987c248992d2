import { type Blocking, K_USEC, type Kernel } from "@sof-ts/kernel";
import { ETIMEDOUT } from "@sof-ts/kit";
import type { LibraryDma } from "./ports.js";

/** A configured and started host DMA channel, as Zephyr's `dma_get_status` and `dma_reload` show it. */
export interface DmaRing {
  /** Memory that the ring lies in, and the ring's place in it. */
  readonly memory: Uint8Array;
  readonly ringStart: number;
  readonly ringSize: number;
  /** Offset in `memory` of the next byte to take, and how many there are as of the last `status`. */
  readonly readOffset: number;
  readonly available: number;
  status(): number;
  reload(bytes: number): number;
  stop(): number;
  release(): void;
}

/** Time between two looks at a channel that has nothing yet. */
const POLL_US = 100;

/** Takes a library out of a DMA ring, as fast as the host fills it. */
export class RingDma implements LibraryDma {
  private readonly kernel: Kernel;
  private readonly ring: DmaRing;

  constructor(kernel: Kernel, ring: DmaRing) {
    this.kernel = kernel;
    this.ring = ring;
  }

  *readBlock(into: Uint8Array, timeoutUs: number): Blocking<number> {
    const { kernel, ring } = this;
    const deadline = kernel.now + kernel.cyclesOf(timeoutUs * 1000);
    let filled = 0;
    while (filled < into.length) {
      const rc = ring.status();
      if (rc < 0) return rc;
      const untilWrap = ring.ringStart + ring.ringSize - ring.readOffset;
      const bytes = Math.min(ring.available, into.length - filled, untilWrap);
      if (bytes > 0) {
        const from = ring.readOffset;
        into.set(ring.memory.subarray(from, from + bytes), filled);
        filled += bytes;
        const reloaded = ring.reload(bytes);
        if (reloaded < 0) return reloaded;
      } else {
        if (kernel.now >= deadline) return -ETIMEDOUT;
        yield* kernel.sleep(K_USEC(POLL_US));
      }
    }
    return 0;
  }

  close(): void {
    this.ring.stop();
    this.ring.release();
  }
}
