import { assert } from "@sof-ts/kit";
import { type AudioMemory, AudioStream } from "@sof-ts/module-api";

/**
 * The ring between the LL tick and a module's own thread (SOF's `ring_buffer`). Each side has an offset that
 * only it writes, so the two run at the same time on different cores without a lock: bytes from `readOffset`
 * to `writeOffset` are the consumer's, all others the producer's, and neither touches the other's.
 *
 * The thread does not work on the offsets but on `view`, its own face of the ring: what came since its last
 * run is let in by an `acquire…` before a run, and what it did goes out by the matching `release…` when the
 * run, with all the time it takes, is over.
 */
export class BlockRing {
  readonly memory: AudioMemory;
  readonly start: number;
  readonly size: number;
  /** The thread's face of the ring: what its module's `process` is given. */
  readonly view: AudioStream;
  /** Whether the component at the other end of the connection ran in the last tick, which writes it. */
  peerActive = false;
  /** Bytes ever written and read, modulo twice the size, so that full and empty differ. */
  private writeOffset = 0;
  private readOffset = 0;
  /** What the view held when the run began. */
  private held = 0;

  /**
   * @param size bytes, above 0, at `start` of `memory`
   * @param view made of the same; given where somebody looks at it
   */
  constructor(
    memory: AudioMemory,
    start: number,
    size: number,
    view: AudioStream = new AudioStream(memory, start, size),
  ) {
    this.memory = memory;
    this.start = start;
    this.size = size;
    this.view = view;
  }

  /** Bytes that wait for the consumer. */
  get used(): number {
    const used = this.writeOffset - this.readOffset;
    return used < 0 ? used + 2 * this.size : used;
  }

  /** Bytes that the producer may write. */
  get free(): number {
    return this.size - this.used;
  }

  /** Empties the ring. Calling context: neither side is at work. */
  reset(): void {
    this.writeOffset = 0;
    this.readOffset = 0;
    this.held = 0;
    this.view.reset();
  }

  // ---- LL side: in the tick of the pipeline's core -----------------------------------------------

  /** Takes what `source` has, as far as there is room. @returns bytes taken */
  pushFrom(source: AudioStream): number {
    const count = Math.min(source.available, this.free);
    if (count === 0) return 0;
    copy(
      source.memory,
      source.start,
      source.size,
      source.readPtr - source.start,
      this.memory,
      this.start,
      this.size,
      this.writeOffset >= this.size ? this.writeOffset - this.size : this.writeOffset,
      count,
    );
    this.writeOffset = this.advance(this.writeOffset, count);
    source.consume(count);
    return count;
  }

  /** Gives `sink` what it has room for. @returns bytes given */
  pullInto(sink: AudioStream): number {
    const count = Math.min(this.used, sink.free);
    if (count === 0) return 0;
    copy(
      this.memory,
      this.start,
      this.size,
      this.readOffset >= this.size ? this.readOffset - this.size : this.readOffset,
      sink.memory,
      sink.start,
      sink.size,
      sink.writePtr - sink.start,
      count,
    );
    this.readOffset = this.advance(this.readOffset, count);
    sink.produce(count);
    return count;
  }

  /** Drops what waits, because nobody will take it. */
  discard(): void {
    this.readOffset = this.writeOffset;
  }

  // ---- the thread's side -------------------------------------------------------------------------

  /** Before a run: shows the input that has come. */
  acquireInput(): void {
    const { view } = this;
    const { used } = this;
    view.produce(used - view.available);
    this.held = used;
  }

  /** After a run: the room of what the module consumed is the producer's again. */
  releaseInput(): void {
    const count = this.held - this.view.available;
    assert(count >= 0, "a module produced into its source");
    this.held = this.view.available;
    this.readOffset = this.advance(this.readOffset, count);
  }

  /** Before a run: shows the room that the consumer has made. */
  acquireOutput(): void {
    const { view } = this;
    const { used } = this;
    view.consume(view.available - used);
    this.held = used;
  }

  /** After a run: what the module produced is the consumer's. */
  releaseOutput(): void {
    const count = this.view.available - this.held;
    assert(count >= 0, "a module consumed from its sink");
    this.held = this.view.available;
    this.writeOffset = this.advance(this.writeOffset, count);
  }

  private advance(offset: number, count: number): number {
    const next = offset + count;
    return next >= 2 * this.size ? next - 2 * this.size : next;
  }
}

/** Copies between two rings, perhaps in different memories, by whole words where all is aligned to them. */
function copy(
  from: AudioMemory,
  fromStart: number,
  fromSize: number,
  fromOffset: number,
  to: AudioMemory,
  toStart: number,
  toSize: number,
  toOffset: number,
  count: number,
): void {
  let read = fromOffset;
  let write = toOffset;
  for (let left = count; left > 0;) {
    const block = Math.min(left, fromSize - read, toSize - write);
    const source = fromStart + read;
    const target = toStart + write;
    if (((source | target | block) & 3) === 0) {
      const words = from.i32;
      const out = to.i32;
      const end = (source + block) >> 2;
      for (let i = source >> 2, o = target >> 2; i < end; i++, o++) out[o] = words[i] as number;
    } else {
      const bytes = from.u8;
      const out = to.u8;
      for (let i = source, o = target; i < source + block; i++, o++) out[o] = bytes[i] as number;
    }
    left -= block;
    read += block;
    if (read === fromSize) read = 0;
    write += block;
    if (write === toSize) write = 0;
  }
}
