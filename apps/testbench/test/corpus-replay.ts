import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DEFAULT_MAX_WAIT_US, replayLog } from "../src/replay/replay.js";
import type { ReplayReport } from "../src/replay/report.js";

/** What came of one log. */
export interface ReplayLogRow {
  readonly file: string;
  readonly result: string;
  readonly ok: boolean;
}

/**
 * Replays every log in the folder `traces` of a corpus, with and without filling its gaps. A log passes when
 * our firmware answers every request, each difference has a reason, what the log's firmware accepted ours
 * accepts, and a second replay goes the same way.
 */
export function corpusReplay(folder: string): ReplayLogRow[] {
  const traces = join(folder, "traces");
  const files = readdirSync(traces).filter((name) => name.endsWith(".log"));
  return files.sort().map((file) => {
    const text = readFileSync(join(traces, file), "utf8");
    const replay = (fill: boolean): ReplayReport =>
      replayLog(text, file, { moduleMap: new Map(), fill, maxWaitUs: DEFAULT_MAX_WAIT_US });
    const report = replay(true);
    const problems = [
      ...problemsOf(report),
      ...refusals(report),
      ...problemsOf(replay(false)).map((problem) => `without filling: ${problem}`),
    ];
    if (JSON.stringify(replay(true)) !== JSON.stringify(report))
      problems.push("a second replay differs");
    return {
      file,
      result: problems.length > 0 ? problems.join("; ") : summary(report),
      ok: problems.length === 0,
    };
  });
}

function problemsOf({ faults, rows, counts }: ReplayReport): string[] {
  const unexplained = rows.flatMap((row) =>
    "verdict" in row && row.verdict.cause === "unexplained"
      ? [`line ${row.line ?? "-"}: ${row.verdict.reason}`]
      : [],
  );
  const empty = counts.requests === 0 ? ["no request was sent"] : [];
  return [...faults, ...unexplained, ...empty];
}

/** Requests that succeeded in the log and not here, and made-up ones that were refused. */
function refusals({ rows }: ReplayReport): string[] {
  return rows.flatMap((row) => {
    if (row.kind === "exchange" && row.expected === "0" && row.got !== "0")
      return [`line ${row.line}: accepted in the log, here ${row.got}`];
    if (row.kind === "made-up" && row.got !== "0")
      return [`made-up ${row.words} (${row.why}): ${row.got}`];
    return [];
  });
}

function summary({ counts, rows }: ReplayReport): string {
  const { requests, same, notCompared, madeUp } = counts;
  const causes = rows.flatMap((row) =>
    "verdict" in row && row.verdict.kind === "differs"
      ? [`line ${row.line ?? "-"} ${row.verdict.cause}`]
      : [],
  );
  return [
    `${requests} requests`,
    `${same} same`,
    `${notCompared} not in the log`,
    ...(madeUp > 0 ? [`${madeUp} made up`] : []),
    ...(causes.length > 0 ? [`parts at ${causes.join(", ")}`] : []),
  ].join(", ");
}
