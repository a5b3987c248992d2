import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { transformSync } from "esbuild";
import { repoRoot, runMain } from "@sof-ts/workspace";
import { command, compiler, makeOutsideProject, published } from "./outside-project.js";
import { programsOf, type ReadmeProgram } from "./readme-programs.js";

/** Imports every package by its name. @returns what cannot be imported or exports nothing */
function importAll(folder: string): readonly string[] {
  const names = JSON.stringify(published.map(({ name }) => name));
  writeFileSync(
    join(folder, "import-all.mjs"),
    `for (const name of ${names}) {
  const module = await import(name).catch((error) => console.log(name + ": " + error.message));
  if (module && Object.keys(module).length === 0) console.log(name + ": exports nothing");
}
`,
  );
  const { ok, text } = command(folder, process.execPath, ["import-all.mjs"]);
  return [...text.split("\n").filter((line) => line !== ""), ...(ok ? [] : ["importing failed"])];
}

/** Runs every program that the packages install with `--help`. */
function helpOfAll(folder: string): readonly string[] {
  const bins = published.flatMap(({ manifest }) => Object.keys(manifest.bin ?? {}));
  if (bins.length === 0) return ["no package installs a program"];
  return bins
    .map((bin) => ({ bin, result: command(folder, "npx", ["--no-install", bin, "--help"]) }))
    .filter(({ result }) => !result.ok || !result.text.includes("sage"))
    .map(({ bin, result }) => `${bin} --help: ${result.text}`);
}

/** Compiles and runs the READMEs' programs against what was installed. */
function runPrograms(folder: string, programs: readonly ReadmeProgram[]): readonly string[] {
  const files = programs.map(({ path, number, code }) => {
    const stem = `${path.replaceAll("/", "-")}-${number}`;
    writeFileSync(join(folder, `${stem}.ts`), `${code}\nexport {};\n`);
    writeFileSync(join(folder, `${stem}.mjs`), transformSync(code, { loader: "ts" }).code);
    return stem;
  });
  const compilerOptions = {
    target: "ES2023",
    lib: ["ES2023", "DOM"],
    module: "nodenext",
    moduleResolution: "nodenext",
    strict: true,
    noEmit: true,
    types: ["node"],
    typeRoots: [join(repoRoot, "node_modules/@types")],
  };
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({ compilerOptions, files: files.map((stem) => `${stem}.ts`) }),
  );
  const types = command(folder, process.execPath, [compiler, "-p", ".", "--pretty", "false"]);
  const failed = files
    .map((stem) => ({ stem, result: command(folder, process.execPath, [`${stem}.mjs`]) }))
    .filter(({ result }) => !result.ok)
    .map(({ stem, result }) => `${stem}: ${result.text}`);
  return [...(types.ok ? [] : [types.text]), ...failed];
}

async function main(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "sof-ts-outside-"));
  try {
    makeOutsideProject(folder);
    const programs = published.flatMap(({ path, dir }) =>
      programsOf(path, readFileSync(join(dir, "README.md"), "utf8")),
    );
    const wrong = [...importAll(folder), ...helpOfAll(folder), ...runPrograms(folder, programs)];
    for (const line of wrong) console.error(line);
    console.log(
      `${published.length} packages installed from their archives, ${programs.length} programs of READMEs compiled and run: ${
        wrong.length === 0 ? "all well" : `${wrong.length} failures`
      }`,
    );
    return wrong.length === 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

await runMain(main);
