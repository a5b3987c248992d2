import { formatTable } from "@sof-ts/workspace";
import type { Result } from "./bench.js";

/** A set of results as `--json` prints it and `--baseline` reads it. */
export interface Report {
  readonly node: string;
  readonly cpu: string;
  readonly results: readonly Result[];
}

/** Lays results out as a table; with a baseline, each with the ratio of the medians. */
export function formatReport({ results }: Report, baseline?: Report): string {
  const realTime = results.some((result) => result.realTime !== undefined);
  const header = ["benchmark", "median", "min", "max", "per", "per second"];
  if (realTime) header.push("x real time");
  const compared = results.filter(({ reference }) => reference !== undefined);
  if (compared.length > 0) header.push("C testbench", "ours to it");
  if (baseline) header.push("baseline", "ratio");
  const rows = results.map((result) => {
    const row = [
      result.name,
      formatNs(result.medianNs),
      formatNs(result.minNs),
      formatNs(result.maxNs),
      result.unit,
      formatRate(1e9 / result.medianNs),
    ];
    if (realTime) row.push(result.realTime === undefined ? "" : formatFactor(result.realTime));
    if (compared.length > 0) row.push(...versusReference(result));
    if (baseline) row.push(...compare(result, baseline));
    return row;
  });
  const table = formatTable(
    header,
    rows,
    header.map((_, i) => (i === 0 || i === 4 ? "left" : "right")),
  );
  return compared.length > 0 ? `${table}\n${summary(compared)}` : table;
}

const ratio = ({ realTime = 0, reference = 1 }: Result): number => realTime / reference;

function versusReference(result: Result): readonly string[] {
  if (result.reference === undefined) return ["", ""];
  return [formatFactor(result.reference), ratio(result).toFixed(2)];
}

/** How results stand to the C testbench all in all, and where the worst one does. */
function summary(compared: readonly Result[]): string {
  const mean = Math.exp(
    compared.reduce((sum, result) => sum + Math.log(ratio(result)), 0) / compared.length,
  );
  const worst = compared.reduce((a, b) => (ratio(b) < ratio(a) ? b : a));
  return [
    `${compared.length} paths that the C testbench was timed on: ${mean.toFixed(2)} times its speed in the geometric mean,`,
    `${ratio(worst).toFixed(2)} times in the worst case (${worst.name})`,
  ].join(" ");
}

function compare(result: Result, baseline: Report): readonly string[] {
  const before = baseline.results.find(({ name }) => name === result.name);
  if (!before) return ["new", ""];
  return [formatNs(before.medianNs), (result.medianNs / before.medianNs).toFixed(2)];
}

/** Nanoseconds with a unit and three significant digits. */
export function formatNs(value: number): string {
  if (value >= 1e9) return `${significant(value / 1e9)} s`;
  if (value >= 1e6) return `${significant(value / 1e6)} ms`;
  if (value >= 1e4) return `${significant(value / 1e3)} us`;
  return `${significant(value)} ns`;
}

function significant(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toFixed(digits);
}

/** How often in a second, to three significant digits. */
function formatRate(perSecond: number): string {
  return perSecond < 100 ? significant(perSecond) : String(Number(perSecond.toPrecision(3)));
}

function formatFactor(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(2);
}
