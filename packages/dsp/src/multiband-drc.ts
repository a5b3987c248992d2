import { assert } from "@sof-ts/kit";
import { resetSplitter, SPLITTER_BYTES } from "./crossover.js";
import { DRC_STATE_BYTES, drcRingBytes, resetDrc } from "./drc.js";
import { wasm } from "./generated/multiband-drc.js";
import { type KernelMemory, wasmFamily } from "./wasm-family.js";

/** Most bands of a multiband compressor. */
export const MULTIBAND_MAX_BANDS = 4;

// Layout of the state, as assembly/multiband-drc.ts has it.
const EMPHASIS_WORD = 4;
const DEEMPHASIS_WORD = 18;
const SPLITTER = 640;
const COMPRESSORS = SPLITTER + SPLITTER_BYTES;

/** Bytes of a multiband compressor's state. */
export const MULTIBAND_STATE_BYTES = COMPRESSORS + MULTIBAND_MAX_BANDS * DRC_STATE_BYTES;

/** Processes one contiguous block of interleaved frames; `src` and `dst` may be the same. */
export type MultibandKernel = (state: number, src: number, dst: number, frames: number) => void;

/** Compressor with one gain per band, as SOF's multiband_drc. */
export interface MultibandKernels {
  readonly process16: MultibandKernel;
  readonly process24: MultibandKernel;
  readonly process32: MultibandKernel;
}

/** What {@link resetMultiband} sets up. */
export interface MultibandSetup {
  /** Address of {@link MULTIBAND_STATE_BYTES} bytes. */
  readonly state: number;
  /** Address of the delay lines, `drcRingBytes` for each band. */
  readonly rings: number;
  /** Two sections before the split and two after the sum, 7 words each; null for none. */
  readonly emphasis: { readonly before: Int32Array; readonly after: Int32Array } | null;
  /** LP0, HP0 and, for more than two bands, LP1, HP1, LP2, HP2. */
  readonly sections: Int32Array;
  /** One compressor's parameters for each band, 2..4. A band whose first parameter is 0 is only delayed. */
  readonly bands: readonly Int32Array[];
  readonly channels: number;
  readonly sampleBytes: number;
  readonly rate: number;
}

/** Puts a multiband compressor into the state before its first frame. */
export function resetMultiband(memory: KernelMemory, setup: MultibandSetup): void {
  const { state, rings, emphasis, bands, channels, sampleBytes, rate } = setup;
  assert(bands.length >= 2 && bands.length <= MULTIBAND_MAX_BANDS, "2 to 4 bands");
  const word = state >> 2;
  memory.i32.fill(0, word, word + MULTIBAND_STATE_BYTES / 4);
  memory.i32[word] = bands.length;
  memory.i32[word + 1] = emphasis === null ? 0 : 1;
  memory.i32[word + 2] = channels;
  if (emphasis !== null) {
    memory.i32.set(emphasis.before, word + EMPHASIS_WORD);
    memory.i32.set(emphasis.after, word + DEEMPHASIS_WORD);
  }
  resetSplitter(memory, state + SPLITTER, setup.sections);
  const ringBytes = drcRingBytes(channels, sampleBytes);
  bands.forEach((params, band) => {
    resetDrc(memory, {
      state: state + COMPRESSORS + band * DRC_STATE_BYTES,
      ring: rings + band * ringBytes,
      params,
      channels,
      sampleBytes,
      rate,
    });
  });
}

const load = wasmFamily<MultibandKernels>(wasm);

/** @returns the multiband kernels on `memory`; the same object for the same memory */
export function createMultibandKernels(memory: KernelMemory): MultibandKernels {
  return load(memory);
}
