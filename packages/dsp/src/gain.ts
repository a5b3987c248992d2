import { wasm } from "./generated/gain.js";
import { type KernelMemory, wasmFamily } from "./wasm-family.js";

/**
 * Applies a volume to `samples` interleaved samples: `sat(rnd(x * v, 31))` with Q1.31 volumes of
 * 0..2^31-1. The volumes at `volumes` are repeated as {@link writeVolumePattern} writes them. `src` and `dst`
 * may be the same. `src` starts at channel 0.
 */
export type GainKernel = (
  src: number,
  dst: number,
  samples: number,
  volumes: number,
  patternBytes: number,
) => void;

/** Applies one Q9.23 gain to all samples: `sat(rnd(x * gain, 23))`. */
export type LevelKernel = (src: number, dst: number, samples: number, gain: number) => void;

export interface GainKernels {
  readonly gainS16: GainKernel;
  readonly gainS24: GainKernel;
  readonly gainS32: GainKernel;
  readonly levelS16: LevelKernel;
  readonly levelS24: LevelKernel;
  readonly levelS32: LevelKernel;
  /** Raises the u32 words at `peaks`, one a channel, to `max |x| << shift` of a block. */
  peaks16(src: number, frames: number, channels: number, peaks: number, shift: number): void;
  peaks32(src: number, frames: number, channels: number, peaks: number, shift: number): void;
  /**
   * Walks back from the last of `frames` frames until the sum over the channels changes its sign. The sum
   * before is kept in the i32 at `state`.
   *
   * @param kind 0 for S16, 1 for S24, 2 for S32
   * @returns frames up to and including the one found, or 0
   */
  zeroCrossing(
    kind: number,
    block: number,
    frames: number,
    channels: number,
    state: number,
  ): number;
}

/** Most bytes that {@link writeVolumePattern} writes: 7 channels need 28 words. */
export const VOLUME_PATTERN_BYTES = 128;

/** @returns bytes after which the volumes of `channels` channels repeat on a border of four samples */
export function volumePatternBytes(channels: number): number {
  if (channels % 4 === 0) return channels * 4;
  return channels === 1 || channels === 2 ? 16 : channels % 2 === 0 ? channels * 8 : channels * 16;
}

/** Writes the volumes of all channels, repeated over the pattern, to `address`. */
export function writeVolumePattern(
  memory: KernelMemory,
  address: number,
  volumes: Int32Array,
  channels: number,
): void {
  const words = volumePatternBytes(channels) >> 2;
  const base = address >> 2;
  for (let i = 0; i < words; i++) memory.i32[base + i] = volumes[i % channels] as number;
}

const load = wasmFamily<GainKernels>(wasm);

/** @returns the gain kernels on `memory`; the same object for the same memory */
export function createGainKernels(memory: KernelMemory): GainKernels {
  return load(memory);
}
