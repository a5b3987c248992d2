import { assert } from "@sof-ts/kit";
import type { AudioMemory } from "./audio-memory.js";
import { containerBytes, FrameFmt } from "./frame-format.js";

/** What the samples of a stream are. */
export interface StreamParams {
  /** Frames per second. */
  readonly rate: number;
  readonly channels: number;
  readonly frameFmt: FrameFmt;
  readonly validFmt: FrameFmt;
  /** Nibble i is the role of channel i (IPC4 `ch_map`). */
  readonly channelMap: number;
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

/**
 * A ring of interleaved audio in an {@link AudioMemory} (SOF's `audio_stream` with its source and sink
 * faces): a producer fills at `writePtr`, a consumer takes at `readPtr`. Fields are plain so that processing
 * loops read them without a call; only the methods change them.
 *
 * Producer and consumer run on one core, or the ring is {@link shared} and in coherent memory: then each side
 * moves its own pointer, `available` is an atomic counter, and nothing else is written while one of them runs.
 */
export class AudioStream {
  readonly memory: AudioMemory;
  /** Address of the first byte of the ring. */
  readonly start: number;
  /** Bytes in the ring. */
  readonly size: number;
  /** Address past the last byte of the ring. */
  readonly end: number;
  /** Address of the oldest byte. */
  readPtr: number;
  /** Address where the next byte goes. */
  writePtr: number;
  /** Bytes that wait for the consumer. */
  available = 0;

  rate = 0;
  channels = 0;
  frameFmt: FrameFmt = FrameFmt.INVALID;
  validFmt: FrameFmt = FrameFmt.INVALID;
  channelMap = 0xffffffff;
  /** Bytes of one frame; 0 until the params are set. */
  frameBytes = 0;
  /** Frames are moved in multiples of this. */
  frameAlign = 1;
  /** Queue ids of the connection at the module that fills the ring and at the one that empties it. */
  sourceQueue = 0;
  sinkQueue = 0;

  /** Whether the component that produces into this ring runs; a consumer skips a source whose producer does not. */
  producerActive = false;
  /** Whether the component that consumes from this ring runs; a producer skips a sink whose consumer does not. */
  consumerActive = false;

  /** Whether producer and consumer run on different cores (SOF's `is_shared`). */
  readonly shared: boolean;
  /** Whether the consumer of a shared ring has begun to take; see {@link mayTake}. */
  private flowing = false;

  /**
   * @param size bytes, above 0
   * @param shared whether two cores use the ring
   */
  constructor(memory: AudioMemory, start: number, size: number, shared = false) {
    this.shared = shared;
    assert(size > 0 && start + size <= memory.byteLength, `ring of ${size} bytes at ${start}`);
    this.memory = memory;
    this.start = start;
    this.size = size;
    this.end = start + size;
    this.readPtr = start;
    this.writePtr = start;
  }

  /**
   * Whether the consumer of a shared ring should take from it now. The ticks of two cores come in no fixed
   * order: what is produced in one tick is there for the other core's same tick or only for its next. So the
   * consumer begins when half of the ring is filled, from then on it always finds a period, in whichever order
   * the ticks come. Once the producer has stopped, what is left is taken.
   *
   * Calling context: the consumer's thread.
   */
  mayTake(): boolean {
    if (!this.producerActive) this.flowing = this.available > 0;
    else if (2 * this.available >= this.size) this.flowing = true;
    return this.flowing;
  }

  /** Bytes that can be produced now. */
  get free(): number {
    return this.size - this.available;
  }

  get params(): StreamParams {
    const { rate, channels, frameFmt, validFmt, channelMap } = this;
    return { rate, channels, frameFmt, validFmt, channelMap };
  }

  setParams(params: StreamParams): void {
    this.rate = params.rate;
    this.channels = params.channels;
    this.frameFmt = params.frameFmt;
    this.validFmt = params.validFmt;
    this.channelMap = params.channelMap;
    this.frameBytes = params.channels * containerBytes(params.frameFmt);
  }

  /**
   * Sets the granularity in which frames move (SOF's `audio_stream_set_align`).
   *
   * @param byteAlign bytes that every block is a multiple of
   * @param frameAlignRequest frames that every block is a multiple of
   */
  setAlign(byteAlign: number, frameAlignRequest: number): void {
    if (this.frameBytes === 0) return;
    const forBytes = byteAlign / gcd(byteAlign, this.frameBytes);
    this.frameAlign = (frameAlignRequest * forBytes) / gcd(forBytes, frameAlignRequest);
  }

  /** Whole frames that can be consumed now; 0 while frames have no size. */
  get availableFrames(): number {
    return (this.available / this.frameBytes) | 0;
  }

  /** Whole frames that can be produced now; 0 while frames have no size. */
  get freeFrames(): number {
    return ((this.size - this.available) / this.frameBytes) | 0;
  }

  /** Bytes from `address` to the end of the ring: what can be handled without a wrap. */
  bytesWithoutWrap(address: number): number {
    return this.end - address;
  }

  /** `address` moved on by `byteCount`, which is at most the ring's size, wrapped into the ring. */
  wrap(address: number): number {
    return address >= this.end ? address - this.size : address;
  }

  /** The consumer is done with the oldest `byteCount` bytes. */
  consume(byteCount: number): void {
    assert(byteCount <= this.available, "consumed more than there was");
    this.available = (this.available - byteCount) | 0;
    const next = (this.readPtr + byteCount) | 0;
    this.readPtr = next >= this.end ? (next - this.size) | 0 : next;
  }

  /** The producer has written `byteCount` bytes at `writePtr`. */
  produce(byteCount: number): void {
    assert(byteCount <= this.size - this.available, "produced more than there was room for");
    this.available = (this.available + byteCount) | 0;
    const next = (this.writePtr + byteCount) | 0;
    this.writePtr = next >= this.end ? (next - this.size) | 0 : next;
  }

  /** Empties the ring; the samples stay in memory. */
  reset(): void {
    this.readPtr = this.start;
    this.writePtr = this.start;
    this.available = 0;
    this.flowing = false;
  }

  /** Writes `byteCount` zero bytes from `writePtr` on, with a wrap where needed, without producing them. */
  silence(byteCount: number): void {
    const first = Math.min(byteCount, this.end - this.writePtr);
    this.memory.u8.fill(0, this.writePtr, this.writePtr + first);
    if (first < byteCount) this.memory.u8.fill(0, this.start, this.start + byteCount - first);
  }
}

/**
 * Frames that can go from `source` to `sink` now, rounded down to the source's alignment
 * (SOF's `audio_stream_avail_frames_aligned`).
 */
export function alignedFrames(source: AudioStream, sink: AudioStream): number {
  const possible = Math.min(source.availableFrames, sink.freeFrames);
  return source.frameAlign === 1 ? possible : possible - (possible % source.frameAlign);
}
