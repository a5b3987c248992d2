import type { ExpectedFailure } from "./expected.js";

/** What became of a case. */
export type Verdict = "passed" | "failed" | "expected" | "skipped";

/** One case of a suite, ready for the table. */
export interface Outcome {
  readonly verdict: Verdict;
  /** The row's own fields as text, in its order. */
  readonly cells: Readonly<Record<string, string>>;
}

/** The failures of a whole suite that are no row's. */
export interface SuiteOutcome {
  readonly outcomes: readonly Outcome[];
  /** Expected failures that no row of the suite matched. */
  readonly stale: readonly ExpectedFailure[];
}

/**
 * Judges the rows of a suite. A row is a flat object: `ok` true or false, or `skipped` with a reason in
 * place of it; every other field is a cell.
 *
 * @throws Error for rows that are none, and for a suite without rows: both would pass unseen
 */
export function judge(
  suite: string,
  rows: readonly unknown[],
  expected: readonly ExpectedFailure[],
): SuiteOutcome {
  if (rows.length === 0) throw new Error(`${suite}: no rows; is this the corpus folder?`);
  const known = expected.filter((failure) => failure.suite === suite);
  const used = new Set<ExpectedFailure>();
  const outcomes = rows.map((row, index): Outcome => {
    if (typeof row !== "object" || row === null)
      throw new Error(`${suite}: row ${index} is not an object`);
    const { ok, ...fields } = row as Readonly<Record<string, unknown>>;
    const cells = Object.fromEntries(
      Object.entries(fields).map(([name, value]) => [name, cellText(value)]),
    );
    if (ok === undefined && cells["skipped"]) return { verdict: "skipped", cells };
    if (typeof ok !== "boolean")
      throw new Error(`${suite}: row ${index} has neither ok nor skipped`);
    if (ok) return { verdict: "passed", cells };
    const match = known.find((failure) =>
      Object.entries(failure.cells).every(([name, value]) => cells[name] === value),
    );
    if (match) used.add(match);
    return { verdict: match ? "expected" : "failed", cells };
  });
  return { outcomes, stale: known.filter((failure) => !used.has(failure)) };
}

/** The columns of a table: every field that some row has, in the order in which they first appear. */
export function columnsOf(outcomes: readonly Outcome[]): readonly string[] {
  return [...new Set(outcomes.flatMap(({ cells }) => Object.keys(cells)))];
}

function cellText(value: unknown): string {
  if (value === undefined || value === null || value === false) return "";
  if (Array.isArray(value)) return value.map(cellText).join(", ");
  if (typeof value === "object") return JSON.stringify(value);
  return String(value as string | number | boolean).replaceAll(/\s+/g, " ");
}
