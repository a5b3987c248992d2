import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { linkTransitions, loadTransitions, nextState } from "./states.js";

type Drawn = Readonly<Record<string, { readonly from: readonly string[]; readonly to: string }>>;

function diagram(table: Drawn, start: string): string {
  const lines = ["stateDiagram-v2", `  [*] --> ${start}`];
  for (const [event, { from, to }] of Object.entries(table)) {
    for (const state of from) lines.push(`  ${state} --> ${to}: ${event}`);
  }
  return lines.join("\n");
}

describe("states", () => {
  it("lead from the first block to the last check, and out of each on failure", () => {
    const events = ["prepare", "load", "manifest-read", "image-read", "accepted"] as const;
    const visited = [];
    let state = nextState(loadTransitions, "idle", "prepare");
    for (const event of events.slice(1)) {
      visited.push(state);
      expect(nextState(loadTransitions, state, "failed")).toBe("idle");
      state = nextState(loadTransitions, state, event);
    }
    expect(visited).toEqual(["prepared", "manifest", "rest", "checking"]);
    expect(nextState(loadTransitions, state, "registered")).toBe("idle");
  });

  it("are left by the events of their table only", () => {
    expect(() => nextState(loadTransitions, "idle", "load")).toThrow("load cannot come while idle");
    expect(() => nextState(loadTransitions, "rest", "prepare")).toThrow("cannot come while rest");
    expect(() => nextState(linkTransitions, "linking", "last-use-gone")).toThrow("while linking");
  });

  it("are drawn in the README as the tables have them", () => {
    const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
    const drawn = (name: string) =>
      new RegExp(`generated: ${name} -->\\n\`\`\`mermaid\\n([^]*?)\\n\`\`\``).exec(readme)?.[1];
    expect(drawn("load-states")).toBe(diagram(loadTransitions, "idle"));
    expect(drawn("link-states")).toBe(diagram(linkTransitions, "unlinked"));
  });
});
