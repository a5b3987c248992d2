import { FIRST_BLOCK_BYTES, PAGE_BYTES, readPayloadSize } from "@sof-ts/firmware-image";
import type { Blocking } from "@sof-ts/kernel";
import { assert, EINVAL, ENOMEM } from "@sof-ts/kit";
import type { LibraryDma, LibraryDmaProvider, LibraryMemory } from "./ports.js";
import { type LoadEvent, type LoadState, loadTransitions, nextState } from "./states.js";

/** Longest wait for one block: 200 ms. */
export const BLOCK_TIMEOUT_US = 200_000;
/** Host DMA channels have five bits of number. */
const DMA_CHANNELS = 32;

/** An image that arrived. */
export interface Received {
  /** Address and size of its DRAM block. */
  readonly address: number;
  readonly size: number;
}

/**
 * Takes one library at a time out of a DMA channel into DRAM: first the block with the manifest, which says
 * how long the image is, then the rest. The host cannot change a byte any more once it is here, so what is
 * checked is what is used. Calling context: a kernel thread, under the manager's mutex.
 */
export class LoadSession {
  state: LoadState = "idle";
  private readonly provider: LibraryDmaProvider;
  private readonly memory: LibraryMemory;
  private dma: LibraryDma | null = null;
  private dmaId = -1;

  constructor(provider: LibraryDmaProvider, memory: LibraryMemory) {
    this.provider = provider;
    this.memory = memory;
  }

  /** Whether a channel is held. */
  get open(): boolean {
    return this.dma !== null;
  }

  /** Has the channel that was prepared, or takes it now. @returns as {@link prepare} */
  use(dmaId: number): number {
    return this.dma !== null && this.dmaId === dmaId ? 0 : this.prepare(dmaId);
  }

  /**
   * Takes a DMA channel. One that was prepared and not used is given back first, even if it is the same: the
   * host begins anew, and something of its past may lie in the ring.
   *
   * @returns 0; -EINVAL when there is no such channel; another negative errno of the channel
   */
  prepare(dmaId: number): number {
    if (!Number.isInteger(dmaId) || dmaId < 0 || dmaId >= DMA_CHANNELS) return -EINVAL;
    this.close();
    const dma = this.provider.open(dmaId);
    if (typeof dma === "number") {
      if (this.state === "prepared") this.moveOn("failed");
      return dma;
    }
    this.dma = dma;
    this.dmaId = dmaId;
    this.moveOn("prepare");
    return 0;
  }

  /**
   * Receives an image into a DRAM block that the caller owns from then on.
   *
   * @returns the block; a negative errno, after which nothing is held but the channel
   * @throws ImageError when the first block does not say how long the image is
   */
  *receive(source: string): Blocking<Received | number> {
    const { dma, memory } = this;
    assert(dma !== null, "no channel was prepared");
    this.moveOn("load");
    const first = memory.allocDram(Math.ceil(FIRST_BLOCK_BYTES / PAGE_BYTES) * PAGE_BYTES);
    if (first === 0) return -ENOMEM;
    let address = 0;
    let complete = false;
    try {
      const block = memory.dramBytes(first).subarray(0, FIRST_BLOCK_BYTES);
      const rc = yield* dma.readBlock(block, BLOCK_TIMEOUT_US);
      if (rc < 0) return rc;
      const size = readPayloadSize(block, source);
      this.moveOn("manifest-read");
      address = memory.allocDram(size);
      if (address === 0) return -ENOMEM;
      const image = memory.dramBytes(address);
      image.set(block);
      for (let at = FIRST_BLOCK_BYTES; at < size; at += FIRST_BLOCK_BYTES) {
        const next = image.subarray(at, Math.min(at + FIRST_BLOCK_BYTES, size));
        const failed = yield* dma.readBlock(next, BLOCK_TIMEOUT_US);
        if (failed < 0) return failed;
      }
      this.moveOn("image-read");
      memory.publish?.(address, size);
      complete = true;
      return { address, size };
    } finally {
      memory.freeDram(first);
      if (!complete && address !== 0) memory.freeDram(address);
    }
  }

  /** The image was found good. */
  accepted(): void {
    this.moveOn("accepted");
  }

  /** Ends the session and gives the channel back. */
  end(success: boolean): void {
    this.close();
    if (success) this.moveOn("registered");
    else if (this.state !== "idle") this.moveOn("failed");
  }

  private close(): void {
    this.dma?.close();
    this.dma = null;
    this.dmaId = -1;
  }

  private moveOn(event: LoadEvent): void {
    this.state = nextState(loadTransitions, this.state, event);
  }
}
