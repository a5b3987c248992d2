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
  const header = ["benchmark", "median", "min", "max", "per"];
  if (realTime) header.push("x real time");
  if (baseline) header.push("baseline", "ratio");
  const rows = results.map((result) => {
    const row = [
      result.name,
      formatNs(result.medianNs),
      formatNs(result.minNs),
      formatNs(result.maxNs),
      result.unit,
    ];
    if (realTime) row.push(result.realTime === undefined ? "" : formatFactor(result.realTime));
    if (baseline) row.push(...compare(result, baseline));
    return row;
  });
  return formatTable(
    header,
    rows,
    header.map((_, i) => (i === 0 || i === 4 ? "left" : "right")),
  );
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

function formatFactor(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(2);
}
