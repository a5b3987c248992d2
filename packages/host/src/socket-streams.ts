import { ByteWriter, EINVAL, ENOMEM } from "@sof-ts/kit";
import type { HostDma, HostDmaConfig, HostDmaStream, StreamDirection } from "./ports.js";
import type { SocketClient } from "./socket-client.js";
import {
  MAX_DATA_BYTES,
  MAX_RING_BYTES,
  readTotal,
  SocketMessage,
  writeStreamKey,
  writeTotal,
} from "./socket-protocol.js";

/**
 * Host DMA streams behind a socket. Rings are mirrored here: what the application writes goes out with the
 * next wait, what was captured comes in with it, and so does the position.
 */
export class SocketStreams implements HostDma {
  private readonly client: SocketClient;
  private readonly counts: Readonly<Record<StreamDirection, number>>;
  private readonly taken: MirroredStream[] = [];

  constructor(client: SocketClient, counts: Readonly<Record<StreamDirection, number>>) {
    this.client = client;
    this.counts = counts;
  }

  /** Streams allocated and not released. */
  get inUse(): number {
    return this.taken.length;
  }

  streamCount(direction: StreamDirection): number {
    return this.counts[direction];
  }

  allocate(direction: StreamDirection): HostDmaStream | null {
    for (let tag = 1; tag <= this.counts[direction]; tag++) {
      if (this.taken.some((stream) => stream.direction === direction && stream.tag === tag))
        continue;
      const stream = new MirroredStream(this.client, direction, tag, () => {
        this.taken.splice(this.taken.indexOf(stream), 1);
      });
      this.taken.push(stream);
      return stream;
    }
    return null;
  }

  /** Asks for the positions. */
  postPositions(): void {
    for (const stream of this.taken) stream.postPosition();
  }

  /** Asks for what was captured up to the positions. */
  postCaptured(): void {
    for (const stream of this.taken) stream.postCaptured();
  }
}

class MirroredStream implements HostDmaStream {
  readonly direction: StreamDirection;
  readonly tag: number;
  private readonly client: SocketClient;
  private readonly onRelease: () => void;
  private ring = new Uint8Array(0);
  private moved = 0;
  /** Captured bytes that are in the mirror. */
  private fetched = 0;

  constructor(
    client: SocketClient,
    direction: StreamDirection,
    tag: number,
    onRelease: () => void,
  ) {
    this.client = client;
    this.direction = direction;
    this.tag = tag;
    this.onRelease = onRelease;
  }

  configure({ bufferBytes, periodBytes }: HostDmaConfig): number {
    if (bufferBytes <= 0 || periodBytes <= 0 || bufferBytes % periodBytes !== 0) return -EINVAL;
    if (bufferBytes > MAX_RING_BYTES) return -ENOMEM;
    this.ring = new Uint8Array(bufferBytes);
    this.moved = 0;
    this.fetched = 0;
    const body = this.key(16).u32(bufferBytes).u32(periodBytes);
    this.client.post(SocketMessage.STREAM_CONFIGURE, body.finish());
    return 0;
  }

  start(): void {
    this.client.post(SocketMessage.STREAM_START, this.key().finish());
  }

  stop(): void {
    if (this.ring.length > 0) this.client.post(SocketMessage.STREAM_STOP, this.key().finish());
  }

  position(): number {
    return this.moved;
  }

  write(offset: number, bytes: Uint8Array): void {
    this.ring.set(bytes, offset);
    for (let at = 0; at < bytes.length; at += MAX_DATA_BYTES) {
      const part = bytes.subarray(at, at + MAX_DATA_BYTES);
      const body = this.key(12 + part.length)
        .u32(offset + at)
        .bytes(part);
      this.client.post(SocketMessage.STREAM_WRITE, body.finish());
    }
  }

  read(offset: number, into: Uint8Array): void {
    into.set(this.ring.subarray(offset, offset + into.length));
  }

  setApplicationPosition(total: number): void {
    const body = writeTotal(this.key(16), total);
    this.client.post(SocketMessage.STREAM_LIMIT, body.finish());
  }

  release(): void {
    if (this.ring.length > 0) this.client.post(SocketMessage.STREAM_RELEASE, this.key().finish());
    this.ring = new Uint8Array(0);
    this.onRelease();
  }

  postPosition(): void {
    if (this.ring.length === 0) return;
    this.client.post(SocketMessage.STREAM_POSITION, this.key().finish(), (reply) => {
      this.moved = readTotal(reply);
    });
  }

  postCaptured(): void {
    const { ring } = this;
    if (this.direction !== "capture" || ring.length === 0) return;
    // What the hardware has run over is lost; the ring holds what came last.
    let from = Math.max(this.fetched, this.moved - ring.length);
    this.fetched = this.moved;
    while (from < this.moved) {
      const offset = from % ring.length;
      const length = Math.min(this.moved - from, ring.length - offset, MAX_DATA_BYTES);
      const body = this.key(16).u32(offset).u32(length).finish();
      this.client.post(SocketMessage.STREAM_READ, body, (reply) => {
        if (this.ring === ring) ring.set(reply.take(length), offset);
      });
      from += length;
    }
  }

  private key(capacity = 8): ByteWriter {
    return writeStreamKey(new ByteWriter(capacity), this);
  }
}
