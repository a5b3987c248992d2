import type { HostDmaStream, StreamDirection } from "./ports.js";

/**
 * The application's and the hardware's place in a host DMA ring, as totals of bytes. In playback the
 * application is ahead of the hardware, in capture behind it.
 */
export class StreamRing {
  readonly size: number;
  private readonly stream: HostDmaStream;
  private readonly direction: StreamDirection;
  private readonly frameBytes: number;
  private readonly limited: boolean;
  /** Bytes that the application has written or read. */
  private application = 0;

  /** @param limited the hardware shall not pass the application */
  constructor(
    stream: HostDmaStream,
    direction: StreamDirection,
    shape: { readonly size: number; readonly frameBytes: number; readonly limited: boolean },
  ) {
    this.stream = stream;
    this.direction = direction;
    this.size = shape.size;
    this.frameBytes = shape.frameBytes;
    this.limited = shape.limited;
    this.publish();
  }

  /** Total bytes that the hardware has moved. */
  get hardware(): number {
    return this.stream.position();
  }

  /** Total bytes that the application has written or read. */
  get applied(): number {
    return this.application;
  }

  /** Bytes that the application may write (playback) or read (capture) now, in whole frames. */
  get available(): number {
    const ahead = this.application - this.hardware;
    const bytes = this.direction === "playback" ? this.size - ahead : -ahead;
    return Math.max(0, Math.min(this.size, bytes - (bytes % this.frameBytes)));
  }

  /** The hardware has played what was not written, or recorded over what was not read. */
  get overrun(): boolean {
    const ahead = this.application - this.hardware;
    return this.direction === "playback" ? ahead < 0 : -ahead > this.size;
  }

  /** Forgets what is in the ring: the application goes on where the hardware is. */
  rewind(): void {
    this.application = this.hardware;
    this.publish();
  }

  /** Copies into the ring what fits, in whole frames. @returns bytes taken */
  write(data: Uint8Array): number {
    const count = this.wholeFrames(Math.min(data.length, this.available));
    this.pieces(count, (offset, from, length) => {
      this.stream.write(offset, data.subarray(from, from + length));
    });
    return count;
  }

  /** Copies out of the ring what is there, in whole frames. @returns bytes given */
  read(into: Uint8Array): number {
    const count = this.wholeFrames(Math.min(into.length, this.available));
    this.pieces(count, (offset, from, length) => {
      this.stream.read(offset, into.subarray(from, from + length));
    });
    return count;
  }

  private wholeFrames(bytes: number): number {
    return bytes - (bytes % this.frameBytes);
  }

  /** Runs over `count` bytes from the application's place, split where the ring wraps. */
  private pieces(
    count: number,
    move: (offset: number, from: number, length: number) => void,
  ): void {
    let done = 0;
    while (done < count) {
      const offset = this.application % this.size;
      const length = Math.min(count - done, this.size - offset);
      move(offset, done, length);
      done += length;
      this.application += length;
    }
    if (count > 0) this.publish();
  }

  private publish(): void {
    const limit = this.direction === "playback" ? this.application : this.application + this.size;
    this.stream.setApplicationPosition(this.limited ? limit : Number.POSITIVE_INFINITY);
  }
}
