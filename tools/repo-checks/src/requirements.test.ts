import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { repoRoot } from "@sof-ts/workspace";
import { describe, expect, it } from "vitest";
import { readText, report } from "./repository.js";
import { requirementViolations, testsOf } from "./rules/requirements.js";

const document = "docs/requirements.md";

/** Rows that the document has to have. */
const rows = [
  ...Array.from({ length: 8 }, (_, i) => `A${i + 1}`),
  ...Array.from({ length: 31 }, (_, i) => `B${i + 1}`),
  ...Array.from({ length: 7 }, (_, i) => `C${i + 1}`),
];

function fileOf(link: string): string | undefined {
  const path = join(dirname(document), link);
  const absolute = join(repoRoot, path);
  return existsSync(absolute) && statSync(absolute).isFile() ? readText(path) : undefined;
}

describe("the requirements", () => {
  const text = readText(document) ?? "";

  it("name only files and tests that exist", () => {
    expect(report(requirementViolations(document, text, fileOf))).toEqual([]);
  });

  it("have each row once, with a test or among the open ones", () => {
    const [proved, open] = text.split("\n## Open\n");
    const ids = (part: string | undefined): readonly string[] =>
      [...(part ?? "").matchAll(/^\| ([A-C]\d+) \|/gm)].map((match) => match[1] as string);
    expect(ids(proved)).toEqual(rows);
    const tested = new Set(
      testsOf(text).map(({ line }) => /^\| (\w+)/.exec(text.split("\n")[line - 1] ?? "")?.[1]),
    );
    const openRows = new Set(ids(open));
    expect(rows.filter((row) => !tested.has(row) && !openRows.has(row))).toEqual([]);
  });

  it("are held to files and names", () => {
    const read = (link: string): string | undefined =>
      link === "../a.test.ts" ? 'it("does it", () => {})' : undefined;
    const row = (proof: string): string => `| A1 | what | code | ${proof} |`;
    const check = (proof: string): readonly string[] =>
      requirementViolations("d.md", row(proof), read).map(({ message }) => message);
    expect(check('[a](../a.test.ts) "does it"')).toEqual([]);
    expect(check('[a](../a.test.ts) "does it", "does more"')).toEqual([
      '../a.test.ts has no test "does more"',
    ]);
    expect(check('[b](../b.test.ts) "does it"')).toHaveLength(2);
    expect(check("[web](https://example.org) [here](#open)")).toEqual([]);
  });
});
