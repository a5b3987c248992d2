import { assert } from "@sof-ts/kit";
import { wasm } from "./generated/tdfb.js";
import { type KernelMemory, wasmFamily } from "./wasm-family.js";

/** Most filters of a beam. */
export const TDFB_MAX_FILTERS = 16;
/** Most taps of one of its filters. */
export const TDFB_MAX_TAPS = 256;

// Layout, as assembly/tdfb.ts has it.
const STATE_BYTES = 32;
const FILTER_BYTES = 32;
const SEGMENT_BYTES = 16;
const HISTORY_BYTES = 1408;
const HALF_BYTES = 704;
const BLOCK_FRAME = 272;
/** A filter's delay line is this much longer than its taps. */
const DELAY_MARGIN = 2;
/** Magnitudes of the taps of a segment sum to less than this, so that 16-bit products add up in 32 bits. */
const SEGMENT_LIMIT = 0x10000;

/** One filter of a beam. */
export interface BeamFilter {
  /** Source channel that it hears. */
  readonly input: number;
  /** Bit c adds its output to sink channel c. */
  readonly mix: number;
  /** Right shift on top of the 15 bits of the taps. */
  readonly shift: number;
  /** Q1.15; a multiple of 4 of them, at most {@link TDFB_MAX_TAPS}. */
  readonly taps: Int16Array;
}

/** Beams one contiguous block; `src` and `dst` may be the same when both have one frame size. */
export type BeamKernel = (state: number, src: number, dst: number, frames: number) => void;

/** Filter-and-sum beamformer, as SOF's tdfb. Output has 4 bits of headroom inside: their LSBs are lost. */
export interface TdfbKernels extends ListenerKernels {
  readonly process16: BeamKernel;
  /** 24 (right-aligned) and 32-bit samples. */
  readonly process32: BeamKernel;
}

/** Finds where sound comes from. */
export interface ListenerKernels {
  /**
   * Emphasizes speech in a block without wrap, at most 64 frames, and remembers it.
   *
   * @returns the mean square of channel 0, of 16-bit samples
   */
  listen(listener: number, src: number, frames: number): number;
  /**
   * @param frames length of the cross-correlation, at most {@link ListenerSetup.windowFrames}
   * @param most largest lag, at most {@link ListenerSetup.mostLag}
   * @returns frames by which `channel` is behind channel 0, -most..most
   */
  lag(listener: number, channel: number, frames: number, most: number): number;
}

/** A beam cut into what the kernel works through. Made off the audio path, written by {@link writeBeam}. */
export interface BeamPlan {
  readonly filters: readonly BeamFilter[];
  /** For each filter its segments: first tap and the taps, in pairs, later one first. */
  readonly segments: readonly (readonly {
    readonly firstTap: number;
    readonly pairs: Int16Array;
  }[])[];
  /** Frames of history that the longest filter's delay line has, rounded up to a multiple of 8. */
  readonly historyFrames: number;
  /** Bytes that {@link writeBeam} fills. */
  readonly byteLength: number;
}

/** Cuts a beam's taps into segments. */
export function planBeam(filters: readonly BeamFilter[]): BeamPlan {
  assert(filters.length > 0 && filters.length <= TDFB_MAX_FILTERS, "1 to 16 filters");
  const segments = filters.map((filter) => segmentsOf(filter.taps));
  const longest = Math.max(...filters.map((filter) => filter.taps.length));
  let byteLength = filters.length * FILTER_BYTES;
  for (const segment of segments.flat()) byteLength += SEGMENT_BYTES + segment.pairs.byteLength;
  return { filters, segments, historyFrames: (longest + DELAY_MARGIN + 7) & ~7, byteLength };
}

