import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { notApplicable } from "./not-applicable.js";
import { rows } from "./rows.js";

const here = new URL("./", import.meta.url);
const tested = new Set(
  readdirSync(here)
    .filter((file) => file.endsWith(".test.ts") && file !== "complete.test.ts")
    .flatMap((file) => [...readFileSync(new URL(file, here), "utf8").matchAll(/"(T\d{3})"/g)])
    .map((match) => match[1]),
);

describe("conformance table", () => {
  it("has each row once", () => {
    expect(new Set(rows.map((row) => row.id)).size).toBe(rows.length);
    expect(rows).toHaveLength(240);
  });

  it("tests every row, or says why it does not apply, never both", () => {
    const missing = rows.filter((row) => !tested.has(row.id) && !notApplicable.has(row.id));
    const both = rows.filter((row) => tested.has(row.id) && notApplicable.has(row.id));
    expect(missing.map((row) => row.id)).toEqual([]);
    expect(both.map((row) => row.id)).toEqual([]);
  });

  it("lists every row in CONFORMANCE.md as passed or not applicable", () => {
    const table = readFileSync(new URL("../../CONFORMANCE.md", here), "utf8");
    for (const row of rows) {
      const lines = table.split("\n").filter((line) => line.startsWith(`| ${row.id} |`));
      expect(lines, row.id).toHaveLength(1);
      const expected = notApplicable.has(row.id) ? "| not applicable:" : "| passed |";
      expect(lines[0], row.id).toContain(expected);
    }
  });
});
