import { wasm } from "./generated/aria.js";
import { type KernelMemory, wasmFamily } from "./wasm-family.js";

export interface AriaKernels {
  /** @returns the largest `|sx24(x)|` of a block */
  peak24(src: number, samples: number): number;
  /**
   * `y = sat24(rnd(sx24(x) * g, shift))`, with `g` moving by `step` a frame.
   *
   * @returns the gain after the last frame
   */
  rampGain24(
    src: number,
    dst: number,
    frames: number,
    channels: number,
    gain: number,
    step: number,
    shift: number,
  ): number;
}

const load = wasmFamily<AriaKernels>(wasm);

/** @returns the kernels of the automatic level on `memory`; the same object for the same memory */
export function createAriaKernels(memory: KernelMemory): AriaKernels {
  return load(memory);
}
