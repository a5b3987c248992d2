import { cases, unreachable } from "./all-cases.js";
import { conditions, type MessageName, type Outcome } from "./conditions.js";

/** All conditions of the list, in its order. */
export function listed(): {
  readonly message: MessageName;
  readonly condition: string;
  readonly outcome: Outcome;
}[] {
  return (Object.keys(conditions) as MessageName[]).flatMap((message) =>
    Object.entries(conditions[message]).map(([condition, outcome]) => ({
      message,
      condition,
      outcome,
    })),
  );
}

/** The table of messages and conditions with the file of the case that proves each, as Markdown. */
export function coverageTable(): string {
  const reasons: string[] = [];
  const proofOf = (message: string, condition: string): string => {
    const matches = (one: { message: string; condition: string }) =>
      one.message === message && one.condition === condition;
    const proof = cases.find(matches);
    if (proof !== undefined)
      return `[${proof.file}](../../apps/firmware/test/protocol/${proof.file})`;
    reasons.push(unreachable.find(matches)?.reason ?? "not covered");
    return `cannot happen (${reasons.length})`;
  };
  const sections = (Object.keys(conditions) as MessageName[]).map((message) => {
    const rows = Object.entries(conditions[message]).map(
      ([condition, outcome]) =>
        `| ${condition} | ${text(outcome)} | ${proofOf(message, condition)} |`,
    );
    return [
      `## ${message}`,
      "",
      "| condition | outcome | proved by |",
      "|---|---|---|",
      ...rows,
      "",
    ];
  });
  const total = listed().length;
  return [
    "# IPC4 coverage",
    "",
    `The ${total} conditions that decide how the firmware answers, and what it sends and writes by itself. Each is`,
    "brought about on a booted firmware, through doorbell and mailbox only, by the case of its name; the status is",
    "that of the reply. Generated from the cases: `npx vitest run apps/firmware/test/protocol/coverage.test.ts -u`.",
    "",
    ...sections.flat(),
    ...(reasons.length === 0 ? [] : ["## Conditions that cannot happen", ""]),
    ...reasons.map((reason, index) => `${index + 1}. ${reason}`),
    ...(reasons.length === 0 ? [] : [""]),
  ].join("\n");
}

function text(outcome: Outcome): string {
  return outcome === null ? "no reply" : String(outcome);
}
