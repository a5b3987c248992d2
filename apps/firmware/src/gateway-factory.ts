import { DmaMethod, findDmaConfig, ipcGatewayBlob } from "@sof-ts/ipc4";
import { EBUSY, EINVAL, ENOMEM, ENOSPC } from "@sof-ts/kit";
import {
  type AudioAllocator,
  AudioStream,
  type Direction,
  type Gateway,
  type GatewayRequest,
} from "@sof-ts/module-api";
import type { DmaController, HostDmaChannel, LinkDmaChannel, LinkGateway, Soc } from "@sof-ts/soc";
import { type DmaRing, HostGateway, LinkDmaGateway } from "./dma-gateway.js";
import { IpcGateway } from "./ipc-gateway.js";
import type { LlpSlotKind, LlpSlots } from "./llp-slots.js";
import type { Microphones } from "./microphones.js";
import { type GroupMember, MultiGateway } from "./multi-gateway.js";

/** Periods that the smallest DMA ring has (`min_periods` of SOF's host copier and DAI). */
const MIN_PERIODS = 2;
/** Every controller takes rings that are aligned to this. */
const RING_ALIGN = 128;

/** Node indices from here on name a group of SoundWire endpoints. */
const ALH_GROUP_BASE = 0x50;
const ALH_GROUP_MAX = 16;

/** IPC4 DMA types in a node id that open a gateway, with what serves them. */
type NodeKind = "host" | "hda" | "dmic" | "ssp" | "alh" | "ipc";

const nodeKinds = new Map<number, { readonly kind: NodeKind; readonly direction: Direction }>([
  [0, { kind: "host", direction: "playback" }],
  [1, { kind: "host", direction: "capture" }],
  [8, { kind: "hda", direction: "playback" }],
  [9, { kind: "hda", direction: "capture" }],
  [11, { kind: "dmic", direction: "capture" }],
  [12, { kind: "ssp", direction: "playback" }],
  [13, { kind: "ssp", direction: "capture" }],
  [16, { kind: "alh", direction: "playback" }],
  [17, { kind: "alh", direction: "capture" }],
  [20, { kind: "ipc", direction: "capture" }],
  [21, { kind: "ipc", direction: "playback" }],
]);

/**
 * Opens gateways by IPC4 node id on the machine's DMA controllers. Calling context: privileged, in the
 * system call that a copier's creation makes; does not block.
 */
export class GatewayFactory {
  private readonly soc: Soc;
  private readonly periodUs: number;
  private readonly llpSlots: LlpSlots;
  private readonly microphones: Microphones;
  private readonly privileged: (operation: string) => void;
  /** Node ids of the IPC gateways that are open. */
  private readonly ipcNodes = new Set<number>();

  /** @param privileged ends a user thread that uses a gateway past the system calls */
  constructor(
    soc: Soc,
    periodUs: number,
    llpSlots: LlpSlots,
    microphones: Microphones,
    privileged: (operation: string) => void,
  ) {
    this.privileged = privileged;
    this.soc = soc;
    this.periodUs = periodUs;
    this.llpSlots = llpSlots;
    this.microphones = microphones;
  }

  /**
   * Opens a gateway that is no hardware. Calling context: any thread, user mode too; does not block.
   *
   * @returns the gateway or a negative errno as {@link open}; null for a node that is one of the hardware
   */
  openSoftware(request: GatewayRequest, heap: AudioAllocator): Gateway | number | null {
    const { nodeId, direction } = request;
    const node = nodeKinds.get((nodeId >> 8) & 0x1f);
    if (node?.kind !== "ipc") return null;
    return node.direction === direction ? this.openIpc(request, heap) : -EINVAL;
  }

  /**
   * @returns the gateway; -EINVAL for a node that the platform does not have; -EBUSY when its DMA channel is
   *   taken; -ENOMEM without memory for the ring; -ENOSPC without a place to report its position at
   */
  open(request: GatewayRequest, heap: AudioAllocator): Gateway | number {
    const { nodeId, direction } = request;
    const node = nodeKinds.get((nodeId >> 8) & 0x1f);
    if (node === undefined || node.direction !== direction) return -EINVAL;
    const index = nodeId & 0xff;
    if (node.kind === "host") return this.openHost(request, heap, index);
    if (node.kind === "ipc") return -EINVAL;
    if (node.kind === "alh" && index >= ALH_GROUP_BASE)
      return this.reported(this.openGroup(request, heap), "soundwire");
    const link = this.soc.gateways.find(node.kind, linkIndex(node.kind, index), direction);
    if (link === null) return -EINVAL;
    const channel = node.kind === "hda" ? index : this.hostChannel(request.config, null);
    const gateway = this.openLink(request, heap, link, channel);
    if (node.kind === "hda" || typeof gateway === "number") return gateway;
    const heard = node.kind === "dmic" ? this.microphones.attach(gateway) : gateway;
    return this.reported(heard, "gpdma");
  }

  /** Links whose position the host cannot read from hardware report it. */
  private reported(gateway: Gateway | number, kind: LlpSlotKind): Gateway | number {
    if (typeof gateway === "number") return gateway;
    const reported = this.llpSlots.report(gateway, kind);
    if (reported !== null) return reported;
    gateway.free();
    return -ENOSPC;
  }

