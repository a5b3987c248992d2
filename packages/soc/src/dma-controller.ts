import type { ChannelOwner, DmaChannel } from "./dma-channel.js";
import type { DmaControllerDescription } from "./platform.js";

/** A block of equal DMA channels that are requested and given back one by one. */
export class DmaController<Channel extends DmaChannel> implements ChannelOwner {
  readonly description: DmaControllerDescription;
  readonly channels: readonly Channel[];
  /** Channels requested and not released. */
  inUse = 0;

  constructor(
    description: DmaControllerDescription,
    make: (owner: ChannelOwner, index: number) => Channel,
  ) {
    this.description = description;
    this.channels = Array.from({ length: description.channels }, (_, index) => make(this, index));
  }

  /**
   * Requests a channel, as Zephyr's `dma_request_channel`.
   *
   * @param index a certain channel (HD-A streams are bound to theirs), or -1 for the first idle one
   * @returns the channel in state `reserved`, or null when it is taken, none is left, or there is none of
   * that number
   */
  request(index = -1): Channel | null {
    const channel =
      index < 0
        ? this.channels.find((candidate) => candidate.state === "idle")
        : this.channels[index];
    if (channel === undefined || channel.state !== "idle") return null;
    channel.reserve();
    this.inUse++;
    return channel;
  }

  channelReleased(): void {
    this.inUse--;
  }

  /** Releases every channel, as a power cycle does. */
  reset(): void {
    for (const channel of this.channels) channel.release();
  }
}
