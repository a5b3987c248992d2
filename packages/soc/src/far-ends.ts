import type { LinkSink, LinkSource } from "./ports.js";
import { ViewTable } from "./view-table.js";

/** Bytes of a ring that is expected in front of a sink; larger ones only allocate now and then. */
const RING_SPAN = 64 * 1024;

/** A far end that keeps what was played. */
export class RecordingSink implements LinkSink {
  private buffer: Uint8Array;
  private views: ViewTable | null = null;
  /** Bytes recorded. */
  length = 0;

  /** @param capacity bytes to make room for at once; it grows beyond */
  constructor(capacity = 64 * 1024) {
    this.buffer = new Uint8Array(capacity);
  }

  write(bytes: Uint8Array, offset: number, length: number): void {
    const end = this.length + length;
    if (end > this.buffer.length) this.grow(end);
    if (this.views === null || this.views.bytes !== bytes)
      this.views = new ViewTable(bytes, RING_SPAN);
    this.buffer.set(this.views.view(offset, length), this.length);
    this.length = end;
  }

  /** @returns a view of what was recorded; it is not kept up to date */
  recorded(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }

  private grow(needed: number): void {
    const larger = new Uint8Array(Math.max(needed, 2 * this.buffer.length));
    larger.set(this.buffer.subarray(0, this.length));
    this.buffer = larger;
  }
}

/** A far end that plays given bytes once, then silence. */
export class PlayingSource implements LinkSource {
  private readonly bytes: Uint8Array;
  /** Bytes played. */
  position = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  read(into: Uint8Array, offset: number, length: number): number {
    const count = Math.min(length, this.bytes.length - this.position);
    into.set(this.bytes.subarray(this.position, this.position + count), offset);
    this.position += count;
    return count;
  }
}
