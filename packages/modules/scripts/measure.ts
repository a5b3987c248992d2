import { Bench } from "../test/kit.js";
import { decodeSamples, encodeSamples } from "../test/signals.js";

const RATE = 48000;
/** An impulse of -6 dB leaves filters room to ring. */
const IMPULSE = 0x40000000;

/** Left channel of what a module makes of the left channel, at 32 bits. */
export function respond(bench: Bench, input: readonly number[]): number[] {
  const frames = input.flatMap((sample) => [sample, sample]);
  const out = decodeSamples(bench.run(encodeSamples(frames, "s32")), "s32");
  return [...out].filter((_, index) => index % 2 === 0);
}

/** Magnitude in dB at logarithmic frequencies, from an impulse response of `length` frames. */
export function magnitude(bench: Bench, length: number): (readonly [number, number])[] {
  const impulse = Array.from({ length }, (_, i) => (i === 0 ? IMPULSE : 0));
  const response = respond(bench, impulse);
  return Array.from({ length: 121 }, (_, i) => {
    const frequency = 20 * 1000 ** (i / 120);
    let re = 0;
    let im = 0;
    response.forEach((sample, n) => {
      const angle = (2 * Math.PI * frequency * n) / RATE;
      re += sample * Math.cos(angle);
      im -= sample * Math.sin(angle);
    });
    return [frequency, 20 * Math.log10(Math.hypot(re, im) / IMPULSE)] as const;
  });
}
