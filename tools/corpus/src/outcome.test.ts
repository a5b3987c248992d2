import { existsSync } from "node:fs";
import { join } from "node:path";
import { repoRoot } from "@sof-ts/workspace";
import { describe, expect, it } from "vitest";
import { columnsOf, judge } from "./outcome.js";
import { suites } from "./suites.js";

const verdicts = (rows: readonly unknown[], expected = [] as Parameters<typeof judge>[2]) =>
  judge("s", rows, expected).outcomes.map(({ verdict }) => verdict);

describe("judge", () => {
  it("takes ok for the verdict and the rest for cells", () => {
    const { outcomes } = judge(
      "s",
      [{ file: "a", frames: 3, modules: ["src", "eq"], gap: undefined, note: "a\n  b", ok: true }],
      [],
    );
    expect(outcomes).toEqual([
      {
        verdict: "passed",
        cells: { file: "a", frames: "3", modules: "src, eq", gap: "", note: "a b" },
      },
    ]);
  });

  it("tells passed, failed and skipped", () => {
    expect(verdicts([{ ok: true }, { ok: false }, { skipped: "no module src" }])).toEqual([
      "passed",
      "failed",
      "skipped",
    ]);
  });

  it("excuses the failures that the list names, and no others", () => {
    const known = [{ suite: "s", cells: { file: "a" }, reason: "r" }];
    const rows = [
      { file: "a", ok: false },
      { file: "b", ok: false },
    ];
    expect(verdicts(rows, known)).toEqual(["expected", "failed"]);
    expect(verdicts(rows, [{ suite: "other", cells: { file: "a" }, reason: "r" }])).toEqual([
      "failed",
      "failed",
    ]);
  });

  it("reports an excuse that no row needs any more", () => {
    const known = [{ suite: "s", cells: { file: "a" }, reason: "r" }];
    expect(judge("s", [{ file: "a", ok: true }], known).stale).toEqual(known);
    expect(judge("s", [{ file: "a", ok: false }], known).stale).toEqual([]);
  });

  it("does not let a suite pass that says nothing", () => {
    expect(() => judge("s", [], [])).toThrow("no rows");
    expect(() => judge("s", [{ file: "a" }], [])).toThrow("neither ok nor skipped");
    expect(() => judge("s", ["a"], [])).toThrow("not an object");
  });
});

describe("columnsOf", () => {
  it("has every field once, in order", () => {
    const outcomes = judge(
      "s",
      [
        { a: 1, ok: true },
        { b: 2, a: 1, ok: true },
      ],
      [],
    ).outcomes;
    expect(columnsOf(outcomes)).toEqual(["a", "b"]);
  });
});

describe("the suites", () => {
  it.each(suites)("$name: $module exists", ({ module }) => {
    expect(existsSync(join(repoRoot, module))).toBe(true);
  });

  it("have names of their own", () => {
    expect(new Set(suites.map(({ name }) => name)).size).toBe(suites.length);
  });
});
