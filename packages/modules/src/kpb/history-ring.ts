import type { PcmKernels } from "@sof-ts/dsp";
import type { AudioAllocator, AudioStream } from "@sof-ts/module-api";
import { takeFrames } from "../common/ring-io.js";

/** The last seconds of a stream, in whole frames. */
export class HistoryRing {
  /** Bytes that were written since it was cleared, at most its size. */
  buffered = 0;
  readonly byteLength: number;
  private readonly pcm: PcmKernels;
  private readonly heap: AudioAllocator;
  private readonly frameBytes: number;
  private readonly memory: number;
  /** Offset of the next byte that is written. */
  private write = 0;
  private readonly append: (src: number, frames: number) => void;

  constructor(heap: AudioAllocator, pcm: PcmKernels, frames: number, frameBytes: number) {
    this.heap = heap;
    this.pcm = pcm;
    this.frameBytes = frameBytes;
    this.byteLength = frames * frameBytes;
    this.memory = heap.alloc(this.byteLength);
    this.append = (src, count) => this.put(src, count * frameBytes);
  }

  /** Whether memory for it was there. */
  get complete(): boolean {
    return this.memory !== 0;
  }

  clear(): void {
    this.buffered = 0;
    this.write = 0;
  }

  free(): void {
    this.heap.free(this.memory);
  }

  /** Takes frames of a stream, which moves on. @param bounce memory for a frame that wraps */
  take(source: AudioStream, frames: number, bounce: number): void {
    takeFrames(source, frames, this.append, bounce);
  }

  /** Writes bytes that do not wrap at `src`. */
  put(src: number, byteCount: number): void {
    for (let done = 0; done < byteCount;) {
      const straight = Math.min(byteCount - done, this.byteLength - this.write);
      this.pcm.copyBytes(src + done, this.memory + this.write, straight);
      this.write = (this.write + straight) % this.byteLength;
      done += straight;
    }
    this.buffered = Math.min(this.byteLength, this.buffered + byteCount);
  }

  /** Copies frames to `dst`, the first one `behind` bytes before what is written next. */
  read(behind: number, dst: number, frames: number): void {
    const byteCount = frames * this.frameBytes;
    let at = (this.write - behind + this.byteLength) % this.byteLength;
    for (let done = 0; done < byteCount;) {
      const straight = Math.min(byteCount - done, this.byteLength - at);
      this.pcm.copyBytes(this.memory + at, dst + done, straight);
      at = (at + straight) % this.byteLength;
      done += straight;
    }
  }
}
