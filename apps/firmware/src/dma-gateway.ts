import { EINVAL } from "@sof-ts/kit";
import {
  type AudioAllocator,
  AudioStream,
  containerBytes,
  type Direction,
  type Gateway,
  type GatewayKind,
  type StreamParams,
} from "@sof-ts/module-api";
import type { HostDmaChannel, LinkDmaChannel, LinkGateway } from "@sof-ts/soc";

/** What both kinds of DMA gateway are made of. */
export interface DmaRing {
  readonly nodeId: number;
  readonly direction: Direction;
  readonly heap: AudioAllocator;
  /** The ring in audio memory, which the DMA and the copier share. */
  readonly stream: AudioStream;
  /** Ends a user thread that comes here past the system calls. */
  readonly privileged: (operation: string) => void;
}

/**
 * A gateway on a DMA channel: joins the channel's ring to the stream that the copier reads or writes. Ring
 * offsets of channel and stream move by the same amounts, so only the fill level has to be copied over.
 */
abstract class DmaGateway<Channel extends HostDmaChannel | LinkDmaChannel> implements Gateway {
  abstract readonly kind: GatewayKind;
  readonly nodeId: number;
  readonly direction: Direction;
  readonly stream: AudioStream;
  protected readonly channel: Channel;
  private readonly heap: AudioAllocator;
  private readonly privileged: (operation: string) => void;
  private moved = 0;

  constructor(channel: Channel, ring: DmaRing) {
    this.channel = channel;
    this.nodeId = ring.nodeId;
    this.direction = ring.direction;
    this.stream = ring.stream;
    this.heap = ring.heap;
    this.privileged = ring.privileged;
  }

  get totalBytes(): number {
    return this.moved;
  }

  abstract prepare(params: StreamParams): number;

  start(): number {
    this.privileged("dma_start");
    return this.channel.start();
  }

  stop(): number {
    this.privileged("dma_stop");
    this.stream.reset();
    return this.channel.stop();
  }

  pause(): number {
    this.privileged("dma_suspend");
    return this.channel.pause();
  }

  release(): number {
    this.privileged("dma_resume");
    return this.channel.resume();
  }

  reset(): number {
    this.privileged("dma_stop");
    this.moved = 0;
    this.stream.reset();
    return this.channel.state === "reserved" ? 0 : this.channel.stop();
  }

  free(): void {
    this.privileged("dma_release_channel");
    this.channel.release();
    this.heap.free(this.stream.start);
  }

  status(): number {
    this.privileged("dma_get_status");
    const { channel, stream } = this;
    const rc = channel.status();
    stream.available = stream.size - channel.free;
    return rc;
  }

  reload(byteCount: number): number {
    this.privileged("dma_reload");
    this.moved += byteCount;
    return this.channel.reload(byteCount);
  }

  /** The ring as the channel wants it. */
  protected get ring(): {
    readonly memory: Uint8Array;
    readonly start: number;
    readonly size: number;
  } {
    const { memory, start, size } = this.stream;
    return { memory: memory.u8, start, size };
  }

  protected adopt(params: StreamParams): void {
    this.privileged("dma_config");
    this.moved = 0;
    this.stream.setParams(params);
    this.stream.reset();
  }
}

/** A gateway to the host, on an HD-A host DMA channel. */
export class HostGateway extends DmaGateway<HostDmaChannel> {
  readonly kind = "host";

  prepare(params: StreamParams): number {
    this.adopt(params);
    return this.channel.configure(this.ring);
  }
}

/** A gateway to an audio link, on an HD-A link or general-purpose DMA channel. */
export class LinkDmaGateway extends DmaGateway<LinkDmaChannel> {
  readonly kind: GatewayKind;
  private readonly link: LinkGateway;
  /** The link's block grid: the LL period, so that each tick finds whole periods. */
  private readonly periodUs: number;

  constructor(channel: LinkDmaChannel, link: LinkGateway, ring: DmaRing, periodUs: number) {
    super(channel, ring);
    const { kind } = link.description;
    this.kind = kind === "hda" ? "hda-link" : kind;
    this.link = link;
    this.periodUs = periodUs;
  }

  prepare(params: StreamParams): number {
    const bytesPerSample = containerBytes(params.frameFmt);
    if (bytesPerSample === 0) return -EINVAL;
    const rc = this.link.configure({
      rateHz: params.rate,
      channels: params.channels,
      containerBytes: bytesPerSample,
    });
    if (rc !== 0) return rc;
    this.adopt(params);
    return this.channel.configure({ ...this.ring, gateway: this.link, periodUs: this.periodUs });
  }

  override start(): number {
    const rc = super.start();
    return rc === 0 ? this.link.start() : rc;
  }

  override stop(): number {
    this.link.stop();
    return super.stop();
  }

  override pause(): number {
    this.link.stop();
    return super.pause();
  }

  override release(): number {
    const rc = super.release();
    return rc === 0 ? this.link.start() : rc;
  }

  override reset(): number {
    this.link.stop();
    return super.reset();
  }

  override free(): void {
    this.link.stop();
    super.free();
  }
}
