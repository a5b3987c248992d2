import { readFileSync } from "node:fs";
import { moduleTransitions, nextModuleState } from "@sof-ts/userspace-proxy";
import { describe, expect, it, vi } from "vitest";

const text = (name: string) => readFileSync(new URL(name, import.meta.url), "utf8");

describe("the README", () => {
  it("shows a program that runs and prints what its comments say", async () => {
    const shown = /```ts\n([\s\S]*?)```/.exec(text("../README.md"))?.[1] ?? "";
    expect(text("readme-example.ts")).toBe(shown);
    const promised = [...shown.matchAll(/console\.log\(.*\)[;,] \/\/ (.*)/g)].map(
      ([, line]) => line,
    );
    expect(promised.length).toBe(5);
    const printed: string[] = [];
    const log = vi.spyOn(console, "log").mockImplementation((...values: unknown[]) => {
      printed.push(values.join(" "));
    });
    await import("./readme-example.js").finally(() => log.mockRestore());
    // The first comment stands where the report is set up, not where it happens.
    const [lost, ...rest] = promised;
    expect(printed).toEqual([rest[0], lost, ...rest.slice(1)]);
  });

  it("draws the states as the table has them", () => {
    const lines = ["stateDiagram-v2", "  [*] --> starting"];
    for (const [from, event, to] of moduleTransitions) lines.push(`  ${from} --> ${to}: ${event}`);
    lines.push("  freed --> [*]");
    const drawn = /generated: module-states -->\n```mermaid\n([^]*?)\n```/.exec(
      text("../README.md"),
    )?.[1];
    expect(drawn).toBe(lines.join("\n"));
  });
});

describe("an instance's states", () => {
  it("follow from one another by the table, and no other way", () => {
    const states = ["starting", "ready", "busy", "dead", "freed"] as const;
    const events = ["initialised", "refused", "invoke", "done", "lost", "free"] as const;
    const allowed = states.flatMap((state) =>
      events.flatMap((event) => {
        const next = nextModuleState(state, event);
        return next === null ? [] : [`${state} ${event} ${next}`];
      }),
    );
    expect(allowed.sort()).toEqual([
      "busy done ready",
      "busy lost dead",
      "dead free freed",
      "ready free freed",
      "ready invoke busy",
      "starting initialised ready",
      "starting refused freed",
    ]);
  });
});
