import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const here = dirname(fileURLToPath(import.meta.url));
const readme = readFileSync(join(here, "../README.md"), "utf8");
const programs = [...readme.matchAll(/```ts\n(import[^]*?)```/g)].map(
  (match) => match[1] as string,
);

/** Runs a TypeScript module beside this file, so that it finds the packages by their names. */
function output(code: string): string {
  const folder = mkdtempSync(join(here, "readme-"));
  try {
    const file = join(folder, "program.ts");
    writeFileSync(file, code);
    const args = ["--conditions=@sof-ts/source", "--import", "tsx", file];
    const options = { encoding: "utf8", cwd: join(here, "../../..") } as const;
    const run = spawnSync(process.execPath, args, options);
    expect(run.stderr).toBe("");
    return run.stdout;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

it("shows an exploration that finds both outcomes", () => {
  expect(output(programs[0] as string)).toBe("[ '2', '1' ]\n");
});

it("shows a checked run that finds the race", () => {
  expect(output(programs[1] as string)).toMatch(
    /^races: read-after-write: counter\.value at 0x1000/,
  );
});
