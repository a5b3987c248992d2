import { readFileSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";

const text = (name: string) => readFileSync(new URL(name, import.meta.url), "utf8");

describe("the README", () => {
  it("shows a program that runs and prints what its comments say", async () => {
    const shown = /```ts\n([\s\S]*?)```/.exec(text("../README.md"))?.[1] ?? "";
    expect(text("readme-example.ts")).toBe(shown);
    const promised = shown
      .slice(shown.lastIndexOf("kernel.run("))
      .split("\n")
      .filter((line) => line.startsWith("// "))
      .map((line) => line.slice(3));
    const printed: string[] = [];
    const log = vi.spyOn(console, "log").mockImplementation((...values: unknown[]) => {
      printed.push(values.map(String).join(" "));
    });
    await import("./readme-example.js").finally(() => log.mockRestore());
    expect(promised).toHaveLength(8);
    expect(printed).toEqual(promised);
  });
});
