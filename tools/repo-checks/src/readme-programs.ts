import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repoRoot } from "@sof-ts/workspace";

/** A block of a README that says it is a whole program. */
export interface ReadmeProgram {
  /** Folder of the package, relative to the root. */
  readonly path: string;
  /** Number of the program in its README, from 1. */
  readonly number: number;
  readonly code: string;
}

/** The programs of a README: its `ts` blocks; "ts fragment" marks those that are none. */
export function programsOf(path: string, readme: string): readonly ReadmeProgram[] {
  const blocks = readme.matchAll(/^```ts\n([\s\S]*?)^```$/gm);
  return [...blocks].map(([, code], index) => ({ path, number: index + 1, code: code as string }));
}

/** A program written where its package's own imports work. */
interface WrittenProgram extends ReadmeProgram {
  readonly file: string;
}

/** Writes each program inside its package's folder, so that it sees what the package depends on, and removes it. */
function withFiles<T>(
  programs: readonly ReadmeProgram[],
  use: (written: readonly WrittenProgram[], project: string) => T,
): T {
  // Git ignores the name, so no check that runs meanwhile sees these folders.
  const folderOf = (path: string): string => join(repoRoot, path, ".readme");
  const project = folderOf("tools/repo-checks");
  const folders = new Set([project, ...programs.map(({ path }) => folderOf(path))]);
  try {
    for (const folder of folders) mkdirSync(folder, { recursive: true });
    const written = programs.map((program) => {
      const file = join(folderOf(program.path), `program-${program.number}.ts`);
      writeFileSync(file, `${program.code}\nexport {};\n`);
      return { ...program, file };
    });
    return use(written, project);
  } finally {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  }
}

/** @returns what the compiler says of the programs, a line each */
export function typeErrors(programs: readonly ReadmeProgram[]): readonly string[] {
  return withFiles(programs, (written, project) => {
    const config = {
      extends: "../../../tsconfig.base.json",
      // A program may name a result that its reader goes on with.
      compilerOptions: {
        noEmit: true,
        noUnusedLocals: false,
        customConditions: ["@sof-ts/source"],
      },
      files: written.map(({ file }) => file),
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
  });
}

/** What a program printed, a line of `console.log` each, and what it threw. */
interface Outcome {
  readonly lines: readonly string[];
  readonly error?: string;
}

/** Runs the programs one after another, each in an empty folder, in one process: loading the packages takes time. */
function outcomes(programs: readonly ReadmeProgram[]): readonly Outcome[] {
  return withFiles(programs, (written, project) => {
    const runner = join(project, "run.ts");
    writeFileSync(
      runner,
      `import { mkdtempSync } from "node:fs";
import { format } from "node:util";
import { pathToFileURL } from "node:url";
const outcomes: { lines: string[]; error?: string }[] = [];
const print = console.log;
for (const file of ${JSON.stringify(written.map(({ file }) => file))}) {
  const outcome: { lines: string[]; error?: string } = { lines: [] };
  process.chdir(mkdtempSync(${JSON.stringify(join(project, "work-"))}));
  console.log = (...values) => outcome.lines.push(...format(...values).split("\\n"));
  try { await import(pathToFileURL(file).href); }
  catch (error) { outcome.error = String(error instanceof Error ? error.stack : error); }
  outcomes.push(outcome);
}
print(JSON.stringify(outcomes));
process.exit();
export {};
`,
    );
    const run = spawnSync(
      process.execPath,
      ["--conditions=@sof-ts/source", "--import", "tsx", runner],
      { cwd: repoRoot, encoding: "utf8" },
    );
    if (run.status !== 0) throw new Error(`the programs end with ${run.status}: ${run.stderr}`);
    return JSON.parse(run.stdout) as Outcome[];
  });
}

/**
 * Runs the programs and compares what they print with the comments behind their `console.log` calls: each
 * comment is a line of the output, and three dots in it stand for anything.
 *
 * @returns what is not so, a line each
 */
export function wrongOutput(programs: readonly ReadmeProgram[]): readonly string[] {
  const ran = outcomes(programs);
  return programs.flatMap(({ path, number, code }, index) => {
    const where = `${path}/README.md, program ${number}`;
    const { lines, error } = ran[index] as Outcome;
    if (error !== undefined) return [`${where}: ${error}`];
    return promised(code)
      .filter((text) => !lines.some((line) => matches(line, text)))
      .map((text) => `${where}: "${text}" is not printed; it prints ${JSON.stringify(lines)}`);
  });
}

/** What a program's comments say it prints. */
export function promised(code: string): readonly string[] {
  return [...code.matchAll(/console\.log\(.*\);? +\/\/ (.+)$/gm)].map(([, text]) => text as string);
}

function matches(line: string, text: string): boolean {
  const pattern = text.split("...").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${pattern.join(".*")}$`).test(line);
}
