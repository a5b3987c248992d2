import Table from "cli-table3";
import type { GraphPipeline, ReplayReport, ReplayRow } from "./report.js";
import type { Cause, Verdict } from "./verdict.js";

const causes: Readonly<Record<Cause, string>> = {
  defect: "documented defect of its day",
  follows: "follows from an earlier difference",
  gap: "gap in the log",
  "module-id": "module id mapping",
  "no-answer": "our firmware did not answer",
  unexplained: "unexplained",
};

/** Width at which the table's columns of words break their lines. */
const WIDE = { request: 52, verdict: 44 } as const;

/** A replay as text: the log's answers beside ours, the graph at the end, where the two part. */
export function reportText(report: ReplayReport): string {
  const { counts } = report;
  const sections = [
    ...(report.comments.length > 0 ? [report.comments.join("\n")] : []),
    `${report.log}: ${counts.requests} requests on ${report.platform}, ${counts.madeUp} more made up; ` +
      `${counts.same} answered as in the log, ${counts.notCompared} not in the log, ${counts.differs} differ`,
    modulesText(report),
    rowsTable(report.rows),
    graphText(report.graph),
    partingText(report),
  ];
  return `${sections.filter((text) => text !== "").join("\n\n")}\n`;
}

function modulesText({ modules }: ReplayReport): string {
  if (modules.length === 0) return "";
  const lines = modules.map(({ logId, ourId, name, reason }) => {
    const ours = name === null ? "not in our image" : `${name} ${ourId}`;
    return `  ${logId} -> ${ours}: ${reason}`;
  });
  return ["Modules, by the log's ids", ...lines].join("\n");
}

function rowsTable(rows: readonly ReplayRow[]): string {
  const table = new Table({
    head: ["line", "request", "expected", "got", "verdict"],
    style: { head: [], border: [], compact: true },
    colWidths: [null, WIDE.request, null, null, WIDE.verdict],
    wordWrap: true,
  });
  table.push(...rows.map((row) => cells(row)));
  return table.toString();
}

function cells(row: ReplayRow): string[] {
  switch (row.kind) {
    case "exchange":
      return [String(row.line), requestText(row), row.expected, row.got, verdictText(row.verdict)];
    case "made-up":
      return ["+", requestText(row), "", row.got, `made up: ${row.why}`];
    case "notification":
      return [
        row.line === null ? "<" : String(row.line),
        "notification",
        row.expected,
        row.got,
        verdictText(row.verdict),
      ];
    case "note":
      return [row.line === null ? "" : String(row.line), row.text, "", "", ""];
  }
}

function requestText(row: {
  readonly words: string;
  readonly meaning: string;
  readonly payloadRule: string | null;
}): string {
  const rule = row.payloadRule === null ? "" : ` [payload made up: ${row.payloadRule}]`;
  return `${row.words} ${row.meaning}${rule}`;
}

function verdictText({ kind, cause, reason }: Verdict): string {
  if (kind === "same") return `same: ${reason}`;
  if (kind === "not-compared") return `not compared: ${reason}`;
  return `DIFFERS (${causes[cause ?? "unexplained"]}): ${reason}`;
}

function graphText(graph: readonly GraphPipeline[]): string {
  if (graph.length === 0) return "Graph at the end: empty";
  const lines = graph.flatMap(({ id, state, core, priority, modules }) => [
    `  pipeline ${id}: ${state}, core ${core}, priority ${priority}`,
    ...modules.map(({ name, state: moduleState, connections }) => {
      const to = connections.map((end) => `${end.to} (queue ${end.srcQueue} to ${end.dstQueue})`);
      return `    ${name.padEnd(14)} ${moduleState.padEnd(10)} ${to.length > 0 ? `-> ${to.join(", ")}` : ""}`.trimEnd();
    }),
  ]);
  return ["Graph at the end, by the log's module ids", ...lines].join("\n");
}

function partingText({ rows, faults }: ReplayReport): string {
  const differences = rows.flatMap((row) => {
    if (!("verdict" in row) || row.verdict.kind !== "differs") return [];
    const what = row.kind === "exchange" ? row.meaning : "notification";
    return [`  line ${row.line ?? "-"}: ${what}: ${verdictText(row.verdict)}`];
  });
  const halts = faults.map((fault) => `  our firmware: ${fault}`);
  if (differences.length + halts.length === 0)
    return "The two firmwares do not part: every answer in the log is ours, too.";
  return ["Where the two firmwares part", ...differences, ...halts].join("\n");
}
