import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseCommandLine, repoRoot, runMain, UsageError } from "@sof-ts/workspace";
import { generators } from "./generators.js";

const usage = `pnpm generate [name …]

  Makes the generated files of the repository again; all of them without a name:
${generators.map(({ name, path }) => `    ${name.padEnd(12)} ${path}`).join("\n")}`;

function main(args: readonly string[]): number {
  const { values, positionals } = parseCommandLine(args, { help: { type: "boolean", short: "h" } });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const unknown = positionals.filter(
    (name) => !generators.some((generator) => generator.name === name),
  );
  if (unknown.length > 0)
    throw new UsageError(`no generator "${unknown.join('", "')}"\n\n${usage}`);
  for (const { name, path, make } of generators) {
    if (positionals.length > 0 && !positionals.includes(name)) continue;
    const file = join(repoRoot, path);
    const bytes = make();
    const same = existsSync(file) && readFileSync(file).equals(bytes);
    if (!same) {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, bytes);
    }
    console.log(`${path}: ${bytes.length} bytes, ${same ? "unchanged" : "written"}`);
  }
  return 0;
}

await runMain(main);
