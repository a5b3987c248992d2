import type { AudioStream } from "@sof-ts/module-api";

/** Handles `frames` frames at `src`; where the sinks' frames go was told before. */
export type FanOutKernel = (src: number, frames: number) => void;

/** Most bytes of one frame. */
const FRAME_BYTES = 32;

/**
 * Goes through a block of one source and several sinks that take as many frames, in stretches that wrap in
 * none of them. A frame that lies across the end of a ring goes through memory of its own. Does not allocate.
 */
export class FanOut {
  /** Streams of this block; null for a band that nobody takes. */
  readonly sinks: (AudioStream | null)[];
  private readonly bounce: number;
  private readonly words: number;
  private readonly i32: Int32Array;
  private readonly u8: Uint8Array;

  /** @param address of {@link FanOut.bytes} bytes, the first words of which the kernel reads */
  constructor(
    memory: { readonly i32: Int32Array; readonly u8: Uint8Array },
    most: number,
    address: number,
  ) {
    this.sinks = Array.from({ length: most }, () => null);
    this.i32 = memory.i32;
    this.u8 = memory.u8;
    this.words = address >> 2;
    this.bounce = address + most * 4;
  }

  /** Bytes for up to `most` sinks: an address for each, a frame for each and one for the source. */
  static bytes(most: number): number {
    return most * 4 + (most + 1) * FRAME_BYTES;
  }

  /** Runs the kernel over `frames` frames from the oldest of `source`. No ring moves on. */
  run(source: AudioStream, frames: number, kernel: FanOutKernel): void {
    for (let done = 0; done < frames;) {
      const src = source.wrap(source.readPtr + done * source.frameBytes);
      const straight = this.straight(source, src, done, frames - done);
      if (straight > 0) {
        this.aim(done);
        kernel(src, straight);
      } else {
        this.bounceFrame(source, src, done, kernel);
      }
      done += Math.max(straight, 1);
    }
  }

  /** Frames that the source's and all sinks' rings hold without a wrap. */
  private straight(source: AudioStream, src: number, done: number, most: number): number {
    let count = Math.min(most, Math.floor((source.end - src) / source.frameBytes));
    for (let i = 0; i < this.sinks.length; i++) {
      const sink = this.sinks[i] as AudioStream | null;
      if (sink === null) continue;
      const dst = sink.wrap(sink.writePtr + done * sink.frameBytes);
      count = Math.min(count, Math.floor((sink.end - dst) / sink.frameBytes));
    }
    return count;
  }

  private aim(done: number): void {
    for (let i = 0; i < this.sinks.length; i++) {
      const sink = this.sinks[i] as AudioStream | null;
      this.i32[this.words + i] =
        sink === null ? 0 : sink.wrap(sink.writePtr + done * sink.frameBytes);
    }
  }

  private bounceFrame(source: AudioStream, src: number, done: number, kernel: FanOutKernel): void {
    const { u8, bounce } = this;
    for (let k = 0; k < source.frameBytes; k++) u8[bounce + k] = u8[source.wrap(src + k)] as number;
    for (let i = 0; i < this.sinks.length; i++) {
      this.i32[this.words + i] = this.sinks[i] === null ? 0 : bounce + (i + 1) * FRAME_BYTES;
    }
    kernel(bounce, 1);
    for (let i = 0; i < this.sinks.length; i++) {
      const sink = this.sinks[i] as AudioStream | null;
      if (sink === null) continue;
      const dst = sink.wrap(sink.writePtr + done * sink.frameBytes);
      const from = bounce + (i + 1) * FRAME_BYTES;
      for (let k = 0; k < sink.frameBytes; k++) u8[sink.wrap(dst + k)] = u8[from + k] as number;
    }
  }
}
