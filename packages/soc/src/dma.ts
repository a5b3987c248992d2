import { DmaController } from "./dma-controller.js";
import { HostDmaChannel } from "./host-dma.js";
import { HostStream } from "./host-stream.js";
import { LinkDmaChannel, type LinkDmaContext } from "./link-dma.js";
import type { PlatformDescription } from "./platform.js";

/** All DMA of a platform: HD-A host and link controllers, and the general-purpose ones where there are any. */
export class Dma {
  readonly hostOut: DmaController<HostDmaChannel>;
  readonly hostIn: DmaController<HostDmaChannel>;
  readonly linkOut: DmaController<LinkDmaChannel>;
  readonly linkIn: DmaController<LinkDmaChannel>;
  readonly gpdma: readonly DmaController<LinkDmaChannel>[];
  /** The host's sides of the host channels, by channel number. */
  readonly playbackStreams: readonly HostStream[];
  readonly captureStreams: readonly HostStream[];

  constructor(platform: PlatformDescription, context: LinkDmaContext) {
    const { dma } = platform;
    const streams = (direction: "playback" | "capture", count: number) =>
      Array.from({ length: count }, (_, index) => new HostStream(direction, index));
    this.playbackStreams = streams("playback", dma.hostOut.channels);
    this.captureStreams = streams("capture", dma.hostIn.channels);
    this.hostOut = new DmaController(
      dma.hostOut,
      (owner, index) =>
        new HostDmaChannel(owner, index, "playback", this.playbackStreams[index] as HostStream),
    );
    this.hostIn = new DmaController(
      dma.hostIn,
      (owner, index) =>
        new HostDmaChannel(owner, index, "capture", this.captureStreams[index] as HostStream),
    );
    this.linkOut = new DmaController(
      dma.linkOut,
      (owner, index) => new LinkDmaChannel(owner, index, "playback", context),
    );
    this.linkIn = new DmaController(
      dma.linkIn,
      (owner, index) => new LinkDmaChannel(owner, index, "capture", context),
    );
    this.gpdma = dma.gpdma.map(
      (description) =>
        new DmaController(
          description,
          (owner, index) => new LinkDmaChannel(owner, index, "playback", context),
        ),
    );
  }

  get controllers(): readonly DmaController<HostDmaChannel | LinkDmaChannel>[] {
    return [this.hostOut, this.hostIn, this.linkOut, this.linkIn, ...this.gpdma] as DmaController<
      HostDmaChannel | LinkDmaChannel
    >[];
  }

  /** Channels requested and not released, on all controllers. */
  get inUse(): number {
    return this.controllers.reduce((sum, controller) => sum + controller.inUse, 0);
  }

  /** Names of the channels in use, for a message about a leak. */
  namesInUse(): string[] {
    return this.controllers.flatMap((controller) =>
      controller.channels
        .filter((channel) => channel.state !== "idle")
        .map((channel) => channel.name),
    );
  }

  /** Releases every channel, as a power cycle of the DSP does; the host's streams are the host's. */
  reset(): void {
    for (const controller of this.controllers) controller.reset();
  }
}
