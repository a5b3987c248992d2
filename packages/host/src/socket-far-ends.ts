import { ByteWriter } from "@sof-ts/kit";
import type {
  DaiType,
  LinkControl,
  LinkRequest,
  LinkStream,
  StreamDirection,
  StreamFormat,
} from "./ports.js";
import type { SocketClient } from "./socket-client.js";
import {
  MAX_DATA_BYTES,
  MAX_FAR_END_BYTES,
  SocketMessage,
  type SocketLinkEnd,
  type SocketWelcome,
  writeFormat,
  writeLinkKey,
} from "./socket-protocol.js";

/** What is plugged in at the far end of a link: a codec, a file, a test. */
export interface SocketFarEnd {
  /** Takes what a playback link carried, in the link's format. */
  hear?(bytes: Uint8Array): void;
  /** @returns up to `length` bytes for a capture link; silence follows where there are fewer */
  feed?(length: number): Uint8Array;
}

/** Plugs a far end into a link that a back end has just set up; null leaves it open. */
export type SocketFarEnds = (request: LinkRequest) => SocketFarEnd | null;

/** Audio that a capture link is given beyond the time of a wait. */
const FEED_MARGIN_US = 10_000;
const MAX_RATE = 768_000;

/** The links behind a served DSP. Each end is taken by one back end at a time. */
export class SocketFarEndLinks implements LinkControl {
  private readonly client: SocketClient;
  private readonly ends: readonly SocketLinkEnd[];
  /** HD Audio link streams, which the host allocates, carry the other links too. */
  private readonly hostDrivesAll: boolean;
  private readonly farEnds: SocketFarEnds;
  private readonly taken: OpenLink[] = [];
  /** HD Audio link streams that carry another link. */
  private readonly carriers = new Set<SocketLinkEnd>();

  constructor(
    client: SocketClient,
    machine: Pick<SocketWelcome, "links" | "linkDma">,
    farEnds: SocketFarEnds,
  ) {
    this.client = client;
    this.ends = machine.links;
    this.hostDrivesAll = machine.linkDma === "hdaLink";
    this.farEnds = farEnds;
  }

  /** Links allocated and not released. */
  get inUse(): number {
    return this.taken.length;
  }

  allocate(request: LinkRequest): LinkStream | null {
    const end = this.choose(request);
    if (end === undefined || !fits(end, request.format)) return null;
    const carried = end.type !== "HDA" && this.hostDrivesAll;
    const carrier = carried
      ? this.ends.find((other) => this.isFree(other, "HDA", end.direction))
      : undefined;
    if (carried && carrier === undefined) return null;
    if (carrier !== undefined) this.carriers.add(carrier);
    const stream = end.type === "HDA" ? end : carrier;
    const { client } = this;
    const body = writeFormat(writeLinkKey(new ByteWriter(20), end).u8(0), request.format);
    client.post(SocketMessage.LINK_ALLOCATE, body.finish());
    const link = new OpenLink(client, end, request.format, this.farEnds(request));
    this.taken.push(link);
    return {
      tag: stream === undefined ? null : stream.index + 1,
      alhId: end.type === "ALH" ? end.index : null,
      // The firmware's gateway runs the link's clock.
      start: () => {},
      stop: () => {},
      position: () => null,
      release: () => {
        this.taken.splice(this.taken.indexOf(link), 1);
        if (carrier !== undefined) this.carriers.delete(carrier);
        link.release();
      },
    };
  }

  /** Gives capture links what they can need in a wait. */
  postFeeds(waitUs: number): void {
    for (const link of this.taken) link.postFeed(waitUs);
  }

  /** Fetches what playback links carried, and how much capture links have left. */
  postSync(): void {
    for (const link of this.taken) link.postSync();
  }

  /** SSP ports and microphones are where the topology says; HD-A and SoundWire streams are any free ones. */
  private choose({ type, direction, index }: LinkRequest): SocketLinkEnd | undefined {
    const placed = type === "SSP" || type === "DMIC";
    return this.ends.find(
      (end) => this.isFree(end, type, direction) && (!placed || end.index === index),
    );
  }

  private isFree(end: SocketLinkEnd, type: DaiType, direction: StreamDirection): boolean {
    return (
      end.type === type &&
      end.direction === direction &&
      !this.carriers.has(end) &&
      !this.taken.some((link) => link.end === end)
    );
  }
}

function fits({ maxChannels, containerBytes }: SocketLinkEnd, format: StreamFormat): boolean {
  const { rate, channels, containerBits } = format;
  return (
    Number.isInteger(rate) &&
    rate > 0 &&
    rate <= MAX_RATE &&
    Number.isInteger(channels) &&
    channels > 0 &&
    channels <= maxChannels &&
    containerBytes.includes(containerBits / 8)
  );
}

class OpenLink {
  readonly end: SocketLinkEnd;
  private readonly client: SocketClient;
  private readonly farEnd: SocketFarEnd | null;
  private readonly bytesPerSecond: number;
  private readonly frameBytes: number;
  /** Bytes that the served link has to play. */
  private queued = 0;

  constructor(
    client: SocketClient,
    end: SocketLinkEnd,
    format: StreamFormat,
    farEnd: SocketFarEnd | null,
  ) {
    this.client = client;
    this.end = end;
    this.farEnd = farEnd;
    this.frameBytes = (format.channels * format.containerBits) / 8;
    this.bytesPerSecond = format.rate * this.frameBytes;
  }

  postFeed(waitUs: number): void {
    if (this.end.direction !== "capture" || this.farEnd?.feed === undefined) return;
    const need = Math.ceil(((waitUs + FEED_MARGIN_US) * this.bytesPerSecond) / 1e6);
    const want = Math.min(need, MAX_FAR_END_BYTES) - this.queued;
    if (want <= 0) return;
    const bytes = this.farEnd.feed(want - (want % this.frameBytes));
    for (let at = 0; at < bytes.length; at += MAX_DATA_BYTES)
      this.feed(bytes.subarray(at, at + MAX_DATA_BYTES));
  }

  postSync(): void {
    if (this.end.direction === "playback") this.hear();
    else if (this.farEnd?.feed !== undefined) this.feed(new Uint8Array(0));
  }

  /** Everything that was carried has been fetched: no time has passed since the last wait. */
  release(): void {
    const body = writeLinkKey(new ByteWriter(4), this.end).u8(0).finish();
    this.client.post(SocketMessage.LINK_RELEASE, body);
  }

  private feed(bytes: Uint8Array): void {
    const body = writeLinkKey(new ByteWriter(4 + bytes.length), this.end)
      .u8(0)
      .bytes(bytes);
    this.client.post(SocketMessage.LINK_FEED, body.finish(), (reply) => {
      this.queued = reply.u32("queued");
    });
  }

  private hear(): void {
    if (this.farEnd?.hear === undefined) return;
    const body = writeLinkKey(new ByteWriter(4), this.end).u8(0).finish();
    this.client.post(SocketMessage.LINK_HEAR, body, (reply) => {
      const left = reply.u32("bytes left");
      const bytes = reply.take(reply.remaining);
      if (bytes.length > 0) this.farEnd?.hear?.(bytes);
      if (left > 0) this.hear();
    });
  }
}
