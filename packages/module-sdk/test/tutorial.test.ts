import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, expect, it } from "vitest";
import { removeScratch, scratchFolder } from "./example-projects.js";
import { readTutorial } from "./tutorial-steps.js";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const tutorial = path("../../../docs/tutorial-module.md");
afterAll(removeScratch);

interface Done {
  readonly step: string;
  readonly changed?: boolean;
  readonly code?: number;
  readonly out?: string;
  readonly err?: string;
}

/** Sizes may change with the compiler; what is said may not. */
const said = (line: string): string => line.replaceAll(/\d+/g, "#").trimEnd();

it("the tutorial can be followed, and its commands print what it shows", async () => {
  const node = [
    "--conditions=@sof-ts/source",
    "--import",
    import.meta.resolve("tsx"),
    path("./tutorial-runner.ts"),
  ];
  const args = [...node, tutorial, path("../../../apps/testbench/assets/demo.wav")];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    cwd: scratchFolder(),
    maxBuffer: 1 << 24,
    env: { ...process.env, TSX_TSCONFIG_PATH: path("../tsconfig.json") },
  });
  const done = JSON.parse(stdout) as readonly Done[];
  const steps = readTutorial(readFileSync(tutorial, "utf8"));
  expect(done).toHaveLength(steps.length);
  expect(steps.filter(({ kind }) => kind === "command").length).toBeGreaterThan(7);
  for (const [index, step] of steps.entries()) {
    const was = done[index] as Done;
    if (step.kind === "replace") expect(was.changed).toBe(true);
    if (step.kind !== "command") continue;
    expect(was, step.command).toMatchObject({ code: 0, err: "" });
    const printed = (was.out ?? "").split("\n").map(said);
    // "..." stands for lines that are left out.
    let from = 0;
    for (const line of step.output) {
      if (line === "...") continue;
      const at = printed.indexOf(said(line), from);
      expect(at, `${step.command}: "${line}" in\n${was.out}`).toBeGreaterThanOrEqual(from);
      from = at + 1;
    }
  }
});
