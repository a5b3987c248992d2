import { assert } from "@sof-ts/kit";
import { wasm } from "./generated/asrc.js";
import { filters, polynomials } from "./generated/asrc-coefficients.js";
import { type KernelMemory, wasmFamily } from "./wasm-family.js";

/** Asynchronous rate converter, as SOF's asrc: a filter whose taps are polynomials of time. */
export interface AsrcKernels {
  /**
   * Takes frames from `src` and writes an output to `dst` whenever one is due before the next frame, until
   * `frames` are taken or `room` written. Blocks do not wrap. {@link asrcTaken} and {@link asrcGiven} tell
   * how far it came.
   */
  push(state: number, src: number, frames: number, dst: number, room: number): void;
  /** Writes up to `room` outputs and takes the frames that they need, at most `frames`. */
  pull(state: number, src: number, frames: number, dst: number, room: number): void;
  /** Writes the response at a Q5.27 time, Q2.30 words, that of the newest sample first. */
  responseAt(state: number, time: number, dst: number): void;
}

const STATE_BYTES = 80;
const ONE = 2 ** 27;
const NEVER = -1;
/** Samples that a history holds beyond the filter, so that it moves to the front seldom. */
const SLACK = 240;

// State words, as assembly/asrc.ts has them.
const TAKEN = 14;
const GIVEN = 15;

/** The polynomials of one filter. */
export interface AsrcFilter {
  /** A multiple of 16. */
  readonly taps: number;
  /** Number of powers of time. */
  readonly polynomials: number;
  /** Q2.30, highest power first, the tap of the newest sample first. */
  readonly words: Int32Array;
}

let table: DataView | undefined;

/**
 * The filter for a pair of rates.
 *
 * @returns a new object, or null when the converter cannot go down from that rate
 */
export function asrcFilter(from: number, to: number): AsrcFilter | null {
  const bytes = (table ??= new DataView(
    Uint8Array.from(atob(polynomials), (char) => char.charCodeAt(0)).buffer,
  ));
  let at = 0;
  for (const [filterFrom, filterTo, taps, powers] of filters) {
    const fromFits = filterFrom === 0 || filterFrom === from;
    if (fromFits && (filterTo === 0 ? to >= from : filterTo === to)) {
      const start = at;
      const words = Int32Array.from({ length: taps * powers }, (_, i) =>
        bytes.getInt32(start + i * 4, true),
      );
      return { taps, polynomials: powers, words };
    }
    at += taps * powers * 4;
  }
  return null;
}

/** What {@link resetAsrc} sets up. */
export interface AsrcSetup {
  /** Address of {@link asrcBytes} bytes. */
  readonly state: number;
  readonly filter: AsrcFilter;
  readonly channels: number;
  readonly width: 16 | 24 | 32;
  /** Frames per second. */
  readonly from: number;
  readonly to: number;
}

const capacityOf = (filter: AsrcFilter) => filter.taps + SLACK;

/** @returns bytes of a converter with its coefficients */
export function asrcBytes(filter: AsrcFilter, channels: number): number {
  const { taps, words } = filter;
  return STATE_BYTES + taps * 6 + words.length * 4 + channels * capacityOf(filter) * 4;
}

/** Writes a converter's coefficients and lets it start from silence. */
export function resetAsrc(memory: KernelMemory, setup: AsrcSetup): void {
  const { state, filter, channels, width, from, to } = setup;
  const { taps, words } = filter;
  assert(taps % 16 === 0, "taps come in groups of 16");
  const { i32, i16, u8 } = memory;
  const response = state + STATE_BYTES;
  const coefficients = response + taps * 6;
  const histories = coefficients + words.length * 4;
  const capacity = capacityOf(filter);
  u8.fill(0, state, state + asrcBytes(filter, channels));
  const fields = [
    channels,
    width,
    taps,
    filter.polynomials,
    coefficients,
    histories,
    capacity,
    taps - 1,
    0,
    0,
    0,
    0,
    response,
    NEVER,
  ];
  i32.set(fields, state >> 2);
  setAsrcRates(memory, state, from, to);
  for (let power = 0; power < filter.polynomials; power++) {
    for (let tap = 0; tap < taps; tap++) {
      i32[(coefficients >> 2) + power * taps + taps - 1 - tap] = words[
        power * taps + tap
      ] as number;
    }
  }
  for (let ch = 0; ch < channels; ch++) {
    const low = (histories + ch * capacity * 4) / 2 + capacity;
    i16.fill(-0x8000, low, low + capacity);
  }
}

/** Sets the steps of time of both directions from the rates. Push steps in input samples; pull has both. */
function setAsrcRates(memory: KernelMemory, state: number, from: number, to: number): void {
  const word = state >> 2;
  memory.i32[word + 9] = Math.floor((ONE * from) / to);
  memory.i32[word + 11] = Math.floor((ONE * to) / from);
}

/** Frames that the last call took. */
export const asrcTaken = (memory: KernelMemory, state: number): number =>
  memory.i32[(state >> 2) + TAKEN] as number;

/** Frames that the last call gave. */
export const asrcGiven = (memory: KernelMemory, state: number): number =>
  memory.i32[(state >> 2) + GIVEN] as number;

const load = wasmFamily<AsrcKernels>(wasm);

/** @returns the asynchronous converter's kernels on `memory`; the same object for the same memory */
export function createAsrcKernels(memory: KernelMemory): AsrcKernels {
  return load(memory);
}