  /** A ring that the host fills or drains by messages; its blob says how large it is. */
  private openIpc(request: GatewayRequest, heap: AudioAllocator): Gateway | number {
    const { nodeId, direction, config } = request;
    if (config.length < ipcGatewayBlob.size) return -EINVAL;
    if (this.ipcNodes.has(nodeId)) return -EBUSY;
    const { bufferSize } = ipcGatewayBlob.decode(config);
    const ring = this.makeRing({ ...request, dmaBufferBytes: bufferSize }, heap);
    if (ring === null) return -ENOMEM;
    this.ipcNodes.add(nodeId);
    const closed = () => this.ipcNodes.delete(nodeId);
    return new IpcGateway(nodeId, direction, ring.stream, heap, closed);
  }

  /** Opens the endpoints of a SoundWire group; its blob lists them with their channels. */
  private openGroup(request: GatewayRequest, heap: AudioAllocator): Gateway | number {
    const { nodeId, direction, config } = request;
    const view = new DataView(config.buffer, config.byteOffset, config.byteLength);
    if (config.length < 8) return -EINVAL;
    const count = view.getUint32(4, true);
    if (count < 1 || count > ALH_GROUP_MAX || config.length < 8 + 8 * count) return -EINVAL;
    const members: GroupMember[] = [];
    const giveUp = (rc: number): number => {
      for (const { gateway } of members) gateway.free();
      return rc;
    };
    for (let i = 0; i < count; i++) {
      const alhId = view.getUint32(8 + 8 * i, true);
      const link = this.soc.gateways.find("alh", alhId, direction);
      if (link === null) return giveUp(-EINVAL);
      const gateway = this.openLink(request, heap, link, this.hostChannel(config, alhId));
      if (typeof gateway === "number") return giveUp(gateway);
      members.push({ gateway, channelMask: view.getUint32(12 + 8 * i, true) });
    }
    const ring = this.makeRing(request, heap);
    if (ring === null) return giveUp(-ENOMEM);
    return new MultiGateway(nodeId, direction, ring.stream, heap, members);
  }

  private openHost(request: GatewayRequest, heap: AudioAllocator, index: number): Gateway | number {
    const { dma } = this.soc;
    const controller: DmaController<HostDmaChannel> =
      request.direction === "playback" ? dma.hostOut : dma.hostIn;
    if (index >= controller.channels.length) return -EINVAL;
    const channel = controller.request(index);
    if (channel === null) return -EBUSY;
    const ring = this.makeRing(request, heap);
    if (ring !== null) return new HostGateway(channel, ring);
    channel.release();
    return -ENOMEM;
  }

  /**
   * The channel that the host has set apart for a link, where HD-A link DMA carries all (ACE 2 and later): a
   * TLV at the end of the link's configuration says so (`struct ipc_dma_config`).
   *
   * @param device endpoint of a group, which has a TLV for each; null for the only one
   * @returns -1 where any channel will do
   */
  private hostChannel(config: Uint8Array, device: number | null): number {
    if (this.soc.platform.daiDma !== "hdaLink") return -1;
    for (let rest = config; ;) {
      const found = findDmaConfig(rest);
      if (found === undefined) return -1;
      const { dmaMethod, dmaChannelId, devices } = found.config;
      const meant = device === null || devices[0]?.deviceAddress === device;
      if (meant && dmaMethod === DmaMethod.HDA) return dmaChannelId;
      rest = rest.subarray(0, found.offset);
    }
  }

  private openLink(
    request: GatewayRequest,
    heap: AudioAllocator,
    link: LinkGateway,
    index: number,
  ): Gateway | number {
    const controller = this.linkController(request.direction, index);
    if (index >= controller.channels.length) return -EINVAL;
    const channel = controller.request(index);
    if (channel === null) return -EBUSY;
    const ring = this.makeRing(request, heap);
    if (ring !== null) return new LinkDmaGateway(channel, link, ring, this.periodUs);
    channel.release();
    return -ENOMEM;
  }

  /** The controller that serves a link: HD-A link streams have theirs, other links what the platform says. */
  private linkController(direction: Direction, index: number): DmaController<LinkDmaChannel> {
    const { dma, platform } = this.soc;
    const hda = direction === "playback" ? dma.linkOut : dma.linkIn;
    if (index >= 0 || platform.daiDma === "hdaLink") return hda;
    return dma.gpdma.find((controller) => controller.inUse < controller.channels.length) ?? hda;
  }

  private makeRing(request: GatewayRequest, heap: AudioAllocator): DmaRing | null {
    const { nodeId, direction, periodBytes, dmaBufferBytes } = request;
    if (periodBytes <= 0) return null;
    const smallest = periodBytes * MIN_PERIODS;
    const wanted = Math.ceil(dmaBufferBytes / smallest) * smallest;
    for (const size of wanted > smallest ? [wanted, smallest] : [smallest]) {
      const start = heap.alloc(size, RING_ALIGN);
      if (start !== 0) {
        const stream = new AudioStream(heap.memory, start, size);
        return { nodeId, direction, heap, stream, privileged: this.privileged };
      }
    }
    return null;
  }
}

/** Index of the link in its kind: an SSP port sits in the upper nibble of a node's index. */
function linkIndex(kind: Exclude<NodeKind, "host" | "ipc">, index: number): number {
  switch (kind) {
    case "ssp":
      return index >> 4;
    case "dmic":
      return index & 7;
    default:
      return index;
  }
}
