import type { AudioMemory, AudioStream } from "@sof-ts/module-api";
import { Stream } from "./abi.js";
import type { SandboxInstance } from "./instance.js";

/**
 * Blocks of at least so many words are moved by the engine's own copy. Its two views are garbage, and still it
 * is twice as fast as a loop for a period of audio.
 */
const BULK_WORDS = 48;

/**
 * One stream of an isolated instance: a block in its memory that a period's samples are copied to or from,
 * and the descriptor that tells the module of it. Addresses are kept here; what the module writes over
 * them does not matter.
 */
export class Port {
  /** Bytes that the block holds; 0 before there is one. */
  capacity = 0;
  /** Bytes offered to the module in the present period. */
  offered = 0;
  /** The stream that the descriptor tells of; null before there is one. */
  stream: AudioStream | null = null;
  private data = 0;
  private readonly instance: SandboxInstance;
  private readonly descriptor: number;
  private readonly side: "source" | "sink";
  private frameBytes = 0;

  /**
   * @param descriptor address of the descriptor, below the end of the memory
   * @param side whether the stream is a source or a sink of the instance
   */
  constructor(instance: SandboxInstance, descriptor: number, side: "source" | "sink") {
    this.instance = instance;
    this.side = side;
    this.descriptor = descriptor;
  }

  /** Uses the block at `data` from here on. */
  place(data: number, capacity: number): void {
    this.data = data;
    this.capacity = capacity;
  }

  /** Tells the module the stream's format. */
  describe(stream: AudioStream): void {
    const { i32 } = this.instance;
    const at = this.descriptor >> 2;
    this.stream = stream;
    this.frameBytes = stream.frameBytes;
    i32[at + (Stream.QUEUE >> 2)] = this.side === "source" ? stream.sinkQueue : stream.sourceQueue;
    i32[at + (Stream.FRAME_BYTES >> 2)] = stream.frameBytes;
    i32[at + (Stream.RATE >> 2)] = stream.rate;
    i32[at + (Stream.CHANNELS >> 2)] = stream.channels;
    i32[at + (Stream.FRAME_FMT >> 2)] = stream.frameFmt;
    i32[at + (Stream.VALID_FMT >> 2)] = stream.validFmt;
    i32[at + (Stream.CHANNEL_MAP >> 2)] = stream.channelMap;
    this.offer(0, false);
  }

  /** Copies what waits in `source` to the module. */
  fill(source: AudioStream): void {
    const bytes = source.available < this.capacity ? source.available : this.capacity;
    const first = Math.min(bytes, source.end - source.readPtr);
    const { memory } = source;
    const { u8, i32 } = this.instance;
    copy(memory.u8, memory.i32, source.readPtr, u8, i32, this.data, first);
    if (first < bytes) {
      copy(memory.u8, memory.i32, source.start, u8, i32, this.data + first, bytes - first);
    }
    this.offer(bytes, source.producerActive);
  }

  /** Offers the module as much room as `sink` has. */
  open(sink: AudioStream): void {
    const { free } = sink;
    this.offer(free < this.capacity ? free : this.capacity, sink.consumerActive);
  }

  /** @returns bytes that the module says it handled; -1 when that is more than offered, or no whole frames */
  done(): number {
    const done = this.instance.i32[(this.descriptor + Stream.DONE) >> 2] as number;
    if (done < 0 || done > this.offered) return -1;
    return this.frameBytes > 1 && done % this.frameBytes !== 0 ? -1 : done;
  }

  /** Copies `bytes` that the module produced into `sink`, which has room for them. */
  drain(sink: AudioStream, bytes: number): void {
    const first = Math.min(bytes, sink.end - sink.writePtr);
    const { memory } = sink;
    const { u8, i32 } = this.instance;
    copy(u8, i32, this.data, memory.u8, memory.i32, sink.writePtr, first);
    if (first < bytes) {
      copy(u8, i32, this.data + first, memory.u8, memory.i32, sink.start, bytes - first);
    }
  }

  private offer(bytes: number, active: boolean): void {
    const { i32 } = this.instance;
    const at = this.descriptor >> 2;
    this.offered = bytes;
    i32[at + (Stream.DATA >> 2)] = this.data;
    i32[at + (Stream.BYTES >> 2)] = bytes;
    i32[at + (Stream.DONE >> 2)] = 0;
    i32[at + (Stream.ACTIVE >> 2)] = active ? 1 : 0;
  }
}

/** Copies `bytes` from one memory to another; by words where both ends allow. */
function copy(
  from8: AudioMemory["u8"],
  from32: AudioMemory["i32"],
  from: number,
  to8: AudioMemory["u8"],
  to32: AudioMemory["i32"],
  to: number,
  bytes: number,
): void {
  if (((from | to | bytes) & 3) !== 0) {
    to8.set(from8.subarray(from, from + bytes), to);
    return;
  }
  const words = bytes >> 2;
  const source = from >> 2;
  const target = to >> 2;
  if (words >= BULK_WORDS) {
    to32.set(from32.subarray(source, source + words), target);
    return;
  }
  for (let i = 0; i < words; i++) to32[target + i] = from32[source + i] as number;
}
