import { describe, expect, it } from "vitest";
import { longFiles } from "./allow-lists.js";
import { committedFiles, readText, report, sourceFiles } from "./repository.js";
import { clockViolations } from "./rules/determinism.js";
import { exportViolations, indexViolations, privateNameViolations } from "./rules/exports.js";
import { platformViolations } from "./rules/platforms.js";
import { sizeViolations } from "./rules/size.js";
import { parseSource } from "./source-file.js";

const files = sourceFiles();
const parse = (text: string, path = "packages/kit/src/index.ts") => parseSource(path, text);

describe("exports", () => {
  it("are named, everywhere", () => {
    expect(report(files.flatMap(exportViolations))).toEqual([]);
  });

  it("are all that an index file holds", () => {
    expect(report(files.flatMap(indexViolations))).toEqual([]);
  });

  it.each([
    `export * from "./a.js";`,
    `export * as a from "./a.js";`,
    `export default 1;`,
    `export { a as default } from "./a.js";`,
  ])("refuse %s", (text) => expect(exportViolations(parse(text))).toHaveLength(1));

  it.each([`const a = 1;`, `export const a = 1;`, `import "./a.js";`, `export function f() {}`])(
    "refuse %s in an index file",
    (text) => expect(indexViolations(parse(text))).toHaveLength(1),
  );

  it("leave configuration files their default export", () => {
    expect(exportViolations(parse(`export default 1;`, "packages/kit/tsup.config.ts"))).toEqual([]);
  });
});

describe("platforms", () => {
  /** The descriptions themselves, and the table that finds them by name. */
  const descriptions = /^packages\/soc\/src\/(platforms\/|platform\.ts|describe-platform\.ts)/;
  const code = files.filter(
    ({ path, role }) =>
      role === "source" && /^(packages|apps)\//.test(path) && !descriptions.test(path),
  );

  it("are named in their descriptions only, so that they differ by nothing else", () => {
    expect(code.length).toBeGreaterThan(500);
    expect(report(code.flatMap(platformViolations))).toEqual([]);
  });

  it.each([
    `if (name === "mtl") f();`,
    `switch (name) { case "tgl": }`,
    `const of = { lnl: 1, ptl: 2 };`,
    `const of = { "ace3.0": 1 };`,
    `name.startsWith("cavs");`,
    "name === `ace1.5`;",
    `/^(tgl|adl)$/.test(name);`,
  ])("refuse %s", (text) => expect(platformViolations(parse(text)).length).toBeGreaterThan(0));

  it.each([
    `platform.hasAlwaysRunningTimer`,
    `f("cavs_audio_format.in_rate")`,
    `/place|space/.test(a)`,
  ])("accept %s", (text) => expect(platformViolations(parse(text))).toEqual([]));
});

describe("private names", () => {
  it("are TypeScript's, so that a Proxy can stand in for an object", () => {
    expect(report(files.flatMap(privateNameViolations))).toEqual([]);
  });

  it.each([`class A { #a = 1; }`, `class A { #a() {} }`])("refuse %s", (text) =>
    expect(privateNameViolations(parse(text))).toHaveLength(1),
  );
});

describe("determinism", () => {
  // What talks to people or other programs has to do with their time; the firmware has not.
  const deterministic = files.filter(
    ({ path, role }) =>
      role !== "bench" &&
      /^(packages\/|apps\/firmware\/)/.test(path) &&
      !/^(apps\/firmware\/(src|test)\/serve|packages\/module-sdk\/src\/cli)\//.test(path),
  );

  it("holds in every package: no clock, no unseeded random numbers", () => {
    expect(deterministic.length).toBeGreaterThan(20);
    expect(report(deterministic.flatMap(clockViolations))).toEqual([]);
  });

  it.each([
    `Date.now();`,
    `new Date();`,
    `Date();`,
    `const { now } = Date;`,
    `const clock = performance;`,
    `performance.now();`,
    `Math.random();`,
    `Math["random"]();`,
    `process.hrtime.bigint();`,
    `globalThis.performance;`,
    `setTimeout(f, 1);`,
    `crypto.randomUUID();`,
    `x = { clock: Date };`,
    `import { performance as p } from "node:perf_hooks";`,
  ])("refuses %s", (text) => expect(clockViolations(parse(text)).length).toBeGreaterThan(0));

  it.each([`Math.max(1, 2);`, `a.Date;`, `type D = Date;`, `process.argv;`, `x = { Date: 1 };`])(
    "accepts %s",
    (text) => expect(clockViolations(parse(text))).toEqual([]),
  );
});

describe("file sizes", () => {
  const sizes = committedFiles()
    .filter(
      (path) =>
        /^(packages|apps|tools)\/.+\.(ts|js|mjs)$/.test(path) && !path.includes("/generated/"),
    )
    .map((path) => ({ path, lines: (readText(path) ?? "").trimEnd().split("\n").length }));

  it("stay where a file can be read in one go", () => {
    expect(report(sizeViolations(sizes, longFiles))).toEqual([]);
  });

  it("need a reason past 400 lines and end at 600", () => {
    const files = [
      { path: "a.ts", lines: 400 },
      { path: "b.ts", lines: 401 },
      { path: "c.ts", lines: 500 },
      { path: "d.ts", lines: 601 },
      { path: "packages/e/src/index.ts", lines: 500 },
    ];
    const reasons = {
      "c.ts": "one table",
      "d.ts": "a reason does not help",
      "a.ts": "no longer long",
    };
    expect(report(sizeViolations(files, reasons)).map((line) => line.slice(0, 4))).toEqual([
      "a.ts",
      "b.ts",
      "d.ts",
    ]);
  });
});
