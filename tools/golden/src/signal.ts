import type { GoldenInput } from "./run.js";

/**
 * Makes the input of a run again.
 *
 * @returns interleaved little-endian samples, 24-bit ones sign-extended to 32
 */
export function goldenInput(input: GoldenInput): Uint8Array {
  const count = input.frames * input.channels;
  const out = input.bits === 16 ? new Int16Array(count) : new Int32Array(count);
  const noise = { value: 12_345 };
  for (let i = 0; i < count; i++) {
    out[i] = sampleAt(input, Math.floor(i / input.channels), noise) >> (32 - input.bits);
  }
  return new Uint8Array(out.buffer);
}

/** Sample in Q1.31; noise is drawn for each channel, the others are the same in all. */
function sampleAt(input: GoldenInput, frame: number, noise: { value: number }): number {
  switch (input.name) {
    case "noise":
      noise.value = (Math.imul(noise.value, 1_664_525) + 1_013_904_223) | 0;
      return noise.value >> 3;
    case "square":
      return Math.floor((frame * 2000) / input.rate) % 2 === 0 ? 0x7fff_ffff : -0x8000_0000;
    case "impulse":
      return frame === 10 ? 0x4000_0000 : 0;
    case "ramp":
      return -0x8000_0000 + Math.floor((frame * 0xffff_ffff) / (input.frames - 1));
  }
}

/** Views bytes as samples; a last one that is not whole is left out. */
export function goldenSamples(bytes: Uint8Array, bits: 16 | 24 | 32): Int16Array | Int32Array {
  const copy = bytes.slice().buffer;
  return bits === 16
    ? new Int16Array(copy, 0, bytes.length >> 1)
    : new Int32Array(copy, 0, bytes.length >> 2);
}
