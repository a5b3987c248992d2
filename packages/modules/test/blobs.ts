import { concat, words } from "./kit.js";

/** A second-order section as an equalizer blob has it: a2, a1, b2, b1, b0, shift, gain. */
export type SectionWords = readonly [number, number, number, number, number, number, number];

/** A low-pass at 2 kHz whose last stage has 18 dB of gain. */
export const lowPass: SectionWords = [
  -0x2e000000, 0x6c000000, 0x00100000, 0x00200000, 0x00100000, -3, 0x4000,
];

const reserved = [0, 0, 0, 0];

export interface IirResponse {
  readonly inSeries: number;
  readonly sections: readonly SectionWords[];
}

/** An IIR equalizer blob whose sizes are right. */
export function iirBlob(assign: readonly number[], ...responses: IirResponse[]): Uint8Array {
  const body = [
    assign.length,
    responses.length,
    ...reserved,
    ...assign,
    ...responses.flatMap(({ inSeries, sections }) => [
      sections.length,
      inSeries,
      ...reserved,
      ...sections.flat(),
    ]),
  ];
  return words((body.length + 1) * 4, ...body);
}

export function halves(...values: number[]): Uint8Array {
  return new Uint8Array(Int16Array.from(values).buffer);
}

export interface FirTaps {
  readonly taps: readonly number[];
  readonly shift: number;
}

/** A FIR equalizer blob whose sizes are right. */
export function firBlob(assign: readonly number[], ...responses: FirTaps[]): Uint8Array {
  const none = [0, 0, 0, 0, 0, 0, 0, 0];
  const body = concat(
    halves(assign.length, responses.length, ...none, ...assign),
    ...responses.map(({ taps, shift }) => halves(taps.length, shift, ...none, ...taps)),
  );
  return concat(words(body.length + 4), body);
}

/** Coefficients of a selector for one combination of channel counts, rows by output. */
export function selectorRecord(
  inputs: number,
  outputs: number,
  rows: readonly (readonly number[])[],
): Uint8Array {
  const coefs = new Int16Array(64);
  rows.forEach((row, o) => coefs.set(row, o * 8));
  return concat(Uint8Array.of(inputs, outputs, 0, 0), new Uint8Array(coefs.buffer));
}

/** A volume for one channel or all (0xffffffff), with a ramp in ms. */
export function volume(
  channel: number,
  target: number,
  curve: number,
  durationMs: number,
): Uint8Array {
  return words(channel, target, curve, 0, durationMs * 10_000, 0);
}

/** A switch or enum with one value a channel. */
export function control(id: number, ...values: number[]): Uint8Array {
  const pairs = values.flatMap((value, channel) => [channel, value]);
  return words(id | (values.length << 16), 0, 0, 0, 0, ...pairs);
}

/** The first bytes of a blob, its size field corrected. */
export function cut(blob: Uint8Array, bytes: number): Uint8Array {
  return concat(words(bytes), blob.subarray(4, bytes));
}
