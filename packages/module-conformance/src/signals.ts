import type { FormatName } from "./formats.js";

/** Names of the integer formats. */
export const integerFormats = ["s16", "s24", "s32"] as const satisfies readonly FormatName[];
export type IntegerFormat = (typeof integerFormats)[number];

/** Samples of a linear congruential generator (Numerical Recipes), full scale, from seed 1. */
export function noise(samples: number, seed = 1): Int32Array {
  let state = seed;
  return Int32Array.from({ length: samples }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state | 0;
  });
}

/** Shifts 32-bit samples down to a format. */
export function quantize(samples: Int32Array, format: IntegerFormat): Int32Array {
  const shift = format === "s16" ? 16 : format === "s24" ? 8 : 0;
  return samples.map((sample) => sample >> shift);
}

/** Little-endian bytes of samples in their container. */
export function encodeSamples(samples: ArrayLike<number>, format: IntegerFormat): Uint8Array {
  const typed = format === "s16" ? Int16Array.from(samples) : Int32Array.from(samples);
  return new Uint8Array(typed.buffer);
}

export function decodeSamples(bytes: Uint8Array, format: IntegerFormat): Int32Array {
  const copy = bytes.slice();
  return format === "s16"
    ? Int32Array.from(new Int16Array(copy.buffer))
    : new Int32Array(copy.buffer);
}
