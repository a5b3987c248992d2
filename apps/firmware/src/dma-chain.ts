import { EBUSY, EINVAL, ENOMEM, EPIPE } from "@sof-ts/kit";
import type { ChainEndpoint, ChainRequest } from "@sof-ts/ipc4-helper";
import type { AudioAllocator, Direction } from "@sof-ts/module-api";
import type { HostDmaChannel, LinkDmaChannel, LinkGateway, Soc } from "@sof-ts/soc";

/** Node ids of HD-A link streams (IPC4 `struct connector_node_id`), without their index. */
const LINK_NODE = { playback: 0x0800, capture: 0x0900 } as const;

/** Tells the host of an under- or overrun. @returns false when that had no room */
export type ChainXrunReport = (nodeId: number, direction: Direction) => boolean;

/** Every HD-A ring starts and ends on these. */
const RING_ALIGN = 128;

/**
 * Opens the chain that a CHAIN_DMA message asks for. The link's format is the host's business: its back end
 * has programmed it into the link.
 *
 * @returns the chain; -EINVAL for ids that do not exist, do not agree in direction, or a link that was not
 *   set up; -EBUSY for a channel that is taken; -ENOMEM without memory for the ring
 */
export function openDmaChain(
  soc: Soc,
  heap: AudioAllocator,
  periodUs: number,
  request: ChainRequest,
  reportXrun: ChainXrunReport,
): ChainEndpoint | number {
  const { dma } = soc;
  const host = split(request.hostDmaId, dma.hostOut.channels.length);
  const link = split(request.linkDmaId, dma.linkOut.channels.length);
  if (host.direction !== link.direction) return -EINVAL;
  const { direction } = host;
  const playback = direction === "playback";
  const hostController = playback ? dma.hostOut : dma.hostIn;
  const linkController = playback ? dma.linkOut : dma.linkIn;
  const gateway = soc.gateways.find("hda", link.index, direction);
  if (gateway === null || gateway.frameBytes === 0) return -EINVAL;
  if (host.index >= hostController.channels.length || link.index >= linkController.channels.length)
    return -EINVAL;
  const hostChannel = hostController.request(host.index);
  if (hostChannel === null) return -EBUSY;
  const linkChannel = linkController.request(link.index);
  if (linkChannel === null) {
    hostChannel.release();
    return -EBUSY;
  }
  const giveUp = (start: number, rc: number): number => {
    hostChannel.release();
    linkChannel.release();
    heap.free(start);
    return rc;
  };
  const size = ringBytes(request.fifoBytes, direction, gateway.frameBytes);
  const start = size === 0 ? 0 : heap.alloc(size, RING_ALIGN);
  if (start === 0) return giveUp(0, size === 0 ? -EINVAL : -ENOMEM);
  const ring = { memory: heap.memory.u8, start, size };
  const configured =
    hostChannel.configure(ring) || linkChannel.configure({ ...ring, gateway, periodUs });
  if (configured !== 0) return giveUp(start, configured);
  return new DmaChain(hostChannel, linkChannel, gateway, size, reportXrun, () => giveUp(start, 0));
}

/** Ids count the playback streams first, then the capture streams. */
function split(id: number, playbackStreams: number): { direction: Direction; index: number } {
  return id < playbackStreams
    ? { direction: "playback", index: id }
    : { direction: "capture", index: id - playbackStreams };
}

/** Two and a half times the FIFO for playback, five times for capture, in whole frames and aligned. */
function ringBytes(fifoBytes: number, direction: Direction, frameBytes: number): number {
  const wanted = direction === "playback" ? (fifoBytes * 5) / 2 : fifoBytes * 5;
  const grain = lcm(RING_ALIGN, frameBytes);
  return Math.ceil(wanted / grain) * grain;
}

function lcm(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return (a / x) * b;
}

/** One end of a chain: its channel, and whether the xrun that it is in was reported. */
class ChainEnd {
  readonly channel: HostDmaChannel | LinkDmaChannel;
  private reported = false;

  constructor(channel: HostDmaChannel | LinkDmaChannel) {
    this.channel = channel;
  }

  /** Looks where the channel is. Each end has its own episodes: that one runs well says nothing of the other. */
  update(report: () => boolean): void {
    if (this.channel.status() !== -EPIPE) this.reported = false;
    else if (!this.reported) this.reported = report();
  }
}

/**
 * Host and link channel over one ring. What the first has brought is handed to the second where it lies; its
 * place is given back when the second has taken it. Capture hands on what there is; playback waits until more
 * than half the ring has come and goes on by halves, so that the link never waits for a host that is late.
 */
class DmaChain implements ChainEndpoint {
  private readonly from: ChainEnd;
  private readonly to: ChainEnd;
  private readonly gateway: LinkGateway;
  private readonly release: () => void;
  private readonly report: () => boolean;
  /** Bytes that go over at once in playback, 0 in capture. */
  private readonly half: number;
  /** The first half has come. */
  private flowing = false;
  /** Bytes handed over and not yet taken. */
  private inFlight = 0;
  private taken = 0;

  constructor(
    host: HostDmaChannel,
    link: LinkDmaChannel,
    gateway: LinkGateway,
    ringBytes: number,
    reportXrun: ChainXrunReport,
    release: () => void,
  ) {
    const { direction, index } = gateway.description;
    const playback = direction === "playback";
    this.from = new ChainEnd(playback ? host : link);
    this.to = new ChainEnd(playback ? link : host);
    this.gateway = gateway;
    this.half = playback ? ringBytes / 2 - ((ringBytes / 2) % gateway.frameBytes) : 0;
    this.report = () => reportXrun(LINK_NODE[direction] | index, direction);
    this.release = release;
  }

  start(): number {
    return this.from.channel.start() || this.to.channel.start() || this.gateway.start();
  }

  pause(): void {
    this.gateway.stop();
    this.from.channel.pause();
    this.to.channel.pause();
  }

  free(): void {
    this.gateway.stop();
    this.release();
  }

  transfer(): void {
    const from = this.from.channel;
    const to = this.to.channel;
    this.to.update(this.report);
    const done = to.position - this.taken;
    this.taken += done;
    this.inFlight -= done;
    if (done > 0) from.reload(done);
    this.from.update(this.report);
    const bytes = this.portion(from.available - this.inFlight, to.free);
    if (bytes > 0) {
      to.reload(bytes);
      this.inFlight += bytes;
    }
  }

  /** Bytes to hand over now. */
  private portion(waiting: number, room: number): number {
    const { half } = this;
    if (half === 0) return Math.min(waiting, room);
    if (!this.flowing) this.flowing = waiting > half;
    return this.flowing && waiting >= half && room >= half ? half : 0;
  }
}
