import { readFileSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";

const text = (name: string) => readFileSync(new URL(name, import.meta.url), "utf8");

describe("the README", () => {
  it("shows a program that runs and prints what its comments say", async () => {
    const shown = /```ts\n([\s\S]*?)```/.exec(text("../README.md"))?.[1] ?? "";
    expect(text("readme-example.ts")).toBe(shown);
    const promised = [...shown.matchAll(/console\.log\(.*\); \/\/ (.*)/g)].map(([, line]) => line);
    expect(promised).toHaveLength(5);

    const printed: string[] = [];
    const log = vi.spyOn(console, "log").mockImplementation((...values: unknown[]) => {
      printed.push(values.join(" "));
    });
    await import("./readme-example.js").finally(() => log.mockRestore());
    expect(printed).toEqual(promised);
  });
});
