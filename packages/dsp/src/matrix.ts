import { wasm } from "./generated/matrix.js";
import { type KernelMemory, wasmFamily } from "./wasm-family.js";

/**
 * Computes each output channel as a sum of all input channels:
 * `y[o] = sat((sum_j x[j] * c[o][j] + 512) >> 10)`.
 *
 * @param coefs address of int16 rows of 8, one an output; 1024 is 1.0
 */
export type MatrixKernel = (
  src: number,
  inputs: number,
  dst: number,
  outputs: number,
  coefs: number,
  frames: number,
) => void;

/** Copies `count` neighbouring channels between frames of `srcStep` and `dstStep` bytes. */
export type ChannelCopy = (
  src: number,
  srcStep: number,
  dst: number,
  dstStep: number,
  count: number,
  frames: number,
) => void;

/** Writes the channels of each frame in reverse order; `src` and `dst` differ. */
export type ChannelReversal = (src: number, dst: number, channels: number, frames: number) => void;

export interface MatrixKernels {
  /** The sum keeps 32 bits. */
  readonly matrixS16: MatrixKernel;
  /** The whole container counts; saturates to 24 bits. */
  readonly matrixS24: MatrixKernel;
  readonly matrixS32: MatrixKernel;
  readonly copyChannels16: ChannelCopy;
  readonly copyChannels32: ChannelCopy;
  readonly reverse16: ChannelReversal;
  readonly reverse32: ChannelReversal;
  /**
   * Mixes frames with Q1.31 coefficients and sums that saturate at every step, rounded half away from zero.
   *
   * @param wide whether samples are 32-bit containers, shifted left by `shift` first; else 16 bits
   * @param coefs address of int32 rows of 8, one an output
   * @param dst gets 24 bits, right-aligned in 32
   */
  mixChannels(
    src: number,
    wide: boolean,
    shift: number,
    inputs: number,
    dst: number,
    outputs: number,
    coefs: number,
    frames: number,
  ): void;
}

const load = wasmFamily<MatrixKernels>(wasm);

/** @returns the channel kernels on `memory`; the same object for the same memory */
export function createMatrixKernels(memory: KernelMemory): MatrixKernels {
  return load(memory);
}
