import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { nextThreadTaskState, type ThreadTaskEvent, threadTaskTransitions } from "./index.js";

const states = [
  "init",
  "queued",
  "ready",
  "running",
  "cancel",
  "completed",
  "dead",
  "freeing",
  "free",
] as const;

describe("task states", () => {
  it("follow a task's life", () => {
    const life: [ThreadTaskEvent, string][] = [
      ["schedule", "queued"],
      ["trigger", "ready"],
      ["begin", "running"],
      ["end", "queued"],
      ["trigger", "ready"],
      ["begin", "running"],
      ["cancel", "cancel"],
      ["end", "init"],
      ["schedule", "queued"],
      ["free", "freeing"],
      ["joined", "free"],
    ];
    let state: (typeof states)[number] = "init";
    for (const [event, expected] of life) {
      const next = nextThreadTaskState(state, event);
      expect(next, event).toBe(expected);
      state = next as (typeof states)[number];
    }
  });

  it("let nothing but the end of its run take a cancelled task anywhere that can run again", () => {
    const runnable = ["queued", "ready", "running"];
    for (const event of Object.keys(threadTaskTransitions) as ThreadTaskEvent[]) {
      for (const state of ["cancel", "dead", "freeing", "free"] as const) {
        expect(runnable).not.toContain(nextThreadTaskState(state, event));
      }
    }
  });

  it("lead from everywhere to free, and from free nowhere", () => {
    for (const state of states) {
      const freed = nextThreadTaskState(state, "free");
      expect(freed, state).toBe(state === "free" ? null : "freeing");
    }
    for (const event of Object.keys(threadTaskTransitions) as ThreadTaskEvent[]) {
      expect(nextThreadTaskState("free", event)).toBeNull();
    }
  });

  it("are drawn in the README as the table has them", () => {
    const lines = ["stateDiagram-v2", "  [*] --> init"];
    for (const [event, moves] of Object.entries(threadTaskTransitions)) {
      for (const [from, to] of Object.entries(moves)) {
        if (from !== to) lines.push(`  ${from} --> ${to}: ${event}`);
      }
    }
    const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
    const drawn = /generated: task-states -->\n```mermaid\n([^]*?)\n```/.exec(readme)?.[1];
    expect(drawn).toBe(lines.join("\n"));
  });
});
