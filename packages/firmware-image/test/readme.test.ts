import { readFileSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";
import { imageChecks } from "@sof-ts/firmware-image";
import { errnoName } from "@sof-ts/kit";

const text = (name: string) => readFileSync(new URL(name, import.meta.url), "utf8");

describe("the README", () => {
  it("shows a program that runs and prints what its comments say", async () => {
    const shown = /```ts\n([\s\S]*?)```/.exec(text("../README.md"))?.[1] ?? "";
    expect(text("readme-example.ts")).toBe(shown);
    const printed: string[] = [];
    const log = vi.spyOn(console, "log").mockImplementation((...values: unknown[]) => {
      printed.push(values.map(String).join(" "));
    });
    await import("./readme-example.js").finally(() => log.mockRestore());
    expect(printed).toHaveLength(4);
    for (const line of printed) expect(shown).toContain(`// ${line}\n`);
  });

  it("lists the checks as the table has them", () => {
    const rows = Object.entries(imageChecks).map(
      ([name, { errno, rule }]) => `| \`${name}\` | ${rule} | ${errnoName(errno)} |`,
    );
    const expected = ["| check | what must hold | errno |", "|---|---|---|", ...rows].join("\n");
    const shown = /generated: checks -->\n([^]*?)\n<!-- \/generated/.exec(
      text("../README.md"),
    )?.[1];
    expect(shown).toBe(expected);
  });
});
