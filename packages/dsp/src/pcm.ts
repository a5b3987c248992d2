import { wasm } from "./generated/pcm.js";
import { type KernelMemory, wasmFamily } from "./wasm-family.js";

/**
 * Converts `samples` interleaved samples from address `src` to `dst`, both without wrap, any alignment.
 * The blocks must not overlap, except that they may be the same when both containers have one size.
 */
export type SampleKernel = (src: number, dst: number, samples: number) => void;

/**
 * Copies and conversions of PCM. `rnd(v, n)` rounds half up, `satN` clamps, `sx24` extends bit 23; S24 is
 * right-aligned in 32 bits, its upper byte is ignored unless stated; FLOAT is IEEE single, full scale 1.
 */
export interface PcmKernels {
  /** Copies bytes. */
  copyBytes(src: number, dst: number, byteCount: number): void;
  zeroBytes(dst: number, byteCount: number): void;
  /** Sign-extended into 32 bits. */
  readonly s16ToS16In32: SampleKernel;
  /** The low half of each word. */
  readonly s16In32ToS16: SampleKernel;
  /** `x << 8` */
  readonly s16ToS24: SampleKernel;
  /** `x << 16` */
  readonly s16ToS32: SampleKernel;
  /** `sat16(rnd(sx24(x), 8))` */
  readonly s24ToS16: SampleKernel;
  /** `sat16(rnd(x, 16))` */
  readonly s32ToS16: SampleKernel;
  /** `x << 8` on 32-bit words: S24 to S32, S24 to left-aligned S24, 16 in 32 to S24. */
  readonly shiftLeft8: SampleKernel;
  /** `x << 16` on 32-bit words: 16 in 32 to S32. */
  readonly shiftLeft16: SampleKernel;
  /** `sat24(rnd(x, 8))` */
  readonly s32ToS24: SampleKernel;
  /** `sat24(rnd(x, 8)) << 8`: left-aligned S24 */
  readonly s32ToS24Msb: SampleKernel;
  /** `sat16(rnd(x, 16))` in 32 bits */
  readonly s32ToS16In32: SampleKernel;
  /** `sat16(rnd(sx24(x), 8))` in 32 bits */
  readonly s24ToS16In32: SampleKernel;
  /** `sx24(x)` */
  readonly signExtend24: SampleKernel;
  readonly s16ToFloat: SampleKernel;
  /** The whole container counts; what a float has no room for is truncated. */
  readonly s24ToFloat: SampleKernel;
  /** What a float has no room for is truncated. */
  readonly s32ToFloat: SampleKernel;
  readonly floatToS16: SampleKernel;
  readonly floatToS24: SampleKernel;
  /** Not saturated at the positive end: 1.0 wraps. */
  readonly floatToS32: SampleKernel;
  /** Three bytes, little-endian, sign-extended. */
  readonly s24PackedToS24: SampleKernel;
  readonly s24ToS24Packed: SampleKernel;
  /** `(x - 128) << 24` */
  readonly u8ToS32: SampleKernel;
  /** `sat8(rnd(x, 24)) + 128` */
  readonly s32ToU8: SampleKernel;
  /** Logical right shift of 32-bit words in place. */
  attenuate(address: number, samples: number, shift: number): void;
  /**
   * Output channel c takes the input channel in nibble c of `map`, shifted left (`shift` > 0) or
   * arithmetically right (`shift` < 0) without rounding; 15, or a channel that the input has not, is silence.
   * Containers are 2 or 4 bytes.
   */
  remap(
    src: number,
    srcContainerBytes: number,
    srcChannels: number,
    dst: number,
    dstContainerBytes: number,
    dstChannels: number,
    map: number,
    shift: number,
    frames: number,
  ): void;
}

const load = wasmFamily<PcmKernels>(wasm);

/** @returns the PCM kernels on `memory`; the same object for the same memory */
export function createPcmKernels(memory: KernelMemory): PcmKernels {
  return load(memory);
}
