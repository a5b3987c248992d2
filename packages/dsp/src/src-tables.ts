import { assert } from "@sof-ts/kit";
import {
  conversionRows,
  filters,
  halves,
  inputRates,
  liteConversions,
} from "./generated/src-coefficients.js";

const WORD_BYTES = 3;

/** One stage of a rate conversion: a polyphase filter by L/M. */
export interface SrcFilter {
  /** `L_M_passband` */
  readonly name: string;
  /** Frames out of a block. */
  readonly interpolation: number;
  /** Frames into a block. */
  readonly decimation: number;
  /** Taps of each of the `interpolation` sub-filters. */
  readonly subFilterLength: number;
  /** The words hold the response times 2^shift. */
  readonly shift: number;
  /** Q1.23, all taps of sub-filter 0, then those of sub-filter 1 and so on. */
  readonly words: Int32Array;
}

/** Smallest `inputStep`, `outputStep` with `-inputStep * L + outputStep * M = 1`. */
export function polyphaseSteps(l: number, m: number): { inputStep: number; outputStep: number } {
  if (l === 1) return { inputStep: 1, outputStep: 0 };
  let outputStep = 1;
  while ((outputStep * m - 1) % l !== 0) outputStep++;
  return { inputStep: (outputStep * m - 1) / l, outputStep };
}

let bytes: Uint8Array | undefined;

/**
 * The filter of that name, decoded.
 *
 * @returns a new object each time; the caller keeps it
 */
export function srcFilter(name: string): SrcFilter {
  bytes ??= Uint8Array.from(atob(halves), (char) => char.charCodeAt(0));
  let at = 0;
  for (const [each, interpolation, decimation, subFilterLength, shift] of filters) {
    const length = interpolation * subFilterLength;
    const half = (length + 1) >> 1;
    if (each !== name) {
      at += half * WORD_BYTES;
      continue;
    }
    const words = new Int32Array(length);
    for (let tap = 0; tap < length; tap++) {
      const from = at + Math.min(tap, length - 1 - tap) * WORD_BYTES;
      const word =
        ((bytes[from + 2] as number) << 16) |
        ((bytes[from + 1] as number) << 8) |
        (bytes[from] as number);
      const phase = tap % interpolation;
      words[phase * subFilterLength + (tap - phase) / interpolation] = (word << 8) >> 8;
    }
    return { name, interpolation, decimation, subFilterLength, shift, words };
  }
  assert(false, `no filter ${name}`);
}

/**
 * How one rate becomes another (SOF's full matrix of `src`).
 *
 * @returns names of one or two filters, none for equal rates, or null when there is no way
 */
export function srcConversion(from: number, to: number): readonly string[] | null {
  const column = inputRates.indexOf(from);
  const row = conversionRows.find(([rate]) => rate === to);
  const entry = column < 0 ? undefined : row?.[1].split(" ")[column];
  if (entry === undefined || entry === "x") return null;
  return stagesOf(entry);
}

/** As {@link srcConversion}, for the pairs of the converter with the small tables (SOF's `src_lite`). */
export function srcLiteConversion(from: number, to: number): readonly string[] | null {
  const row = liteConversions.find(([rateIn, rateOut]) => rateIn === from && rateOut === to);
  return row === undefined ? null : stagesOf(row[2]);
}

const stagesOf = (entry: string): readonly string[] => (entry === "=" ? [] : entry.split("+"));
