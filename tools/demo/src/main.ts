import { spawnSync } from "node:child_process";
import { join, relative } from "node:path";
import { readWorkspace, repoRoot, runMain } from "@sof-ts/workspace";

const APP = "@sof-ts/testbench";

/** Builds the testbench and what it needs; says nothing more than that, unless it fails. */
function build(): boolean {
  process.stderr.write("Building the testbench … ");
  const started = process.hrtime.bigint();
  const turbo = spawnSync(
    "turbo",
    ["run", "build", `--filter=${APP}...`, "--output-logs=errors-only"],
    {
      cwd: repoRoot,
      encoding: "utf8",
      // On Windows the command is a script.
      shell: process.platform === "win32",
      env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1" },
    },
  );
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  if (turbo.status === 0) {
    process.stderr.write(`done in ${seconds.toFixed(1)} s\n\n`);
    return true;
  }
  process.stderr.write(`failed\n${turbo.error?.message ?? ""}${turbo.stdout}${turbo.stderr}`);
  return false;
}

/** The built program that the testbench's package.json names, relative to the root. */
function program(): string {
  const app = readWorkspace().packages.find(({ name }) => name === APP);
  const bin = app?.manifest.bin;
  const path = typeof bin === "object" ? bin["sof-testbench"] : bin;
  if (app === undefined || path === undefined) throw new Error(`${APP} has no program`);
  return relative(repoRoot, join(app.dir, path));
}

function main(args: readonly string[]): number {
  if (!build()) return 1;
  const assets = "apps/testbench/assets";
  const run = [
    "run",
    "-t",
    `${assets}/demo.tplg`,
    "-i",
    `${assets}/demo.wav`,
    "-o",
    "out.wav",
    ...args,
  ];
  console.log(`$ sof-testbench ${run.join(" ")}\n`);
  return (
    spawnSync(process.execPath, [program(), ...run], { cwd: repoRoot, stdio: "inherit" }).status ??
    1
  );
}

await runMain(main);
