import { assert, Random } from "@sof-ts/kit";
import { convertSamples } from "./convert-samples.js";
import type { PcmAudio, PcmFormat } from "./pcm-audio.js";

/** A test signal for one channel. Amplitudes are fractions of full scale. */
export type Signal =
  | { readonly kind: "silence" }
  | { readonly kind: "sine"; readonly frequencyHz: number; readonly amplitude: number }
  | {
      /** A sine whose frequency moves evenly from the first frame to the last. */
      readonly kind: "chirp";
      readonly fromHz: number;
      readonly toHz: number;
      readonly amplitude: number;
    }
  | {
      /** Evenly distributed white noise; channels differ though they share the seed. */
      readonly kind: "noise";
      readonly seed: number;
      readonly amplitude: number;
    }
  | { readonly kind: "square"; readonly frequencyHz: number; readonly amplitude: number }
  | { readonly kind: "impulse"; readonly atFrame: number; readonly amplitude: number };

/** Gives the value of a channel at a frame, called once for each frame in order. */
type Oscillator = (frame: number) => number;

/**
 * Makes test audio. The same arguments give the same bits on every machine: it uses only operations that
 * IEEE 754 defines exactly, and a seeded random source.
 *
 * @param signals one for each channel; the last one serves the channels after it too
 */
export function generateSignal(
  signals: readonly Signal[],
  format: PcmFormat,
  frames: number,
): PcmAudio {
  assert(signals.length > 0, "no signal");
  const { rate, channels } = format;
  const samples = new Int32Array(frames * channels);
  for (let channel = 0; channel < channels; channel++) {
    const signal = signals[Math.min(channel, signals.length - 1)] as Signal;
    const oscillator = oscillatorOf(signal, rate, frames, channel);
    for (let frame = 0; frame < frames; frame++) {
      samples[frame * channels + channel] = toQ31(oscillator(frame));
    }
  }
  const data = convertSamples(new Uint8Array(samples.buffer), "S32_LE", format.layout);
  return { ...format, frames, data };
}

function oscillatorOf(signal: Signal, rate: number, frames: number, channel: number): Oscillator {
  switch (signal.kind) {
    case "silence":
      return () => 0;
    case "sine":
      return sweep(signal.frequencyHz / rate, 0, signal.amplitude);
    case "chirp": {
      const from = signal.fromHz / rate;
      const to = signal.toHz / rate;
      return sweep(from, frames > 1 ? (to - from) / (frames - 1) : 0, signal.amplitude);
    }
    case "noise": {
      const random = new Random(signal.seed + Math.imul(channel, 0x9e3779b1));
      return () => ((random.u32() | 0) / 0x8000_0000) * signal.amplitude;
    }
    case "square":
      return (frame) =>
        Math.floor((2 * signal.frequencyHz * frame) / rate) % 2 === 0
          ? signal.amplitude
          : -signal.amplitude;
    case "impulse":
      return (frame) => (frame === signal.atFrame ? signal.amplitude : 0);
  }
}

/** A sine of `step` turns per frame, which grows by `growth` turns per frame each frame. */
function sweep(step: number, growth: number, amplitude: number): Oscillator {
  let turns = 0;
  return (frame) => {
    const value = sineOfTurns(turns) * amplitude;
    turns += step + growth * frame;
    turns -= Math.floor(turns);
    return value;
  };
}

/**
 * The sine of a fraction of a turn, good to 1e-11. `Math.sin` may differ in the last bit from one engine to
 * the next; additions and multiplications may not.
 *
 * @param turns 0 <= turns < 1
 */
export function sineOfTurns(turns: number): number {
  // Fold onto the quarter from -1/4 to 1/4, where the series converges fast.
  const folded = turns < 0.25 ? turns : turns < 0.75 ? 0.5 - turns : turns - 1;
  const x = folded * 2 * Math.PI;
  const square = x * x;
  let term = x;
  let sum = x;
  for (let n = 2; n <= 16; n += 2) {
    term *= -square / (n * (n + 1));
    sum += term;
  }
  return sum;
}

/** Rounds half up to Q1.31 and saturates. */
function toQ31(value: number): number {
  const scaled = Math.floor(value * 0x8000_0000 + 0.5);
  return scaled > 0x7fff_ffff ? 0x7fff_ffff : scaled < -0x8000_0000 ? -0x8000_0000 : scaled;
}
