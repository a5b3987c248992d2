import { assert } from "@sof-ts/kit";
import { wasm } from "./generated/drc.js";
import { type KernelMemory, wasmFamily } from "./wasm-family.js";

/** Words of one parameter set, in the order of SOF's `struct sof_drc_params`. */
export const DRC_PARAM_WORDS = 22;
/** Bytes of a compressor's state. */
export const DRC_STATE_BYTES = 128;

/** Frames of the delay line. */
const RING_FRAMES = 512;
/** The gain is set for this many frames at a time. */
const SPAN_FRAMES = 32;
const PRE_DELAY_PARAM = 4;

// State words after the parameters, as assembly/dynamics/drc-core.ts has them.
const CHANNELS = 22;
const WRITE = 24;
const GAIN = 26;
const MAX_ATTACK = 29;
const RING = 31;

/** Compresses one contiguous block of interleaved frames; `src` and `dst` may be the same. */
export type DrcKernel = (state: number, src: number, dst: number, frames: number) => void;

/** Dynamic range compressor, as SOF's drc. */
export interface DrcKernels {
  readonly process16: DrcKernel;
  /** 24 bits right-aligned in 32; the result is rounded and saturated to 24 bits. */
  readonly process24: DrcKernel;
  readonly process32: DrcKernel;
  /** The look-ahead delay alone. `sampleShift` is 1 for 16-bit samples and 2 for 32-bit containers. */
  delay(state: number, src: number, dst: number, frames: number, sampleShift: number): void;
}

/** What {@link resetDrc} sets up. */
export interface DrcSetup {
  /** Address of {@link DRC_STATE_BYTES} bytes. */
  readonly state: number;
  /** Address of {@link drcRingBytes} bytes. */
  readonly ring: number;
  readonly params: Int32Array;
  readonly channels: number;
  /** Bytes of one sample: 2 or 4. */
  readonly sampleBytes: number;
  /** Frames per second. */
  readonly rate: number;
}

/** @returns bytes of the delay line */
export function drcRingBytes(channels: number, sampleBytes: number): number {
  return RING_FRAMES * channels * sampleBytes;
}

/**
 * Frames by which a compressor delays: the look-ahead that a parameter set asks for, in whole spans.
 *
 * @returns 32..480
 */
export function drcDelayFrames(params: Int32Array, rate: number): number {
  const seconds = params[PRE_DELAY_PARAM] as number;
  const frames = Math.floor((seconds * rate + 2 ** 29) / 2 ** 30);
  return Math.max(SPAN_FRAMES, Math.min(frames, RING_FRAMES - 1) & ~(SPAN_FRAMES - 1));
}

/** Puts a compressor into the state before its first frame: silence in the delay line, unity gain. */
export function resetDrc(memory: KernelMemory, setup: DrcSetup): void {
  assert(setup.params.length === DRC_PARAM_WORDS, "a compressor has 22 parameters");
  const { i32, u8 } = memory;
  const word = setup.state >> 2;
  i32.fill(0, word, word + DRC_STATE_BYTES / 4);
  i32.set(setup.params, word);
  i32[word + CHANNELS] = setup.channels;
  i32[word + WRITE] = drcDelayFrames(setup.params, setup.rate);
  i32[word + GAIN] = 1 << 30;
  i32[word + MAX_ATTACK] = -0x80000000;
  i32[word + RING] = setup.ring;
  u8.fill(0, setup.ring, setup.ring + drcRingBytes(setup.channels, setup.sampleBytes));
}

const load = wasmFamily<DrcKernels>(wasm);

/** @returns the compressor kernels on `memory`; the same object for the same memory */
export function createDrcKernels(memory: KernelMemory): DrcKernels {
  return load(memory);
}
