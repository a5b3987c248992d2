import { createMixKernels, createPcmKernels, type KernelMemory, type MixKernel } from "@sof-ts/dsp";
import { FrameFmt } from "@sof-ts/module-api";
import { UNITY_GAIN } from "./config.js";

/** How samples of one format are put into a mix. */
export interface MixKernelPair {
  readonly store: MixKernel;
  readonly add: MixKernel;
}

/** @returns the kernels for a valid format, or null for one that cannot be mixed */
export function mixKernelsFor(memory: KernelMemory, validFmt: FrameFmt): MixKernelPair | null {
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
