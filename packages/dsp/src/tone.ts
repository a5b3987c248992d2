import { wasm } from "./generated/tone.js";
import { type KernelMemory, wasmFamily } from "./wasm-family.js";

export interface ToneKernels {
  /** CORDIC sine of 31 steps. @param angle Q4.28 radians, -2*pi..2*pi. @returns Q1.31 */
  sin32(angle: number): number;
  /**
   * Writes a sine into interleaved 32-bit frames, the same into every channel: `(sin(w) * amplitude) >> 31`.
   *
   * @param phase Q4.28
   * @returns the phase after the last frame
   */
  toneFrames(
    dst: number,
    channels: number,
    frames: number,
    phase: number,
    phaseStep: number,
    amplitude: number,
  ): number;
}

const load = wasmFamily<ToneKernels>(wasm);

/** @returns the tone kernels on `memory`; the same object for the same memory */
export function createToneKernels(memory: KernelMemory): ToneKernels {
  return load(memory);
}
