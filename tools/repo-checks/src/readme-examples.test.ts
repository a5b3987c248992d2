import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readWorkspace, repoRoot } from "@sof-ts/workspace";
import { describe, expect, it } from "vitest";
import { readText } from "./repository.js";

/** The blocks of a README that say they are whole programs; "ts fragment" marks those that are not. */
function programsOf(readme: string): readonly string[] {
  return [...readme.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, program]) => program as string);
}

/** Type-checks each package's programs from inside its folder, so that they see what it depends on. */
function typeErrors(programs: ReadonlyMap<string, readonly string[]>): readonly string[] {
  // Git ignores the name, so no check that runs meanwhile sees these folders.
  const folders = [...programs.keys()].map((path) => join(repoRoot, path, ".readme"));
  const project = join(repoRoot, "tools/repo-checks/.readme");
  try {
    const files = [...programs.values()].flatMap((blocks, index) =>
      blocks.map((block, number) => {
        const folder = folders[index] as string;
        mkdirSync(folder, { recursive: true });
        const file = join(folder, `program-${number + 1}.ts`);
        writeFileSync(file, `${block}\nexport {};\n`);
        return file;
      }),
    );
    mkdirSync(project, { recursive: true });
    const config = {
      extends: "../../../tsconfig.base.json",
      // A program may name a result that its reader goes on with.
      compilerOptions: {
        noEmit: true,
        noUnusedLocals: false,
        customConditions: ["@sof-ts/source"],
      },
      files,
    };
    writeFileSync(join(project, "tsconfig.json"), JSON.stringify(config));
    const compiler = join(repoRoot, "node_modules/typescript/bin/tsc");
    const run = spawnSync(
      process.execPath,
      [compiler, "-p", join(project, "tsconfig.json"), "--pretty", "false"],
      { cwd: repoRoot, encoding: "utf8" },
    );
    const lines = `${run.stdout}${run.stderr}`.split("\n").filter((line) => line !== "");
    return run.status === 0 ? [] : [`tsc exits with ${run.status}`, ...lines];
  } finally {
    for (const folder of [...folders, project]) rmSync(folder, { recursive: true, force: true });
  }
}

describe("programs in READMEs", () => {
  it("have no type errors", () => {
    const programs = new Map(
      readWorkspace().packages.map(({ path }) => [
        path,
        programsOf(readText(`${path}/README.md`) ?? ""),
      ]),
    );
    expect([...programs.values()].flat().length).toBeGreaterThan(15);
    expect(typeErrors(programs)).toEqual([]);
  });

  it("are found wrong when they use a name that is not there", () => {
    const readme = '```ts\nimport { noSuchName } from "@sof-ts/workspace";\nnoSuchName();\n```\n';
    const errors = typeErrors(new Map([["tools/repo-checks", programsOf(readme)]]));
    expect(errors.join("\n")).toContain("noSuchName");
  });
});
