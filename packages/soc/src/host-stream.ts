import { assert } from "@sof-ts/kit";
import type { StreamDirection } from "./dma-channel.js";
import type { HostMemory, ScatterEntry } from "./host-memory.js";
import { ViewTable } from "./view-table.js";

/** A contiguous piece of the host's ring buffer. */
export interface HostSegment {
  readonly bytes: Uint8Array;
  readonly views: ViewTable;
  readonly size: number;
}

/**
 * The host's side of a host DMA channel: its ring buffer in host memory, described by a scatter list, and the
 * positions in it. Stream `n` of a direction is joined to channel `n` of that direction's controller, the HD
 * Audio stream tag being `n + 1`.
 *
 * The ring runs freely, as HD Audio's does: the DMA takes what lies there, whether the application put it
 * there or not. With an application position ({@link setApplicationPosition}, HD Audio's SPIB) it stops
 * where the application has got to.
 */
export class HostStream {
  readonly direction: StreamDirection;
  readonly index: number;
  segments: readonly HostSegment[] = [];
  /** Bytes of the ring. */
  size = 0;
  running = false;
  /** Bytes that the DSP has processed since the reset: HD Audio's LPIB, not wrapped. */
  position = 0;
  /** Bytes that the DMA has moved since the reset; in playback ahead of {@link position} by the DSP's ring. */
  moved = 0;
  /** The DMA may move bytes up to this count. */
  limit = Number.POSITIVE_INFINITY;
  /** Position at which the host hears next; infinite without interrupts. */
  nextInterrupt = Number.POSITIVE_INFINITY;
  /** The segment the DMA is in, and the offset in it. */
  segment = 0;
  offset = 0;
  private interruptAt: readonly number[] = [];
  private interruptIndex = 0;
  private lap = 0;
  private onInterrupt: (() => void) | null = null;
  private transfer: (() => void) | null = null;

  constructor(direction: StreamDirection, index: number) {
    this.direction = direction;
    this.index = index;
  }

  /**
   * Gives the stream its ring buffer.
   *
   * @param onInterrupt runs when the position passes the end of an entry that asks for it
   * @throws InputError when an entry is not in host memory
   */
  attach(
    memory: HostMemory,
    entries: readonly ScatterEntry[],
    onInterrupt: (() => void) | null = null,
  ): void {
    assert(!this.running, "the stream runs");
    assert(entries.length > 0, "a ring needs at least one segment");
    this.segments = entries.map(({ address, size }) => {
      const bytes = memory.at(address, size);
      return { bytes, size, views: new ViewTable(bytes, size) };
    });
    let end = 0;
    const ends: number[] = [];
    for (const entry of entries) {
      end += entry.size;
      if (entry.interruptOnCompletion) ends.push(end);
    }
    this.size = end;
    this.interruptAt = ends;
    this.onInterrupt = onInterrupt;
    this.rewind();
  }

  /** Takes the ring buffer away. */
  detach(): void {
    this.running = false;
    this.segments = [];
    this.interruptAt = [];
    this.onInterrupt = null;
    this.size = 0;
    this.limit = Number.POSITIVE_INFINITY;
    this.rewind();
  }

  /** Lets the DMA run (HD Audio's SDxCTL.RUN). */
  start(): void {
    assert(this.size > 0, "the stream has no ring buffer");
    this.running = true;
    this.transfer?.();
  }

  /** Halts the DMA; positions stay. */
  stop(): void {
    this.running = false;
  }

  /** Zeroes the positions (HD Audio's SDxCTL.SRST). */
  reset(): void {
    this.running = false;
    this.limit = Number.POSITIVE_INFINITY;
    this.rewind();
  }

  /**
   * Tells how far the application has got since the reset, in bytes: written in playback, read in capture.
   * From then on the DMA does not pass it.
   */
  setApplicationPosition(total: number): void {
    this.limit = this.direction === "playback" ? total : total + this.size;
    this.transfer?.();
  }

  /** Lets the ring run freely again. */
  clearApplicationPosition(): void {
    this.limit = Number.POSITIVE_INFINITY;
    this.transfer?.();
  }

  /** The position as an offset in the ring: what HD Audio's LPIB register shows. */
  get positionInBuffer(): number {
    return this.size === 0 ? 0 : this.position % this.size;
  }

  /** Joined by the DMA channel: what to do when the host's side lets data move. */
  join(transfer: (() => void) | null): void {
    this.transfer = transfer;
  }

  /** Bytes that the DMA may move now. */
  get movable(): number {
    return this.running ? this.limit - this.moved : 0;
  }

  /** Moves the DMA's place in the ring; `bytes` do not pass the end of the segment. */
  advance(bytes: number): void {
    this.moved += bytes;
    this.offset += bytes;
    if (this.offset === (this.segments[this.segment] as HostSegment).size) {
      this.offset = 0;
      this.segment = this.segment + 1 === this.segments.length ? 0 : this.segment + 1;
    }
  }

  /** Moves the position that the host sees. */
  report(bytes: number): void {
    this.position += bytes;
    while (this.position >= this.nextInterrupt) {
      this.scheduleInterrupt();
      this.onInterrupt?.();
    }
  }

  /** Puts the DMA back to the reported position: what it had fetched beyond is fetched again. */
  refetch(): void {
    if (this.size === 0) return;
    this.moved = this.position;
    let rest = this.position % this.size;
    let index = 0;
    while (rest >= (this.segments[index] as HostSegment).size) {
      rest -= (this.segments[index] as HostSegment).size;
      index++;
    }
    this.segment = index;
    this.offset = rest;
  }

  private rewind(): void {
    this.position = 0;
    this.moved = 0;
    this.segment = 0;
    this.offset = 0;
    this.interruptIndex = -1;
    this.lap = 0;
    this.scheduleInterrupt();
  }

  private scheduleInterrupt(): void {
    if (this.interruptAt.length === 0) {
      this.nextInterrupt = Number.POSITIVE_INFINITY;
      return;
    }
    this.interruptIndex++;
    if (this.interruptIndex === this.interruptAt.length) {
      this.interruptIndex = 0;
      this.lap += this.size;
    }
    this.nextInterrupt = this.lap + (this.interruptAt[this.interruptIndex] as number);
  }
}
