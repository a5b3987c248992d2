import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import * as kernel from "../src/index.js";
import { TestMachine } from "./support/machine.js";

const here = dirname(fileURLToPath(import.meta.url));
const readme = readFileSync(join(here, "../README.md"), "utf8");

/** Runs a TypeScript module beside this file, so that it finds the packages by their names. */
function runModule(code: string): { readonly output: string; readonly errors: string } {
  const folder = mkdtempSync(join(here, "readme-"));
  try {
    const file = join(folder, "program.ts");
    writeFileSync(file, code);
    const run = spawnSync(
      process.execPath,
      ["--conditions=@sof-ts/source", "--import", "tsx", file],
      { encoding: "utf8", cwd: join(here, "../../..") },
    );
    return { output: run.stdout, errors: run.stderr };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe("README", () => {
  it("shows a program of two threads, a mutex and a timer that runs as it says", () => {
    const program = /```ts\n(import[^]*?)```/.exec(readme)?.[1];
    expect(program).toContain("new Mutex(kernel");
    const { output, errors } = runModule(program as string);
    expect(errors).toBe("");
    // Six turns in ten milliseconds of 400 000 cycles each.
    expect(output).toMatch(/^6 turns at 4000000 cycles, \d+ switches\n$/);
  });

  it("names only what there is, on the class that it says", () => {
    const table = readme.slice(readme.indexOf("## Names"), readme.indexOf("## Which Zephyr"));
    const machine = new TestMachine().kernel;
    const fields: Readonly<Record<string, object>> = { kernel: machine, Thread: machine.boot };
    const exported = kernel as unknown as Readonly<Record<string, { readonly prototype?: object }>>;
    const has = (owner: string, name: string): boolean =>
      name in (fields[owner] ?? exported[owner]?.prototype ?? {});
    const missing: string[] = [];
    let checked = 0;
    for (const line of table.split("\n").filter((text) => text.startsWith("| `"))) {
      let owners: string[] = [];
      let listed = false;
      // "`A`, `B`: `x`, `y`" lists members; a class that follows a semicolon begins anew.
      for (const [, name = "", after = ""] of (line.split("|")[2] ?? "").matchAll(
        /`([^`]+)`([:;,]?)/g,
      )) {
        const own = name.replace("new ", "");
        checked++;
        if (own.startsWith("kernel.")) {
          owners = ["kernel"];
          listed = true;
          if (!has("kernel", own.slice("kernel.".length))) missing.push(own);
        } else if (own in exported) {
          if (listed) owners = [];
          owners.push(own);
          listed = after === ":";
        } else {
          listed = true;
          if (!owners.some((owner) => has(owner, own))) missing.push(`${owners.join("/")} ${own}`);
        }
        if (after === ";") {
          owners = [];
          listed = false;
        }
      }
    }
    expect(missing).toEqual([]);
    expect(checked).toBeGreaterThan(150);
  });

  it("states the protocol of the plain forms as the code has it", () => {
    expect(readme).toContain("yield SWITCH");
    const { output, errors } = runModule(`
      import { EventQueue } from "@sof-ts/kit";
      import { K_FOREVER, Kernel, Mutex, SWITCH } from "@sof-ts/kernel";
      const kernel = new Kernel({ cpus: 1, cyclesPerSecond: 1e6, ticksPerSecond: 1000, events: new EventQueue() });
      const mutex = new Mutex(kernel);
      kernel.createThread({ priority: 1, *entry() {
        ${/```ts fragment\n(const rc[^]*?)```/.exec(readme)?.[1] ?? "throw new Error('no snippet');"}
        console.log(result);
      } });
      console.log(kernel.run().reason);
    `);
    expect(errors).toBe("");
    expect(output).toBe("0\nidle\n");
  });
});
