import { describe, expect, it } from "vitest";
import { casesByMessage } from "./all-cases.js";
import { Lab } from "./lab.js";

describe.each(casesByMessage())("$message", ({ cases }) => {
  it.each(cases)("$condition: $outcome", ({ outcome, run }) => {
    expect(run(new Lab())).toBe(outcome);
  });
});
