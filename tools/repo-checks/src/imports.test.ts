import { readWorkspace } from "@sof-ts/workspace";
import { describe, expect, it } from "vitest";
import { crossings } from "./allow-lists.js";
import { packageFixture } from "./fixtures.js";
import { committedFiles, packageOf, report, sourceFiles } from "./repository.js";
import { cycleViolations } from "./rules/cycles.js";
import { crossingsOf, importViolations } from "./rules/imports.js";
import { parseSource } from "./source-file.js";

const { packages, rootManifest } = readWorkspace();

describe("imports of this repository", () => {
  const files = sourceFiles();
  // Configuration files import the ones in the root.
  const paths = new Set([...files.map((file) => file.path), ...committedFiles()]);
  const owned = files.flatMap((file) => {
    const owner = packageOf(file.path, packages);
    return owner ? [{ file, owner }] : [];
  });

  it("are those of files that lie in a package", () => {
    const stray = files.filter(({ path }) => !packageOf(path, packages)).map(({ path }) => path);
    expect(stray).toEqual([]);
  });

  it("go down the layers, are declared and stay in their package", () => {
    const context = { rootManifest, files: paths, crossings: new Set(Object.keys(crossings)) };
    const violations = owned.flatMap(({ file, owner }) =>
      importViolations(file, { ...context, owner }),
    );
    expect(files.length).toBeGreaterThan(20);
    expect(report(violations)).toEqual([]);
  });

  it("need every crossing that the allow-list has", () => {
    const used = new Set(owned.flatMap(({ file, owner }) => crossingsOf(file, owner, paths)));
    expect(Object.keys(crossings).filter((crossing) => !used.has(crossing))).toEqual([]);
  });

  it("make no cycle between files", () => {
    expect(report(cycleViolations(files))).toEqual([]);
  });
});

describe("import rules", () => {
  const owner = packageFixture("packages/kernel", {
    dependencies: { "@sof-ts/kit": "workspace:^", "left-pad": "1.0.0" },
    devDependencies: { "@sof-ts/soc": "workspace:^", tool: "1.0.0" },
  });
  const files = new Set([
    "packages/kernel/src/a.ts",
    "packages/kernel/src/b.ts",
    "packages/kernel/src/b.test.ts",
    "packages/kernel/test/helper.ts",
    "packages/kit/src/index.ts",
  ]);
  const problems = (text: string, path = "packages/kernel/src/a.ts") =>
    importViolations(parseSource(path, text), {
      owner,
      rootManifest: { name: "root", version: "0.0.0", devDependencies: { vitest: "1.0.0" } },
      files,
      crossings: new Set(["packages/kernel/test/helper.ts -> packages/kit/src/index.ts"]),
    }).map(({ where, message }) => `${where} ${message}`);

  it("accept what is declared and lower", () => {
    const text = `import { x } from "@sof-ts/kit"; import y from "left-pad/sub"; import "node:fs"; import "./b.js";`;
    expect(problems(text)).toEqual([]);
    expect(
      problems(`import { it } from "vitest"; import "tool";`, "packages/kernel/src/b.test.ts"),
    ).toEqual([]);
    expect(problems(`import "../../kit/src/index.js";`, "packages/kernel/test/helper.ts")).toEqual(
      [],
    );
  });

  it.each([
    [`import { x } from "@sof-ts/soc";`, "imports go to a lower layer only"],
    [`import type { X } from "@sof-ts/pipeline";`, "imports go to a lower layer only"],
    [`export { x } from "@sof-ts/soc";`, "imports go to a lower layer only"],
    [`const x = await import("@sof-ts/soc");`, "imports go to a lower layer only"],
    [`type X = import("@sof-ts/soc").X;`, "imports go to a lower layer only"],
    [`import { x } from "@sof-ts/kit/src/list.js";`, "import the root of a package only"],
    [`import { x } from "@sof-ts/kernel";`, "imports itself by name in tests only"],
    [`import x from "right-pad";`, "is not in dependencies"],
    [`import x from "vitest";`, "is not in dependencies"],
    [`import x from "tool";`, "is not in dependencies"],
    [`import x from "fs";`, 'write "node:fs"'],
    [`import "../../kit/src/index.js";`, "leaves the package"],
    [`import "./b";`, "does not resolve to a file"],
    [`import "./c.js";`, "does not resolve to a file"],
    [`import "./b.ts";`, "write .js, not .ts"],
    [`import "../test/helper.js";`, "sources import sources only"],
    [`import "./b.test.js";`, "sources do not import tests"],
  ])("refuse %s", (text, message) => {
    expect(problems(text)).toEqual([expect.stringContaining(message)]);
  });

  it("let a test import its package as readers do", () => {
    const path = "packages/kernel/test/helper.ts";
    expect(problems(`import { x } from "@sof-ts/kernel";`, path)).toEqual([]);
    expect(problems(`import { x } from "@sof-ts/kernel/src/a.js";`, path)).toHaveLength(1);
  });

  it("know tests, benches and configuration from sources", () => {
    const path = "packages/kernel/bench/switch.bench.ts";
    expect(problems(`import "right-pad";`, path)).toEqual([
      `${path}:1 "right-pad" is neither a dependency of packages/kernel nor a devDependency of the root`,
    ]);
  });
});

describe("the cycle check", () => {
  const cycles = (sources: Readonly<Record<string, string>>) =>
    report(cycleViolations(Object.entries(sources).map(([path, text]) => parseSource(path, text))));

  it("finds a ring through re-exports and dynamic imports", () => {
    const found = cycles({
      "packages/kit/src/a.ts": `import { b } from "./b.js";`,
      "packages/kit/src/b.ts": `export { c } from "./c.js";`,
      "packages/kit/src/c.ts": `const a = () => import("./a.js");`,
      "packages/kit/src/d.ts": `import "./a.js";`,
    });
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(
      "src/a.ts -> packages/kit/src/b.ts -> packages/kit/src/c.ts -> packages/kit/src/a.ts",
    );
  });

  it("finds a file that imports itself", () => {
    expect(cycles({ "packages/kit/src/a.ts": `import "./a.js";` })).toHaveLength(1);
  });

  it("lets types refer to one another", () => {
    const found = cycles({
      "packages/kit/src/a.ts": `import type { B } from "./b.js";`,
      "packages/kit/src/b.ts": `import { type A } from "./a.js"; export type { A } from "./a.js";`,
    });
    expect(found).toEqual([]);
  });
});
