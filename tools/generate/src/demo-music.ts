import { Random } from "@sof-ts/kit";
// The testbench is a program and exports nothing; its WAV codec is taken from its sources.
import { convertSamples, pcmToWav, writeWav } from "../../../apps/testbench/src/wav/index.js";

const RATE = 48_000;
const SECONDS = 2;
const FRAMES = RATE * SECONDS;

/** A plucked string: when, which, how loud on either side. */
interface Note {
  readonly atMs: number;
  readonly frequencyHz: number;
  readonly left: number;
  readonly right: number;
}

/** A minor, rolled upwards over a held bass and back down, from left to right and back. */
const notes: readonly Note[] = [
  { atMs: 0, frequencyHz: 110, left: 0.5, right: 0.5 },
  { atMs: 0, frequencyHz: 220, left: 0.6, right: 0.2 },
  { atMs: 150, frequencyHz: 261.63, left: 0.55, right: 0.25 },
  { atMs: 300, frequencyHz: 329.63, left: 0.45, right: 0.35 },
  { atMs: 450, frequencyHz: 440, left: 0.35, right: 0.45 },
  { atMs: 600, frequencyHz: 523.25, left: 0.25, right: 0.55 },
  { atMs: 750, frequencyHz: 659.26, left: 0.2, right: 0.6 },
  { atMs: 900, frequencyHz: 87.31, left: 0.5, right: 0.5 },
  { atMs: 900, frequencyHz: 880, left: 0.2, right: 0.6 },
  { atMs: 1050, frequencyHz: 659.26, left: 0.3, right: 0.5 },
  { atMs: 1200, frequencyHz: 523.25, left: 0.4, right: 0.4 },
  { atMs: 1350, frequencyHz: 440, left: 0.5, right: 0.3 },
  { atMs: 1500, frequencyHz: 349.23, left: 0.6, right: 0.2 },
];

/**
 * Makes the demo's music, two seconds of plucked strings at 48 kHz, 16 bit, stereo. A string is a delay
 * line of noise that is averaged and damped on each turn (Karplus and Strong, 1983): additions and
 * multiplications only, so the file has the same bits wherever it is made.
 *
 * @returns a whole WAV file
 */
export function makeDemoMusic(): Uint8Array {
  const mix = new Float64Array(2 * FRAMES);
  for (const [index, note] of notes.entries()) pluck(mix, note, index);
  const samples = new Int32Array(2 * FRAMES);
  const fadeFrames = RATE / 10;
  for (let i = 0; i < samples.length; i++) {
    const framesLeft = FRAMES - 1 - (i >> 1);
    const fade = framesLeft < fadeFrames ? framesLeft / fadeFrames : 1;
    samples[i] = Math.round((mix[i] as number) * fade * 1.2 * 0x7fff_ffff);
  }
  const data = convertSamples(new Uint8Array(samples.buffer), "S32_LE", "S16_LE");
  return writeWav(pcmToWav({ rate: RATE, channels: 2, frames: FRAMES, layout: "S16_LE", data }));
}

function pluck(mix: Float64Array, { atMs, frequencyHz, left, right }: Note, seed: number): void {
  const random = new Random(seed);
  const length = Math.round(RATE / frequencyHz);
  const string = Float64Array.from({ length }, () => (random.u32() / 0x8000_0000 - 1) * 0.7);
  // Two passes of averaging take the harshness out of the noise, as a soft plectrum does.
  for (let pass = 0; pass < 2; pass++) {
    for (let i = 0; i < length; i++) string[i] = average(string, i, length);
  }
  // A string that is not centred would ring on as a constant.
  const centre = string.reduce((sum, value) => sum + value, 0) / length;
  for (let i = 0; i < length; i++) string[i] = (string[i] as number) - centre;
  for (let frame = (atMs * RATE) / 1000, i = 0; frame < FRAMES; frame++, i = (i + 1) % length) {
    const value = string[i] as number;
    mix[2 * frame] = (mix[2 * frame] as number) + value * left;
    mix[2 * frame + 1] = (mix[2 * frame + 1] as number) + value * right;
    string[i] = average(string, i, length) * 0.996;
  }
}

function average(string: Float64Array, i: number, length: number): number {
  return ((string[i] as number) + (string[(i + 1) % length] as number)) / 2;
}
