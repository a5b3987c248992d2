import { EBUSY, EINVAL, ENOMEM } from "@sof-ts/kit";
import type { ChainEndpoint, ChainRequest } from "@sof-ts/ipc4-helper";
import type { AudioAllocator, Direction } from "@sof-ts/module-api";
import type { HostDmaChannel, LinkDmaChannel, LinkGateway, Soc } from "@sof-ts/soc";

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
  return new DmaChain(hostChannel, linkChannel, gateway, () => giveUp(start, 0));
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

/**
 * Host and link channel over one ring. What the first has brought is handed to the second where it lies;
 * its place is given back when the second has taken it.
 */
class DmaChain implements ChainEndpoint {
  private readonly from: HostDmaChannel | LinkDmaChannel;
  private readonly to: HostDmaChannel | LinkDmaChannel;
  private readonly gateway: LinkGateway;
  private readonly release: () => void;
  /** Bytes handed over and not yet taken. */
  private inFlight = 0;
  private taken = 0;

  constructor(
    host: HostDmaChannel,
    link: LinkDmaChannel,
    gateway: LinkGateway,
    release: () => void,
  ) {
    const playback = gateway.description.direction === "playback";
    this.from = playback ? host : link;
    this.to = playback ? link : host;
    this.gateway = gateway;
    this.release = release;
  }

  start(): number {
    const { from, to, gateway } = this;
    return from.start() || to.start() || gateway.start();
  }

  pause(): void {
    this.gateway.stop();
    this.from.pause();
    this.to.pause();
  }

  free(): void {
    this.gateway.stop();
    this.release();
  }

  transfer(): void {
    const { from, to } = this;
    to.status();
    const done = to.position - this.taken;
    this.taken += done;
    this.inFlight -= done;
    if (done > 0) from.reload(done);
    from.status();
    const fresh = Math.min(from.available - this.inFlight, to.free);
    if (fresh > 0) {
      to.reload(fresh);
      this.inFlight += fresh;
    }
  }
}
