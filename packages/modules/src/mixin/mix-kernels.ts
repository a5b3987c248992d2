import { createMixKernels, createPcmKernels, type KernelMemory, type MixKernel } from "@sof-ts/dsp";
import { type AudioStream, containerBytes, FrameFmt } from "@sof-ts/module-api";
import type { MixLane, MixTarget } from "../common/mix-target.js";
import { UNITY_GAIN } from "./config.js";

/** How samples of one format are put into a mix. */
export interface MixKernelPair {
  readonly store: MixKernel;
  readonly add: MixKernel;
}

/** @returns the kernels for a valid format, or null for one that cannot be mixed */
function mixKernelsFor(memory: KernelMemory, validFmt: FrameFmt): MixKernelPair | null {
  const mix = createMixKernels(memory);
  const pcm = createPcmKernels(memory);
  // At unity a store moves whole containers, whatever is in their unused bits.
  const orCopy =
    (scaled: MixKernel, sampleBytes: number): MixKernel =>
    (src, dst, samples, gain) => {
      if (gain === UNITY_GAIN) pcm.copyBytes(src, dst, samples * sampleBytes);
      else scaled(src, dst, samples, gain);
    };
  if (validFmt === FrameFmt.S16_LE) {
    return { store: orCopy(mix.mixStoreS16, 2), add: mix.mixAddS16 };
  }
  if (validFmt === FrameFmt.S24_4LE) {
    return { store: orCopy(mix.mixStoreS24, 4), add: mix.mixAddS24 };
  }
  if (validFmt === FrameFmt.S32_LE) {
    return { store: orCopy(mix.mixStoreS32, 4), add: mix.mixAddS32 };
  }
  return null;
}

/** The kernels of the format that is being mixed, made anew when it changes. */
export class MixKernelCache {
  private readonly memory: KernelMemory;
  private kernels: MixKernelPair | null = null;
  private format: FrameFmt = FrameFmt.INVALID;

  constructor(memory: KernelMemory) {
    this.memory = memory;
  }

  /** @returns the kernels for a valid format, or null for one that cannot be mixed */
  of(validFmt: FrameFmt): MixKernelPair | null {
    if (validFmt !== this.format) {
      this.kernels = mixKernelsFor(this.memory, validFmt);
      this.format = validFmt;
    }
    return this.kernels;
  }
}

/**
 * Puts a lane's next frames into the mix: adds where others have been before, stores where it is the first.
 *
 * @param source oldest frames first; null for silence. They are not consumed
 */
export function addToMix(
  target: MixTarget,
  lane: MixLane,
  source: AudioStream | null,
  sink: AudioStream,
  frames: number,
  kernels: MixKernelPair | null,
  gain: number,
): void {
  if (target.acquiredFrames < 0) target.acquiredFrames = sink.freeFrames;
  const start = lane.pendingFrames;
  const overlap = Math.max(0, Math.min(target.mixedFrames - start, frames));
  if (source === null) {
    if (overlap < frames) silenceAt(sink, start + overlap, frames - overlap);
  } else if (kernels !== null) {
    if (overlap > 0) mixInto(kernels.add, source, 0, sink, start, overlap, gain);
    if (overlap < frames) {
      mixInto(kernels.store, source, overlap, sink, start + overlap, frames - overlap, gain);
    }
  }
  lane.pendingFrames = start + frames;
  target.mixedFrames = Math.max(target.mixedFrames, start + frames);
}

/** Applies a kernel from frame `from` after the source's oldest to frame `to` after the sink's last. */
export function mixInto(
  kernel: MixKernel,
  source: AudioStream,
  from: number,
  sink: AudioStream,
  to: number,
  frames: number,
  gain: number,
): void {
  const sampleBytes = containerBytes(sink.frameFmt);
  let src = source.wrap(source.readPtr + from * source.frameBytes);
  let dst = sink.wrap(sink.writePtr + to * sink.frameBytes);
  for (let left = frames * sink.frameBytes; left > 0;) {
    const bytes = Math.min(left, source.end - src, sink.end - dst);
    kernel(src, dst, bytes / sampleBytes, gain);
    src = source.wrap(src + bytes);
    dst = sink.wrap(dst + bytes);
    left -= bytes;
  }
}

/** Zeros from frame `to` after the sink's last on. */
export function silenceAt(sink: AudioStream, to: number, frames: number): void {
  let dst = sink.wrap(sink.writePtr + to * sink.frameBytes);
  for (let left = frames * sink.frameBytes; left > 0;) {
    const bytes = Math.min(left, sink.end - dst);
    sink.memory.u8.fill(0, dst, dst + bytes);
    dst = sink.wrap(dst + bytes);
    left -= bytes;
  }
}
