import { assert } from "@sof-ts/kit";
import { type SampleLayout, sampleLayouts } from "./sample-layout.js";

/**
 * Converts interleaved samples from one layout to another, as the firmware's own converter does: a wider
 * integer is exact; a narrower one is rounded half up and saturated. Full scale of `FLOAT` is 1.0, so 16
 * and 24-bit integers become floats exactly; a float that is not a number becomes 0.
 *
 * @param data whole samples of `from`
 * @returns the samples in `to`; `data` itself when the layouts are the same
 */
export function convertSamples(data: Uint8Array, from: SampleLayout, to: SampleLayout): Uint8Array {
  const count = data.length / sampleLayouts[from].bytes;
  assert(Number.isInteger(count), `${data.length} bytes are not whole ${from} samples`);
  if (from === to) return data;
  // Straight from the float to the width of the target: two roundings would not be one.
  const samples =
    from === "FLOAT"
      ? fromFloat(asFloat32(data), sampleLayouts[to].bits)
      : leftAligned(data, from, count);
  return encode(samples, to, count);
}

/** Samples as 32-bit integers whose most significant bit is the sign; fewer bits leave zeros below. */
function leftAligned(data: Uint8Array, from: SampleLayout, count: number): Int32Array {
  const out = new Int32Array(count);
  switch (from) {
    case "S16_LE": {
      const samples = asInt16(data);
      for (let i = 0; i < count; i++) out[i] = (samples[i] as number) << 16;
      return out;
    }
    case "S24_3LE": {
      for (let i = 0, at = 0; i < count; i++, at += 3) {
        out[i] =
          ((data[at] as number) << 8) |
          ((data[at + 1] as number) << 16) |
          ((data[at + 2] as number) << 24);
      }
      return out;
    }
    case "S24_4LE": {
      // The upper byte may be a sign or rubbish; only 24 bits count.
      const samples = asInt32(data);
      for (let i = 0; i < count; i++) out[i] = (samples[i] as number) << 8;
      return out;
    }
    default:
      return asInt32(data);
  }
}

/** Floats as left-aligned integers of `bits` bits, rounded half up and saturated. */
function fromFloat(samples: Float32Array, bits: number): Int32Array {
  const scale = 2 ** (bits - 1);
  const shift = 32 - bits;
  const out = new Int32Array(samples.length);
  for (let i = 0; i < samples.length; i++) {
    const value = Math.floor((samples[i] as number) * scale + 0.5);
    // Storing a NaN gives 0.
    out[i] = (value >= scale ? scale - 1 : value < -scale ? -scale : value) << shift;
  }
  return out;
}

function encode(samples: Int32Array, to: SampleLayout, count: number): Uint8Array {
  switch (to) {
    case "S16_LE": {
      const out = new Int16Array(count);
      for (let i = 0; i < count; i++) {
        const value = (((samples[i] as number) >> 15) + 1) >> 1;
        out[i] = value > 0x7fff ? 0x7fff : value;
      }
      return asBytes(out);
    }
    case "S24_3LE": {
      const out = new Uint8Array(3 * count);
      for (let i = 0, at = 0; i < count; i++, at += 3) {
        const value = narrow24(samples[i] as number);
        out[at] = value;
        out[at + 1] = value >> 8;
        out[at + 2] = value >> 16;
      }
      return out;
    }
    case "S24_4LE": {
      const out = new Int32Array(count);
      for (let i = 0; i < count; i++) out[i] = narrow24(samples[i] as number);
      return asBytes(out);
    }
    case "S24_4LE_MSB": {
      const out = new Int32Array(count);
      for (let i = 0; i < count; i++) out[i] = narrow24(samples[i] as number) << 8;
      return asBytes(out);
    }
    case "S32_LE":
      return asBytes(samples);
    case "FLOAT": {
      const out = new Float32Array(count);
      for (let i = 0; i < count; i++) out[i] = (samples[i] as number) / 0x8000_0000;
      return asBytes(out);
    }
  }
}

function narrow24(value: number): number {
  const rounded = ((value >> 7) + 1) >> 1;
  return rounded > 0x7fffff ? 0x7fffff : rounded;
}

// Typed arrays need aligned bytes, and samples in a file need not be; then the bytes are copied once.

function asInt16(data: Uint8Array): Int16Array {
  const bytes = data.byteOffset % 2 === 0 ? data : data.slice();
  return new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length >> 1);
}

function asInt32(data: Uint8Array): Int32Array {
  const bytes = data.byteOffset % 4 === 0 ? data : data.slice();
  return new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
}

function asFloat32(data: Uint8Array): Float32Array {
  const bytes = data.byteOffset % 4 === 0 ? data : data.slice();
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
}

function asBytes(samples: Int16Array | Int32Array | Float32Array): Uint8Array {
  return new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
}
