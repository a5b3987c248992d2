import { audioFormat, base, copier, gain, words } from "./payloads.js";

const S32 = audioFormat(48_000, 2, 32, 32);
const MONO = audioFormat(48_000, 1, 32, 32);
const PERIOD = 384;

/** Base configuration for another input format. */
const baseOf = (format: readonly number[], bytes: number): number[] => [
  0,
  bytes,
  bytes,
  0,
  ...format,
];

/** Base configuration and a format for each pin. */
function withPins(inputs: readonly number[][], outputs: readonly number[][]): Uint8Array {
  const pins = [...inputs, ...outputs].flatMap((format, i) => {
    const index = i < inputs.length ? i : i - inputs.length;
    return [index, PERIOD, ...format];
  });
  return words([...base, inputs.length | (outputs.length << 16), 0, 0, 0, ...pins]);
}

/** Output configuration (mono), default coefficients, eight coefficients that are not used, a map likewise. */
const upDown = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

/** Init payloads of all shapes that the modules of the image understand, the most telling first. */
export const initShapes: readonly Uint8Array[] = [
  copier(0xffff_ffff, 0),
  gain(0x7fff_ffff),
  // Two input pins: reference and microphones; then one each; then two outputs.
  withPins([S32, S32], [S32]),
  withPins([S32], [S32]),
  withPins([S32], [S32, S32]),
  withPins([S32], [MONO]),
  words([...base, ...S32, ...S32]),
  words([...base, ...S32]),
  // Rate converters: sink rate; output rate and mode.
  words([...base, 44_100]),
  words([...base, 48_000, 1]),
  // Up/down mixer: stereo to mono by its own coefficients, with the true stereo map.
  words([0, PERIOD, PERIOD, 0, 48_000, 32, 0xffff_ff20, 1, 0, S32[5] as number, ...upDown]),
  words(base),
  words(baseOf(audioFormat(16_000, 2, 32, 32), PERIOD / 3)),
  words(baseOf(MONO, PERIOD / 2)),
];
