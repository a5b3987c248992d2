import { readFileSync } from "node:fs";
import { goldenInput, type GoldenRun, goldenSamples, readGoldenRuns } from "@sof-ts/golden";
import { formatTable } from "@sof-ts/workspace";
import { convertAsrc } from "./asrc-quality.js";
import { besselI0, sinc } from "./design.js";

/** Errors of a conversion against the ideal one, in dB relative to the signal. */
export interface AsrcError {
  /** Up to 0.36 of the input rate, where a converter has to keep everything. */
  readonly inBand: number;
  /** Over 0.53 of the input rate, where nothing may be; null where the output ends before. */
  readonly outOfBand: number | null;
}

/** One recorded conversion, as the reference did it and as this one does. */
export interface AsrcRow {
  readonly case: string;
  readonly input: string;
  readonly reference: AsrcError;
  readonly ours: AsrcError;
}

/** Ends of the bands, relative to the input rate, as pass and stop of the filters that cut them out. */
const KEPT = [0.36, 0.4] as const;
const REFUSED = [0.5, 0.56] as const;
const FILTER_TAPS = 511;
const KAISER = 10;
/** Samples on each side that the ideal converter looks at. */
const REACH = 192;
/** Samples at the end of the input whose neighbours are unknown. */
const EDGE = 40;
/** Delay of the converter in input samples: half of its filter and one. */
const delayOf = (from: number, to: number) => (from === to ? 24.5 : 32.5);

const kaiser = (place: number) =>
  Math.abs(place) > 1 ? 0 : besselI0(KAISER * Math.sqrt(1 - place ** 2)) / besselI0(KAISER);

/** The signal at the times of the outputs, by a long windowed sinc. */
function ideal(samples: Float64Array, from: number, to: number, count: number): Float64Array {
  const delay = delayOf(from, to);
  const phases = new Map<number, Float64Array>();
  return Float64Array.from({ length: count }, (_, n) => {
    const time = (n * from) / to - delay;
    const first = Math.floor(time);
    const phase = time - first;
    const key = Math.round(phase * 2 ** 20);
    let weights = phases.get(key);
    if (weights === undefined) {
      weights = Float64Array.from({ length: 2 * REACH }, (__, i) => {
        const x = phase - (i - REACH + 1);
        return sinc(x) * kaiser(x / REACH);
      });
      phases.set(key, weights);
    }
    let sum = 0;
    for (let i = 0; i < weights.length; i++) {
      sum += (weights[i] as number) * (samples[first + i - REACH + 1] ?? 0);
    }
    return sum;
  });
}

/** Taps of a low-pass between two frequencies, relative to its rate. */
function lowPass(pass: number, stop: number): Float64Array {
  const middle = (FILTER_TAPS - 1) / 2;
  const cutoff = pass + stop;
  return Float64Array.from(
    { length: FILTER_TAPS },
    (_, n) => cutoff * sinc(cutoff * (n - middle)) * kaiser((n - middle) / (middle + 1)),
  );
}

/** What is left of a signal where the filter is full. */
function filtered(signal: Float64Array, taps: Float64Array): Float64Array {
  return Float64Array.from({ length: Math.max(0, signal.length - taps.length + 1) }, (_, n) => {
    let sum = 0;
    for (let k = 0; k < taps.length; k++) sum += (taps[k] as number) * (signal[n + k] as number);
    return sum;
  });
}

const power = (signal: Float64Array) => signal.reduce((sum, value) => sum + value ** 2, 0);
const decibels = (ratio: number) => 10 * Math.log10(Math.max(ratio, 1e-20));

function errorOf(output: Float64Array, wanted: Float64Array, from: number, to: number): AsrcError {
  const keep = lowPass((KEPT[0] * from) / to, (KEPT[1] * from) / to);
  const kept = filtered(wanted, keep);
  const got = filtered(output, keep);
  const difference = got.map((value, i) => value - (kept[i] as number));
  const inBand = decibels(power(difference) / power(kept));
  if (from === to || (REFUSED[1] * from) / to > 0.5 + 0.02) return { inBand, outOfBand: null };
  const low = lowPass((REFUSED[0] * from) / to, Math.min(0.5, (REFUSED[1] * from) / to));
  const middle = (FILTER_TAPS - 1) / 2;
  const high = low.map((tap, n) => (n === middle ? 1 : 0) - tap);
  return { inBand, outOfBand: decibels(power(filtered(output, high)) / power(output)) };
}

/** Left channel as fractions of full scale. */
function leftChannel(bytes: Uint8Array, run: GoldenRun): Float64Array {
  const { bits, channels } = run.input;
  const samples = goldenSamples(bytes, bits);
  const scale = 2 ** (bits - 1);
  const shift = bits === 24 ? 8 : 0;
  return Float64Array.from(
    { length: Math.floor(samples.length / channels) },
    (_, i) => (((samples[i * channels] as number) << shift) >> shift) / scale,
  );
}

function rowOf(run: GoldenRun, folder: string): AsrcRow {
  const { bits, rate: from } = run.input;
  const to = 48_000;
  const input = leftChannel(goldenInput(run.input), run);
  const samples = Int32Array.from(input, (value) => Math.round(value * 2 ** (bits - 1)));
  const own = convertAsrc(from, to, samples, bits);
  const recorded = leftChannel(readFileSync(`${folder}/${run.output_file}`), run);
  const known = Math.floor(((input.length - EDGE) * to) / from);
  const count = Math.min(recorded.length, own.length, run.valid_frames, known);
  const wanted = ideal(input, from, to, count);
  return {
    case: run.case,
    input: run.input.name,
    reference: errorOf(recorded.subarray(0, count), wanted, from, to),
    ours: errorOf(
      Float64Array.from(own.subarray(0, count), (value) => value / 2 ** (bits - 1)),
      wanted,
      from,
      to,
    ),
  };
}

/** Compares every recorded conversion with this one. @param folder that holds the manifest of the recordings */
export function asrcRecordings(folder: string): AsrcRow[] {
  return readGoldenRuns(folder)
    .filter(({ modules }) => modules.some(({ type }) => type === "asrc4"))
    .map((run) => rowOf(run, folder));
}

const cell = (value: number | null) => (value === null ? "-" : value.toFixed(1));

/** The comparison for the terminal. */
export function recordingsTable(folder: string): string {
  const header = [
    "case",
    "input",
    "in band dB, reference",
    "ours",
    "out of band dB, reference",
    "ours",
  ];
  const rows = asrcRecordings(folder).map(({ case: name, input, reference, ours }) => [
    name,
    input,
    cell(reference.inBand),
    cell(ours.inBand),
    cell(reference.outOfBand),
    cell(ours.outOfBand),
  ]);
  return formatTable(header, rows, ["left", "left", "right", "right", "right", "right"]);
}
