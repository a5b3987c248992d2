import { readFileSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";

describe("the README", () => {
  it("shows a program that runs and prints what it says", async () => {
    const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
    const program = readFileSync(new URL("readme-example.ts", import.meta.url), "utf8");
    const shown = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
    const said = [...shown.matchAll(/^\/\/ (\w+: .*)$/gm)].map(([, line]) => line);
    const plain = (text: string): string => text.replaceAll(/\s+/g, " ").trim();
    expect(plain(shown.replaceAll(/^\/\/ \w+: .*$/gm, ""))).toBe(plain(program));
    const lines: string[] = [];
    const log = vi.spyOn(console, "log").mockImplementation((line: string) => {
      lines.push(line);
    });
    await import("./readme-example.js");
    log.mockRestore();
    expect(lines).toHaveLength(2);
    expect(lines).toEqual(said);
  });
});