function segmentsOf(taps: Int16Array): { firstTap: number; pairs: Int16Array }[] {
  const out: { firstTap: number; pairs: number[] }[] = [];
  let open: { firstTap: number; pairs: number[] } | null = null;
  let sum = 0;
  for (let tap = 0; tap < taps.length; tap += 2) {
    const early = taps[tap] as number;
    const late = taps[tap + 1] as number;
    const weight = Math.abs(early) + Math.abs(late);
    if (weight >= SEGMENT_LIMIT) {
      // Two taps of -1.0: even the sum of this one pair would not fit.
      out.push({ firstTap: tap, pairs: [0, early] }, { firstTap: tap, pairs: [late, 0] });
      open = null;
      continue;
    }
    if (open === null || sum + weight >= SEGMENT_LIMIT) {
      open = { firstTap: tap, pairs: [] };
      out.push(open);
      sum = 0;
    }
    open.pairs.push(late, early);
    sum += weight;
  }
  return out.map(({ firstTap, pairs }) => ({ firstTap, pairs: Int16Array.from(pairs) }));
}

/** @returns bytes of a beamformer's state with its histories, without the plan */
export function tdfbStateBytes(sourceChannels: number): number {
  return STATE_BYTES + sourceChannels * HISTORY_BYTES;
}

/** What a beamformer is set up for. */
export interface TdfbSetup {
  /** Address of {@link tdfbStateBytes} bytes. */
  readonly state: number;
  readonly sourceChannels: number;
  readonly sinkChannels: number;
  readonly width: 16 | 24 | 32;
}

/** Sets the channels and the width and silences the history. A plan has to be written before the first block. */
export function resetTdfb(memory: KernelMemory, setup: TdfbSetup): void {
  const { state, sourceChannels, sinkChannels, width } = setup;
  const word = state >> 2;
  memory.i32[word] = sourceChannels;
  memory.i32[word + 1] = sinkChannels;
  memory.i32[word + 2] = width;
  memory.i32[word + 3] = 0;
  memory.i32[word + 4] = 0;
  memory.i32[word + 6] = state + STATE_BYTES;
  clearBeamHistory(memory, state);
}

/** Silences the history, as if nothing had been heard yet. */
export function clearBeamHistory(memory: KernelMemory, state: number): void {
  forgetFrames(memory, state, 0, BLOCK_FRAME);
}

/**
 * Puts a plan to use from the next block on. The history stays; what a longer one needs beyond it is silence.
 * Does not allocate.
 *
 * @param address of `plan.byteLength` bytes
 */
export function writeBeam(
  memory: KernelMemory,
  state: number,
  plan: BeamPlan,
  address: number,
): void {
  const { i32, i16 } = memory;
  const word = state >> 2;
  const sinks = (1 << (i32[word + 1] as number)) - 1;
  let segmentAt = address + plan.filters.length * FILTER_BYTES;
  let pairsAt = segmentAt;
  for (let i = 0; i < plan.segments.length; i++) {
    pairsAt += (plan.segments[i] as BeamPlan["segments"][number]).length * SEGMENT_BYTES;
  }
  for (let i = 0; i < plan.filters.length; i++) {
    const filter = plan.filters[i] as BeamFilter;
    const segments = plan.segments[i] as BeamPlan["segments"][number];
    const at = (address + i * FILTER_BYTES) >> 2;
    let tapSum = 0;
    for (let tap = 0; tap < filter.taps.length; tap++) tapSum += filter.taps[tap] as number;
    i32[at] = filter.input;
    i32[at + 1] = filter.mix & sinks;
    i32[at + 2] = 15 + filter.shift;
    i32[at + 3] = segments.length;
    const correction = tapSum * 32768;
    i32[at + 4] = correction | 0;
    i32[at + 5] = Math.floor(correction / 2 ** 32);
    i32[at + 6] = segmentAt;
    for (let k = 0; k < segments.length; k++) {
      const segment = segments[k] as BeamPlan["segments"][number][number];
      i32[segmentAt >> 2] = segment.firstTap;
      i32[(segmentAt >> 2) + 1] = segment.pairs.length / 2;
      i32[(segmentAt >> 2) + 2] = pairsAt;
      i16.set(segment.pairs, pairsAt >> 1);
      segmentAt += SEGMENT_BYTES;
      pairsAt += segment.pairs.byteLength;
    }
  }
  const kept = i32[word + 4] as number;
  if (plan.historyFrames > kept) {
    forgetFrames(memory, state, BLOCK_FRAME - plan.historyFrames, BLOCK_FRAME - kept);
  }
  i32[word + 3] = plan.filters.length;
  i32[word + 4] = plan.historyFrames;
  i32[word + 7] = address;
}

