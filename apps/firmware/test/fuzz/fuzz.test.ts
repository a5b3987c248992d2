import { describe, expect, it } from "vitest";
import { fuzzMessages } from "./fuzz-messages.js";
import { shrink } from "./shrink.js";

/** Ten times as many in continuous integration. */
const MESSAGES = Number(process.env["SOF_TS_FUZZ_MESSAGES"] ?? 20_000);
const SEED = Number(process.env["SOF_TS_FUZZ_SEED"] ?? 1);
const MINUTES = 30;

describe("messages of all kinds to a streaming firmware", () => {
  it(
    "harm nothing that goes on, and leave nothing",
    () => {
      const { sent, outcomes, whileRunning } = fuzzMessages({ messages: MESSAGES, seed: SEED });
      expect(sent).toBe(MESSAGES);
      // They reach everything: streams are made and run, and every handler both accepts and refuses.
      expect(whileRunning).toBeGreaterThan(MESSAGES / 20);
      expect(outcomes.size).toBeGreaterThan(80);
      const accepted = [
        "G14",
        "G17",
        "G18",
        "G19",
        "M0",
        "M3",
        "M4",
        "M5",
        "M6",
        "M7",
        "M8",
        "M11",
      ];
      for (const type of accepted) {
        expect(outcomes.get(`${type}:0`), `${type} accepted`).toBeGreaterThan(5);
        const refusals = [...outcomes.keys()].filter((key) => key.startsWith(`${type}:`));
        expect(refusals.length, `${type} refused`).toBeGreaterThan(1);
      }
    },
    MINUTES * 60_000,
  );

  it("break no rule of privilege, lifetime, progress, coherence or races", () => {
    const firmware = { checked: true } as const;
    const { sent, whileRunning } = fuzzMessages({ messages: 2000, seed: SEED + 2, firmware });
    expect(sent).toBe(2000);
    expect(whileRunning).toBeGreaterThan(100);
  }, 60_000);

  it("meet the same fate again for the same seed", () => {
    const options = { messages: 600, seed: SEED + 1 };
    expect(fuzzMessages(options)).toEqual(fuzzMessages(options));
  });
});

describe("a list that fails", () => {
  it("is cut down to what the failure needs", () => {
    const list = Array.from({ length: 100 }, (_, i) => i);
    const needed = [3, 4, 50, 98];
    const fails = (items: readonly number[]) => needed.every((item) => items.includes(item));
    expect(shrink(list, fails)).toEqual(needed);
    expect(shrink(list, (items) => items.length > 0)).toHaveLength(1);
  });
});
