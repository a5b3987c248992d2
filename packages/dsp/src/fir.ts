import { assert } from "@sof-ts/kit";
import { wasm } from "./generated/fir.js";
import { type KernelMemory, wasmFamily } from "./wasm-family.js";

/** A FIR response: `y = sat32((sum h[k] * x[n-k]) >> (15 + shift))`, truncated, summed in 64 bits. */
export interface FirResponse {
  /** Q1.15; an even number of them. */
  readonly taps: Int16Array;
  /** Right shift on top of 15, -15..32; negative is to the left. */
  readonly shift: number;
}

/** Sample formats of {@link FirBank.run}. */
export const FirFormat = { S16: 0, S24: 1, S32: 2 } as const;
export type FirFormat = (typeof FirFormat)[keyof typeof FirFormat];

interface FirExports {
  fir(
    kind: number,
    channels: number,
    count: number,
    src: number,
    dst: number,
    frames: number,
  ): void;
}

const load = wasmFamily<FirExports>(wasm);

const CHANNEL_BYTES = 64;
/** Frames that one call of the kernel takes at most. */
const CALL_FRAMES = 64;
/** Samples that a history takes before its end is moved to its start. */
const HISTORY_ROOM = 4 * CALL_FRAMES;
/** Words behind a history that a whole block of outputs may read. */
const SLACK_WORDS = 16;
/** Sums of this many coefficient units times 16-bit samples fit 32 bits. */
const GROUP_LIMIT = 65535;

const Mode = { PASS: 0, VECTORS: 1, SCALAR: 2 } as const;

const historyWords = (taps: number) => taps + HISTORY_ROOM + SLACK_WORDS;

/** @returns bytes that a {@link FirBank} needs for so many channels with at most so many taps each */
export function firBankBytes(channels: number, taps: number): number {
  const groups = taps / 2 + 1;
  return channels * (CHANNEL_BYTES + 2 * taps + 4 * groups + 8 * historyWords(taps) + 64);
}

/**
 * Splits pairs of taps into runs whose products with 16-bit samples cannot leave 32 bits.
 *
 * @returns pairs in each run, or null when one pair alone is too much
 */
function groupPairs(taps: Int16Array): number[] | null {
  const groups: number[] = [];
  let pairs = 0;
  let sum = 0;
  for (let k = 0; k < taps.length; k += 2) {
    const pair = Math.abs(taps[k] as number) + Math.abs(taps[k + 1] as number);
    if (pair > GROUP_LIMIT) return null;
    if (sum + pair > GROUP_LIMIT) {
      groups.push(pairs);
      pairs = 0;
      sum = 0;
    }
    pairs++;
    sum += pair;
  }
  groups.push(pairs);
  return groups;
}

/**
 * FIR filters on interleaved channels, one response each. Histories start with silence. Not to be configured
 * while `run` runs.
 */
export class FirBank {
  private readonly memory: KernelMemory;
  private readonly exports: FirExports;
  private readonly base: number;
  private readonly bytes: number;
  private readonly channels: number;
  private next = 0;

  /**
   * @param base address of {@link firBankBytes} bytes, a multiple of 16
   * @param channels channels of a frame
   */
  constructor(memory: KernelMemory, base: number, bytes: number, channels: number) {
    this.memory = memory;
    this.exports = load(memory);
    this.base = base;
    this.bytes = bytes;
    this.channels = channels;
  }

  /** Sets the responses, null for a channel that passes unchanged, and clears the histories. */
  configure(responses: readonly (FirResponse | null)[]): void {
    assert(responses.length === this.channels, "a response for each channel");
    this.memory.u8.fill(0, this.base, this.base + this.bytes);
    this.next = this.base + CHANNEL_BYTES * this.channels;
    responses.forEach((response, channel) => {
      if (response !== null) this.writeChannel(this.base + channel * CHANNEL_BYTES, response);
    });
    assert(this.next <= this.base + this.bytes, "filters need more memory than was given");
  }

  /** Filters `frames` frames from `src` to `dst`, which may be the same. */
  run(format: FirFormat, src: number, dst: number, frames: number): void {
    const { base, channels } = this;
    if (frames <= CALL_FRAMES) {
      this.exports.fir(format, base, channels, src, dst, frames);
      return;
    }
    const frameBytes = channels * (format === FirFormat.S16 ? 2 : 4);
    for (let done = 0; done < frames; done += CALL_FRAMES) {
      const count = Math.min(CALL_FRAMES, frames - done);
      const at = done * frameBytes;
      this.exports.fir(format, base, channels, src + at, dst + at, count);
    }
  }

  private writeChannel(channel: number, { taps, shift }: FirResponse): void {
    const { i32, i16 } = this.memory;
    const groups = groupPairs(taps);
    const shiftBits = 15 + shift;
    const vectors = groups !== null && shiftBits >= 1 && shiftBits <= 32;
    const coefs = this.take(taps.length * 2);
    i16.set(taps, coefs >> 1);
    const groupList = this.take(((groups?.length ?? 0) + 1) * 4);
    i32.set([...(groups ?? []), 0], groupList >> 2);
    const words = historyWords(taps.length);
    const high = this.take(words * 4);
    const low = this.take(words * 4);
    // Low halves are biased by -32768.
    i32.fill(0x80008000 | 0, low >> 2, (low >> 2) + words);
    const at = channel >> 2;
    const mode = vectors ? Mode.VECTORS : Mode.SCALAR;
    const start = taps.length;
    i32.set(
      [mode, taps.length, shiftBits, coefs, groupList, high, low, start, words - SLACK_WORDS, 0],
      at,
    );
    const bias = 32768 * taps.reduce((sum, tap) => sum + tap, 0);
    i32[at + 10] = bias | 0;
    i32[at + 11] = Math.floor(bias / 2 ** 32);
  }

  private take(bytes: number): number {
    const address = (this.next + 15) & ~15;
    this.next = address + bytes;
    return address;
  }
}
