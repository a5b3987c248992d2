import { wasm } from "./generated/mix.js";
import { type KernelMemory, wasmFamily } from "./wasm-family.js";

/** @param gain 0..1024; 1024 is unity, below it `g(x) = (x * gain) >> 10` truncates */
export type MixKernel = (src: number, dst: number, samples: number, gain: number) => void;

/** Stores `g(x)` or adds it with saturation to what is at `dst`. */
export interface MixKernels {
  readonly mixAddS16: MixKernel;
  readonly mixAddS24: MixKernel;
  readonly mixAddS32: MixKernel;
  readonly mixStoreS16: MixKernel;
  /** At unity the sample is sign-extended; a raw copy is `copyBytes`. */
  readonly mixStoreS24: MixKernel;
  readonly mixStoreS32: MixKernel;
}

const load = wasmFamily<MixKernels>(wasm);

/** @returns the mixing kernels on `memory`; the same object for the same memory */
export function createMixKernels(memory: KernelMemory): MixKernels {
  return load(memory);
}
