import { readFileSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";
import { Context, moduleExports, Stream } from "@sof-ts/wasm-sandbox";

const text = (name: string) => readFileSync(new URL(name, import.meta.url), "utf8");

describe("the README", () => {
  it("shows a program that runs and prints what its comments say", async () => {
    const blocks = [
      ...text("../README.md").matchAll(/```(?:assemblyscript|ts fragment)\n([\s\S]*?)```/g),
    ];
    const [module, shown = ""] = blocks.map(([, block]) => block);
    expect(text("../assembly/halve.ts")).toBe(module);
    expect(text("readme-example.ts")).toBe(shown);
    const promised = [...shown.matchAll(/console\.log\(.*\); \/\/ (.*)/g)].map(([, line]) => line);
    expect(promised.length).toBe(4);
    const printed: string[] = [];
    const log = vi.spyOn(console, "log").mockImplementation((...values: unknown[]) => {
      printed.push(values.join(" "));
    });
    await import("./readme-example.js").finally(() => log.mockRestore());
    expect(printed).toEqual(promised);
  });

  it("has the offsets of the binary interface", () => {
    const tables = text("../README.md").split("| offset | word | |").slice(1);
    const words = tables.map((table) =>
      Object.fromEntries(
        [...(table.split("\n\n")[0] as string).matchAll(/^\| (\d+) \| ([a-z ]+) \|/gm)].map(
          ([, offset, word]) => [(word as string).replace(" ", "_").toUpperCase(), Number(offset)],
        ),
      ),
    );
    expect(words).toEqual([Context, Stream]);
  });

  it("names every export", () => {
    for (const name of Object.keys(moduleExports)) expect(text("../README.md")).toContain(name);
  });
});
