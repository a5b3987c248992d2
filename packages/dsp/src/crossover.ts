import { wasm } from "./generated/crossover.js";
import { type KernelMemory, wasmFamily } from "./wasm-family.js";

/** Words of one biquad section: a2, a1, b2, b1, b0 (Q2.30), output shift, output gain (Q2.14). */
export const SECTION_WORDS = 7;
/** Most sections that a splitter has: LP0, HP0, LP1, HP1, LP2, HP2. */
export const SPLITTER_SECTIONS = 6;
/** Bytes of a splitter: its sections and their states for 8 channels. */
export const SPLITTER_BYTES =
  SPLITTER_SECTIONS * SECTION_WORDS * 4 + 8 + SPLITTER_SECTIONS * 4 * 64;

/** Splits signals into bands by Linkwitz-Riley filters of 4th order, as SOF's crossover. */
export interface CrossoverKernels {
  /**
   * @param splitter address of {@link SPLITTER_BYTES} bytes, set up by {@link resetSplitter}
   * @param bands 2..4
   * @param width 16, 24 (right-aligned in 32) or 32
   * @param src interleaved frames without wrap
   * @param sinks address of one word for each band: where its frames go without wrap, 0 for nowhere; `src`
   *   may be one of them when `frames` is at most 64
   */
  crossover(
    splitter: number,
    bands: number,
    width: number,
    channels: number,
    src: number,
    sinks: number,
    frames: number,
  ): void;
}

/** Sets a splitter's sections and clears its history. */
export function resetSplitter(memory: KernelMemory, address: number, sections: Int32Array): void {
  const word = address >> 2;
  memory.i32.fill(0, word, word + SPLITTER_BYTES / 4);
  memory.i32.set(sections.subarray(0, SPLITTER_SECTIONS * SECTION_WORDS), word);
}

const load = wasmFamily<CrossoverKernels>(wasm);

/** @returns the crossover kernels on `memory`; the same object for the same memory */
export function createCrossoverKernels(memory: KernelMemory): CrossoverKernels {
  return load(memory);
}
