import { EINVAL } from "@sof-ts/kit";
import {
  type ChannelOwner,
  DmaChannel,
  type RingConfig,
  type StreamDirection,
} from "./dma-channel.js";
import type { HostSegment, HostStream } from "./host-stream.js";
import { ViewTable } from "./view-table.js";

/**
 * A host DMA channel (HD-A host output or input): it moves bytes between the host's ring and the DSP's ring
 * as soon as one has data and the other has room. The host's memory bandwidth is not the limit, so a
 * transfer takes no time; it happens when firmware reloads, when the host starts its stream, and when the
 * application's position moves. The host sees its position move with firmware's reloads, as the LPIB
 * increments of `intel_adsp_hda_host_commit` do.
 *
 * HD-A host DMA knows no underrun: with nothing to fetch, {@link available} just stays low.
 */
export class HostDmaChannel extends DmaChannel {
  readonly host: HostStream;
  private ringViews: ViewTable | null = null;
  private readonly playback: boolean;

  constructor(owner: ChannelOwner, index: number, direction: StreamDirection, host: HostStream) {
    super(owner, index, direction);
    this.host = host;
    this.playback = direction === "playback";
    host.join(() => this.transfer());
  }

  /** Takes over the DSP-side ring. @returns 0, -EBUSY while active, -EINVAL for a ring that does not fit */
  configure(config: RingConfig): number {
    const result = this.configureRing(config);
    if (result === 0) this.ringViews = new ViewTable(config.memory, config.size);
    return result;
  }

  status(): number {
    this.available = this.fill;
    this.free = this.ringSize - this.fill;
    return 0;
  }

  reload(bytes: number): number {
    if (bytes < 0 || bytes > (this.playback ? this.fill : this.ringSize - this.fill))
      return -EINVAL;
    if (this.playback) {
      this.consume(bytes);
      this.host.report(bytes);
    } else {
      this.produce(bytes);
    }
    if (this.state === "active") this.transfer();
    return 0;
  }

  get position(): number {
    return this.playback ? this.produced : this.consumed;
  }

  protected onStart(): void {
    this.transfer();
  }

  protected settle(): void {}

  protected onRelease(): void {
    this.ringViews = null;
  }

  protected override rewind(): void {
    super.rewind();
    this.host.refetch();
  }

  private transfer(): void {
    if (this.state !== "active") return;
    const room = this.playback ? this.ringSize - this.fill : this.fill;
    const movable = this.host.movable;
    const bytes = movable < room ? movable : room;
    if (bytes > 0) {
      if (this.playback) this.fetch(bytes);
      else this.push(bytes);
    }
  }

  private fetch(bytes: number): void {
    const { host, memory } = this;
    let left = bytes;
    while (left > 0) {
      const segment = host.segments[host.segment] as HostSegment;
      let chunk = segment.size - host.offset;
      if (chunk > left) chunk = left;
      const run = this.writeRun;
      if (chunk > run) chunk = run;
      memory.set(segment.views.view(host.offset, chunk), this.writeOffset);
      this.produce(chunk);
      host.advance(chunk);
      left -= chunk;
    }
  }

  private push(bytes: number): void {
    const { host } = this;
    const views = this.ringViews as ViewTable;
    let left = bytes;
    while (left > 0) {
      const segment = host.segments[host.segment] as HostSegment;
      let chunk = segment.size - host.offset;
      if (chunk > left) chunk = left;
      const run = this.readRun;
      if (chunk > run) chunk = run;
      segment.bytes.set(views.view(this.readOffset, chunk), host.offset);
      this.consume(chunk);
      host.advance(chunk);
      left -= chunk;
    }
    host.report(bytes);
  }
}
