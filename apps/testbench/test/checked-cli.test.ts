import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Firmware } from "@sof-ts/firmware";
import { afterAll, afterEach, expect, it, vi } from "vitest";
import { ExitCode, main } from "../src/index.js";

const asset = (name: string): string => new URL(`../assets/${name}`, import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "sof-checked-"));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

async function run(...options: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = "";
  let err = "";
  const demo = ["-t", asset("demo.tplg"), "-i", asset("demo.wav"), "--duration", "0.1"];
  const args = ["run", ...demo, "-o", join(folder, "out.wav"), ...options];
  const code = await main(args, {
    out: (text) => (out += text),
    err: (text) => (err += text),
    interactive: false,
  });
  return { code, out, err };
}

/** A firmware with a defect: a look-up, which takes no lock, writes to what the tick writes. */
function breakLookUps(): void {
  const graphs = Object.getPrototypeOf(new Firmware().graph) as Firmware["graph"];
  const { pipeline: lookUp } = graphs;
  vi.spyOn(graphs, "pipeline").mockImplementation(function (this: Firmware["graph"], id: number) {
    const found = lookUp.call(this, id);
    for (const component of found?.copyOrder ?? []) component.periods += 0;
    return found;
  });
}

it("ends with an exit code of its own and the report when a checked run breaks a rule", async () => {
  breakLookUps();
  const { code, out, err } = await run("--checked");
  expect(code).toBe(ExitCode.FAULT);
  const others = [ExitCode.OK, ExitCode.USAGE];
  expect(others).not.toContain(code);
  expect(out).toBe("");
  expect(err).toMatch(/^(sof-testbench: )?\d+ violations?\n/m);
  // Rule, object, field, address, and both sides with thread, mode, core and place in the code.
  expect(err).toMatch(/races: [a-z-]+: component \w+ \d+\.periods at 0x[0-9a-f]+\n/);
  expect(err).toMatch(
    / {2}first {2}(read|write) by \S+ \((user|supervisor), core \d, cycle \d+\)\n {6}at /,
  );
  expect(err).toMatch(
    / {2}second {5}(read|write) by \S+ \((user|supervisor), core \d, cycle \d+\)\n {6}at /,
  );
});

it("does not look for it in a run that is not checked", async () => {
  breakLookUps();
  expect(await run()).toMatchObject({ code: ExitCode.OK, err: "" });
});

it("finds nothing in the firmware as it is", async () => {
  expect(await run("--checked")).toMatchObject({ code: ExitCode.OK, err: "" });
});
