import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  type ComponentCommand,
  ComponentState,
  componentTransitions,
  nextComponentState,
} from "./index.js";

describe("component states", () => {
  it("follow the stream's life and refuse what does not fit", () => {
    const life: [ComponentCommand, string][] = [
      ["prepare", "prepare"],
      ["pre-start", "pre-active"],
      ["start", "active"],
      ["pause", "paused"],
      ["pre-release", "pre-active"],
      ["release", "active"],
      ["stop", "prepare"],
      ["reset", "ready"],
    ];
    let state: ComponentState = ComponentState.READY;
    for (const [command, expected] of life) {
      const next = nextComponentState(state, command);
      expect(next, command).toBe(expected);
      state = next as ComponentState;
    }
    expect(nextComponentState("ready", "start")).toBe(-22);
    expect(nextComponentState("active", "pre-start")).toBe(-22);
    expect(nextComponentState("prepare", "pause")).toBe(-22);
  });

  it("accept a command whose state already holds", () => {
    expect(nextComponentState("active", "start")).toBe("active");
    expect(nextComponentState("paused", "pause")).toBe("paused");
    expect(nextComponentState("prepare", "prepare")).toBe("prepare");
  });

  it("are drawn in the README as the table has them", () => {
    const lines = ["stateDiagram-v2", "  [*] --> ready"];
    for (const [command, { from, to }] of Object.entries(componentTransitions)) {
      for (const state of from) if (state !== to) lines.push(`  ${state} --> ${to}: ${command}`);
    }
    const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
    const drawn = /generated: component-states -->\n```mermaid\n([^]*?)\n```/.exec(readme)?.[1];
    expect(drawn).toBe(lines.join("\n"));
  });
});
