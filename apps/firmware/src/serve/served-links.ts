import {
  type DaiType,
  type LinkKey,
  MAX_DATA_BYTES,
  MAX_FAR_END_BYTES,
  type SocketLinkEnd,
  type StreamFormat,
} from "@sof-ts/host";
import { EBUSY, ENODEV, ENOSPC } from "@sof-ts/kit";
import type { LinkGateway, LinkKind, Soc } from "@sof-ts/soc";
import { ByteQueue } from "./byte-queue.js";
import { Refusal } from "./refusal.js";

const kinds: Readonly<Record<DaiType, LinkKind>> = {
  HDA: "hda",
  SSP: "ssp",
  DMIC: "dmic",
  ALH: "alh",
};
const types = new Map(Object.entries(kinds).map(([type, kind]) => [kind, type as DaiType]));

interface OpenLink {
  readonly gateway: LinkGateway;
  /** Heard on a playback link and not fetched, or to be played into a capture link. */
  readonly queue: ByteQueue;
  /** Bytes that were heard with no room left for them. */
  lost: number;
}

/** A client's links, with the far ends that it hears and feeds. */
export class ServedLinks {
  private readonly soc: Soc;
  private readonly open = new Map<string, OpenLink>();

  constructor(soc: Soc) {
    this.soc = soc;
  }

  /** What the machine has. */
  get ends(): SocketLinkEnd[] {
    return this.soc.gateways.all.map(({ description }) => ({
      type: types.get(description.kind) ?? "HDA",
      direction: description.direction,
      index: description.index,
      maxChannels: description.maxChannels,
      containerBytes: description.containers,
    }));
  }

  /** Sets a link up as a back end's `hw_params`. */
  allocate(key: LinkKey, format: StreamFormat): void {
    const gateway = this.soc.gateways.find(kinds[key.type], key.index, key.direction);
    if (gateway === null) throw new Refusal(-ENODEV, `no ${nameOf(key)}`);
    if (this.open.has(nameOf(key))) throw new Refusal(-EBUSY, `${nameOf(key)} is taken`);
    const { rate, channels, containerBits } = format;
    const rc = gateway.configure({ rateHz: rate, channels, containerBytes: containerBits / 8 });
    if (rc < 0) throw new Refusal(rc, `${nameOf(key)}: ${rate} Hz, ${channels} channels`);
    const link: OpenLink = { gateway, queue: new ByteQueue(), lost: 0 };
    this.open.set(nameOf(key), link);
    const { queue } = link;
    if (key.direction === "capture") {
      gateway.source = { read: (into, offset, length) => queue.read(into, offset, length) };
      return;
    }
    gateway.sink = {
      write: (bytes, offset, length) => {
        if (queue.length + length > MAX_FAR_END_BYTES) link.lost += length;
        else queue.push(bytes, offset, length);
      },
    };
  }

  release(key: LinkKey): void {
    const { gateway } = this.find(key);
    gateway.sink = null;
    gateway.source = null;
    this.open.delete(nameOf(key));
  }

  /** Adds bytes to what a capture link plays. @returns bytes that it has to play now */
  feed(key: LinkKey, bytes: Uint8Array): number {
    const { queue } = this.find(key);
    if (queue.length + bytes.length > MAX_FAR_END_BYTES)
      throw new Refusal(-ENOSPC, `${nameOf(key)} holds ${queue.length} bytes already`);
    queue.push(bytes);
    return queue.length;
  }

  /** Takes what a playback link carried. @returns the oldest bytes, and how many are left */
  hear(key: LinkKey): { readonly bytes: Uint8Array; readonly left: number } {
    const { queue, lost } = this.find(key);
    if (lost > 0)
      throw new Refusal(-ENOSPC, `${nameOf(key)}: ${lost} bytes were not fetched in time`);
    const bytes = new Uint8Array(Math.min(queue.length, MAX_DATA_BYTES));
    queue.read(bytes, 0, bytes.length);
    return { bytes, left: queue.length };
  }

  private find(key: LinkKey): OpenLink {
    const link = this.open.get(nameOf(key));
    if (link === undefined) throw new Refusal(-ENODEV, `${nameOf(key)} is not allocated`);
    return link;
  }
}

const nameOf = ({ type, index, direction }: LinkKey): string => `${type} ${index} ${direction}`;
