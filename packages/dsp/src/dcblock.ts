import { wasm } from "./generated/dcblock.js";
import { type KernelMemory, wasmFamily } from "./wasm-family.js";

/** Bytes of a channel's state: words {R in Q2.30, last input, last output}. */
export const DC_BLOCK_STATE_BYTES = 12;

export interface DcBlockKernels {
  /**
   * Removes DC: `y = sat32(x - x1 + rnd(R * y1, 30))` on interleaved 32-bit samples; `src` may be `dst`.
   *
   * @param state address of {@link DC_BLOCK_STATE_BYTES} bytes a channel
   */
  dcBlock(src: number, dst: number, frames: number, channels: number, state: number): void;
}

const load = wasmFamily<DcBlockKernels>(wasm);

/** @returns the DC blocker on `memory`; the same object for the same memory */
export function createDcBlockKernels(memory: KernelMemory): DcBlockKernels {
  return load(memory);
}
