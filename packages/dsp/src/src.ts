import { assert } from "@sof-ts/kit";
import { wasm } from "./generated/src.js";
import { polyphaseSteps, type SrcFilter } from "./src-tables.js";
import { type KernelMemory, wasmFamily } from "./wasm-family.js";

/** One stage of a synchronous rate converter, as SOF's src. State is at the address of a stage. */
export interface SrcKernels {
  /** Hands `frames` frames of a stream, without wrap, to a stage. */
  append(stage: number, src: number, frames: number): void;
  /** Hands `frames` frames of left-aligned 32-bit samples to a stage. */
  appendWide(stage: number, src: number, frames: number): void;
  /**
   * Converts `blocks` times M frames that were handed over to L frames each of left-aligned 32-bit samples,
   * quantized to the width.
   */
  run(stage: number, blocks: number, dst: number): void;
  /** Writes left-aligned samples as samples of a stream: 16, 24 (right-aligned) or 32 bits. */
  write(width: number, src: number, dst: number, samples: number): void;
}

const STATE_BYTES = 80;
const GROUP_TAPS = 8;
/** Magnitudes of each half of the coefficients of a segment sum to less than this. */
const SEGMENT_LIMIT = 0x10000;
const MAX_SEGMENTS = 8;
const MIN_SPLIT = 8;
const MAX_SPLIT = 14;
/** Samples that a history holds beyond what has to be kept, so that it moves to the front seldom. */
const SLACK = 256;

/** A filter cut into what the kernel works through. */
export interface SrcPlan {
  readonly filter: SrcFilter;
  readonly inputStep: number;
  readonly outputStep: number;
  /** Low bits of a coefficient that are multiplied on their own. */
  readonly split: number;
  readonly segments: number;
  /** Groups of 8 taps in a segment. */
  readonly groups: number;
}

/** Cuts a filter's coefficients in halves and its taps into segments, as few as possible. */
export function planSrcStage(filter: SrcFilter): SrcPlan {
  for (let segments = 1; segments <= MAX_SEGMENTS; segments++) {
    const groups = Math.ceil(filter.subFilterLength / GROUP_TAPS / segments);
    for (let split = MIN_SPLIT; split <= MAX_SPLIT; split++) {
      if (!fits(filter, split, segments, groups)) continue;
      const steps = polyphaseSteps(filter.interpolation, filter.decimation);
      return { filter, ...steps, split, segments, groups };
    }
  }
  assert(false, `filter ${filter.name} has too much gain`);
}

const upper = (word: number, split: number) => (word + (1 << (split - 1))) >> split;
const lower = (word: number, split: number) => word - (upper(word, split) << split);

/** Coefficient for the `i`-th oldest sample of a sub-filter padded to whole segments. */
function padded(plan: Pick<SrcPlan, "filter" | "segments" | "groups">, phase: number, i: number) {
  const { subFilterLength, words } = plan.filter;
  const tap = plan.segments * plan.groups * GROUP_TAPS - 1 - i;
  return tap < subFilterLength ? (words[phase * subFilterLength + tap] as number) : 0;
}

function fits(filter: SrcFilter, split: number, segments: number, groups: number): boolean {
  const taps = groups * GROUP_TAPS;
  for (let phase = 0; phase < filter.interpolation; phase++) {
    for (let segment = 0; segment < segments; segment++) {
      let high = 0;
      let low = 0;
      for (let i = segment * taps; i < (segment + 1) * taps; i++) {
        const word = padded({ filter, segments, groups }, phase, i);
        if (Math.abs(upper(word, split)) > 0x7fff) return false;
        high += Math.abs(upper(word, split));
        low += Math.abs(lower(word, split));
      }
      if (high >= SEGMENT_LIMIT || low >= SEGMENT_LIMIT) return false;
    }
  }
  return true;
}

const align16 = (bytes: number) => (bytes + 15) & ~15;

/** Where the parts of a stage lie behind its state. */
function layout(plan: SrcPlan, channels: number, unusedFrames: number) {
  const { filter, inputStep, outputStep, segments, groups } = plan;
  const { interpolation } = filter;
  const taps = segments * groups * GROUP_TAPS;
  const kept = (interpolation - 1) * inputStep + taps - 1;
  const ringFrames = 1 + (interpolation - 1) * outputStep;
  const capacity = (kept + unusedFrames + SLACK + 7) & ~7;
  const constants = align16(STATE_BYTES);
  const coefficients = align16(constants + interpolation * 8);
  const history = coefficients + interpolation * taps * 4;
  const ring = history + channels * capacity * 4;
  return { taps, kept, ringFrames, capacity, constants, coefficients, history, ring };
}

/**
 * @param unusedFrames most frames that are handed over and not yet converted
 * @returns bytes of a stage with its coefficients
 */
export function srcStageBytes(plan: SrcPlan, channels: number, unusedFrames: number): number {
  const { ring, ringFrames } = layout(plan, channels, unusedFrames);
  return align16(ring + ringFrames * channels * 4);
}

/** What {@link resetSrcStage} sets up. */
export interface SrcStageSetup {
  /** Address of {@link srcStageBytes} bytes. */
  readonly address: number;
  readonly channels: number;
  readonly width: 16 | 24 | 32;
  /** As given to {@link srcStageBytes}. */
  readonly unusedFrames: number;
}

/** Writes a stage's coefficients and lets it start from silence. */
export function resetSrcStage(memory: KernelMemory, plan: SrcPlan, setup: SrcStageSetup): void {
  const { address, channels, width, unusedFrames } = setup;
  const { filter } = plan;
  const at = layout(plan, channels, unusedFrames);
  const { i32, i16, u8 } = memory;
  u8.fill(0, address, address + srcStageBytes(plan, channels, unusedFrames));
  const state = [
    channels,
    width,
    filter.interpolation,
    filter.decimation,
    plan.inputStep,
    plan.outputStep,
    plan.groups,
    plan.segments,
    plan.split,
    23 + filter.shift,
    address + at.coefficients,
    address + at.constants,
    address + at.history,
    at.capacity,
    address + at.ring,
    at.ringFrames,
    0,
    at.kept,
    at.kept,
    at.kept,
  ];
  i32.set(state, address >> 2);
  const half = 2 ** (22 + filter.shift);
  let to = (address + at.coefficients) >> 1;
  for (let phase = 0; phase < filter.interpolation; phase++) {
    let sum = 0;
    for (let i = 0; i < at.taps; i += GROUP_TAPS) {
      for (let k = 0; k < GROUP_TAPS; k++) {
        const word = padded(plan, phase, i + k);
        i16[to + k] = upper(word, plan.split);
        i16[to + GROUP_TAPS + k] = lower(word, plan.split);
        sum += word;
      }
      to += 2 * GROUP_TAPS;
    }
    // The lower halves of samples are less by 32768 than they should be; 16-bit samples have none.
    const constant = half + (width === 16 ? 0 : 32768 * sum);
    const word = (address + at.constants + phase * 8) >> 2;
    i32[word] = constant | 0;
    i32[word + 1] = Math.floor(constant / 2 ** 32);
  }
  for (let ch = 0; ch < channels; ch++) {
    const low = (address + at.history + ch * at.capacity * 4) / 2 + at.capacity;
    i16.fill(-0x8000, low, low + at.capacity);
  }
}

const load = wasmFamily<SrcKernels>(wasm);

/** @returns the rate converter kernels on `memory`; the same object for the same memory */
export function createSrcKernels(memory: KernelMemory): SrcKernels {
  return load(memory);
}
