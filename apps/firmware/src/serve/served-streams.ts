import { type HostDmaStream, MAX_DATA_BYTES, MAX_RING_BYTES, type StreamKey } from "@sof-ts/host";
import { EINVAL, ENODEV } from "@sof-ts/kit";
import type { HostStreams } from "../host-side/host-streams.js";
import { Refusal } from "./refusal.js";

interface OpenStream {
  readonly stream: HostDmaStream;
  /** Bytes of the ring. */
  readonly size: number;
}

/** A client's host streams: checks what it asks for before the machine sees it. */
export class ServedStreams {
  private readonly streams: HostStreams;
  private readonly open = new Map<string, OpenStream>();

  constructor(streams: HostStreams) {
    this.streams = streams;
  }

  /** Takes a stream, unless the client has it, and gives it a ring. */
  configure(key: StreamKey, bufferBytes: number, periodBytes: number): void {
    if (bufferBytes > MAX_RING_BYTES)
      throw new Refusal(-EINVAL, `a ring of ${bufferBytes} bytes, at most ${MAX_RING_BYTES}`);
    const stream =
      this.open.get(nameOf(key))?.stream ?? this.streams.allocate(key.direction, key.tag);
    if (stream === null) throw new Refusal(-ENODEV, `no ${nameOf(key)}`);
    this.open.set(nameOf(key), { stream, size: 0 });
    // The ring has no meaning to the format: bytes are bytes.
    const format = { rate: 48_000, channels: 2, containerBits: 32, validBits: 32 };
    const rc = stream.configure({ bufferBytes, periodBytes, format });
    if (rc < 0) throw new Refusal(rc, `a ring of ${bufferBytes} in periods of ${periodBytes}`);
    this.open.set(nameOf(key), { stream, size: bufferBytes });
  }

  start(key: StreamKey): void {
    this.ready(key).stream.start();
  }

  stop(key: StreamKey): void {
    this.ready(key).stream.stop();
  }

  release(key: StreamKey): void {
    const { stream } = this.find(key);
    this.open.delete(nameOf(key));
    stream.release();
  }

  write(key: StreamKey, offset: number, bytes: Uint8Array): void {
    const { stream, size } = this.ready(key);
    if (offset + bytes.length > size) throw outside(offset, bytes.length, size);
    stream.write(offset, bytes);
  }

  read(key: StreamKey, offset: number, length: number): Uint8Array {
    const { stream, size } = this.ready(key);
    if (offset + length > size || length > MAX_DATA_BYTES) throw outside(offset, length, size);
    const bytes = new Uint8Array(length);
    stream.read(offset, bytes);
    return bytes;
  }

  position(key: StreamKey): number {
    return this.find(key).stream.position();
  }

  setLimit(key: StreamKey, total: number): void {
    this.ready(key).stream.setApplicationPosition(total);
  }

  private find(key: StreamKey): OpenStream {
    const open = this.open.get(nameOf(key));
    if (open === undefined) throw new Refusal(-ENODEV, `${nameOf(key)} is not configured`);
    return open;
  }

  /** A stream that has its ring. */
  private ready(key: StreamKey): OpenStream {
    const open = this.find(key);
    if (open.size === 0) throw new Refusal(-EINVAL, `${nameOf(key)} has no ring`);
    return open;
  }
}

const nameOf = ({ direction, tag }: StreamKey): string => `${direction} stream ${tag}`;

const outside = (offset: number, length: number, size: number): Refusal =>
  new Refusal(-EINVAL, `${length} bytes at ${offset} of a ring of ${size}`);