/**
 * Makes the history what the reference's filters see when they are set up again over delay lines that keep
 * their content: each is a ring of `taps + 2` samples whose write index starts over, so the samples appear
 * turned by how far the ring had come.
 *
 * @param taps length of the filters that ran
 * @param frames processed since they were set up
 */
export function turnBeamHistory(
  memory: KernelMemory,
  state: number,
  taps: number,
  frames: number,
): void {
  const ring = taps + DELAY_MARGIN;
  const turn = frames % ring;
  const { i32, i16 } = memory;
  const channels = i32[state >> 2] as number;
  for (let ch = 0; ch < channels; ch++) {
    const end = ((state + STATE_BYTES + ch * HISTORY_BYTES) >> 1) + BLOCK_FRAME;
    turnRight(i16, end - ring, ring, turn);
    turnRight(i16, end - ring + HALF_BYTES / 2, ring, turn);
  }
}

/** Rotates `count` values to the right by three reversals, which need no room. */
function turnRight(values: Int16Array, first: number, count: number, turn: number): void {
  reverse(values, first, first + count - 1);
  reverse(values, first, first + turn - 1);
  reverse(values, first + turn, first + count - 1);
}

function reverse(values: Int16Array, first: number, last: number): void {
  for (let a = first, b = last; a < b; a++, b--) {
    const swapped = values[a] as number;
    values[a] = values[b] as number;
    values[b] = swapped;
  }
}

const LISTENER_BYTES = 336;
const LISTENER_SECTION_WORD = 4;

/** What {@link resetListener} sets up. */
export interface ListenerSetup {
  readonly channels: number;
  readonly width: 16 | 24 | 32;
  readonly windowFrames: number;
  readonly mostLag: number;
  /** Two biquad sections of 7 words. */
  readonly emphasis: Int32Array;
}

const listenerFrames = (setup: ListenerSetup) => setup.windowFrames + 2 * setup.mostLag;

/** @returns bytes of a listener */
export function listenerBytes(setup: ListenerSetup): number {
  return LISTENER_BYTES + setup.channels * listenerFrames(setup) * 2;
}

/** Makes a listener at `address` that has heard nothing but silence. */
export function resetListener(memory: KernelMemory, address: number, setup: ListenerSetup): void {
  memory.u8.fill(0, address, address + listenerBytes(setup));
  const word = address >> 2;
  memory.i32[word] = setup.channels;
  memory.i32[word + 1] = setup.width;
  memory.i32[word + 2] = listenerFrames(setup);
  memory.i32.set(setup.emphasis, word + LISTENER_SECTION_WORD);
}

/** Silences frames `first`..`end`-1 of every channel: the upper half is 0, the lower one 0 less its offset. */
function forgetFrames(memory: KernelMemory, state: number, first: number, end: number): void {
  const { i32, i16 } = memory;
  const channels = i32[state >> 2] as number;
  for (let ch = 0; ch < channels; ch++) {
    const high = (state + STATE_BYTES + ch * HISTORY_BYTES) >> 1;
    const low = high + HALF_BYTES / 2;
    i16.fill(0, high + first, high + end);
    i16.fill(-0x8000, low + first, low + end);
  }
}

const load = wasmFamily<TdfbKernels>(wasm);

/** @returns the beamformer kernels on `memory`; the same object for the same memory */
export function createTdfbKernels(memory: KernelMemory): TdfbKernels {
  return load(memory);
}
