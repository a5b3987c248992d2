import { type AsrcError, asrcRecordings } from "../src/asrc-recordings.js";

/** A recorded conversion: errors against the ideal one, in dB. */
export interface AsrcQualityRow {
  readonly case: string;
  readonly input: string;
  readonly reference: string;
  readonly result: string;
  readonly ok: boolean;
}

/**
 * By how much one conversion may be behind its recording and count as equal: with 16 bits most of the error is the
 * rounding of the output, which two filters meet in two ways; else what is lost in the measurement's own floor.
 */
const slackDb = (name: string): number => (name.startsWith("asrc16") ? 0.3 : 0.1);

const text = ({ inBand, outOfBand }: AsrcError) =>
  `${inBand.toFixed(1)}${outOfBand === null ? "" : `, ${outOfBand.toFixed(1)}`}`;

const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * Converts the input of every recorded asynchronous conversion and compares the error with the recording's:
 * no worse in any, better in the mean.
 *
 * @param sharedDir folder that holds `golden/`
 */
export function corpusAsrcQuality(sharedDir: string): AsrcQualityRow[] {
  const rows = asrcRecordings(`${sharedDir}/golden`);
  const ahead = rows.flatMap(({ reference, ours }) => [
    reference.inBand - ours.inBand,
    ...(reference.outOfBand === null || ours.outOfBand === null
      ? []
      : [reference.outOfBand - ours.outOfBand]),
  ]);
  const inMean = mean(ahead);
  return [
    ...rows.map(({ case: name, input, reference, ours }) => ({
      case: name,
      input,
      reference: text(reference),
      result: text(ours),
      ok:
        ours.inBand <= reference.inBand + slackDb(name) &&
        (ours.outOfBand ?? 0) <= (reference.outOfBand ?? 0) + slackDb(name),
    })),
    {
      case: "all",
      input: "mean",
      reference: "0.0",
      result: `${inMean.toFixed(2)} dB better`,
      ok: inMean >= 0,
    },
  ];
}
