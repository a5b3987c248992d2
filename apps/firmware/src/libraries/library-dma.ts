import { EBUSY, EINVAL } from "@sof-ts/kit";
import type { Kernel } from "@sof-ts/kernel";
import { type LibraryDma, type LibraryDmaProvider, RingDma } from "@sof-ts/lib-manager";
import type { DmaController, HostDmaChannel } from "@sof-ts/soc";

/** Bytes of the ring that a library comes through: a block, as SOF's `lib_manager` reads them. */
const RING_BYTES = 38 * 1024;

/** Host DMA channels as the library manager takes them. */
export class HostLibraryDma implements LibraryDmaProvider {
  private readonly kernel: Kernel;
  private readonly controller: DmaController<HostDmaChannel>;

  /** @param controller of the channels that bring data from the host */
  constructor(kernel: Kernel, controller: DmaController<HostDmaChannel>) {
    this.kernel = kernel;
    this.controller = controller;
  }

  open(dmaId: number): LibraryDma | number {
    if (dmaId >= this.controller.channels.length) return -EINVAL;
    const channel = this.controller.request(dmaId);
    if (channel === null) return -EBUSY;
    const ring = { memory: new Uint8Array(RING_BYTES), start: 0, size: RING_BYTES };
    const rc = channel.configure(ring) || channel.start();
    if (rc === 0) return new RingDma(this.kernel, channel);
    channel.release();
    return rc;
  }
}
