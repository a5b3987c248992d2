import { describe, expect, it } from "vitest";
import type { LockingName } from "../../src/index.js";
import { strategies } from "../strategies.js";
import { cases, casesByMessage } from "./all-cases.js";
import type { Outcome } from "./conditions.js";
import { Lab } from "./lab.js";

const HALTED = "the firmware halts";

/** What comes of a condition where there is no user mode: what is not here is the same with all strategies. */
const inKernelLl = new Map<string, Outcome | typeof HALTED>([
  ["LARGE_CONFIG_SET: instance is missing", 9],
  ["LARGE_CONFIG_GET: instance is missing", 9],
  ["LARGE_CONFIG_GET: module refuses", 9],
  ["LARGE_CONFIG_GET: block past the end", 9],
  ["EXCEPTION_CAUGHT: an LL thread without privileges faults", HALTED],
  ["window 0, status: a fault", HALTED],
]);

const keyOf = ({ message, condition }: { message: string; condition: string }): string =>
  `${message}: ${condition}`;

function expected(locking: LockingName, one: (typeof cases)[number]): Outcome | typeof HALTED {
  return (locking === "kernel-ll" ? inKernelLl.get(keyOf(one)) : undefined) ?? one.outcome;
}

describe.each(strategies)("with %s", (locking) => {
  describe.each(casesByMessage())("$message", ({ cases: group }) => {
    it.each(group)("$condition: $outcome", (one) => {
      const lab = new Lab({ config: { locking } });
      const outcome = expected(locking, one);
      if (outcome === HALTED) expect(() => one.run(lab)).toThrow(HALTED.replace("halts", "halted"));
      else expect(one.run(lab)).toBe(outcome);
    });
  });
});

describe("the conditions that end differently in kernel LL", () => {
  it("are conditions of the protocol", () => {
    const known = cases.map(keyOf);
    expect([...inKernelLl.keys()].filter((key) => !known.includes(key))).toEqual([]);
  });
});
