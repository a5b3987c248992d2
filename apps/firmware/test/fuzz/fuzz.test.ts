import { describe, expect, it } from "vitest";
import { fuzzMessages, kindOf } from "./fuzz-messages.js";
import { shrink } from "./shrink.js";

/** Ten times as many in continuous integration. */
const MESSAGES = Number(process.env["SOF_TS_FUZZ_MESSAGES"] ?? 20_000);
const SEED = Number(process.env["SOF_TS_FUZZ_SEED"] ?? 1);
const MINUTES = 30;

/** Each platform, and each way to keep the graph whole, with a library loaded. */
const firmwares = [
  { config: { platform: "tgl", locking: "user-ll" }, library: true },
  { config: { platform: "mtl", locking: "user-ll" }, library: true },
  { config: { platform: "lnl", locking: "kernel-ll" }, library: true },
  { config: { platform: "ptl", locking: "component-mutex" }, library: true },
] as const;
/** Checked runs take longer; their messages are other ones. */
const CHECKED_SHARE = 1 / 20;

const accepted = ["G14", "G17", "G18", "G19", "M0", "M3", "M4", "M5", "M6", "M7", "M8", "M11"];

describe("messages of all kinds to a streaming firmware", () => {
  it.each(firmwares)(
    "harm nothing that goes on, and leave nothing: $config.platform, $config.locking",
    (firmware) => {
      const messages = Math.ceil((MESSAGES * (1 - CHECKED_SHARE)) / firmwares.length);
      const { sent, outcomes, whileRunning } = fuzzMessages({ messages, seed: SEED, firmware });
      expect(sent).toBe(messages);
      // They reach everything: streams are made and run, and every handler both accepts and refuses.
      expect(whileRunning).toBeGreaterThan(messages / 20);
      expect(outcomes.size).toBeGreaterThan(80);
      for (const type of accepted) {
        expect(outcomes.get(`${type}:0`), `${type} accepted`).toBeGreaterThan(0);
        const refusals = [...outcomes.keys()].filter((key) => key.startsWith(`${type}:`));
        expect(refusals.length, `${type} refused`).toBeGreaterThan(1);
      }
    },
    MINUTES * 60_000,
  );

  it.each(firmwares)(
    "break no rule of privilege, lifetime, progress, coherence or races: $config.platform, $config.locking",
    (firmware) => {
      const messages = Math.max(1000, Math.ceil((MESSAGES * CHECKED_SHARE) / firmwares.length));
      const checked = { ...firmware, checked: true } as const;
      const { sent, whileRunning } = fuzzMessages({ messages, seed: SEED + 1, firmware: checked });
      expect(sent).toBe(messages);
      expect(whileRunning).toBeGreaterThan(messages / 25);
    },
    MINUTES * 60_000,
  );

  it.each(firmwares)(
    "leave nothing either where any allocation may fail: $config.platform, $config.locking",
    (firmware) => {
      const messages = Math.max(1000, Math.ceil((MESSAGES * CHECKED_SHARE) / firmwares.length));
      const short = { ...firmware, shortOfMemory: true };
      const outcome = fuzzMessages({ messages, seed: SEED + 3, firmware: short });
      expect(outcome.sent).toBe(messages);
      expect(outcome.shortages).toBeGreaterThan(messages / 60);
    },
    MINUTES * 60_000,
  );

  it("meet the same fate again for the same seed", () => {
    const options = { messages: 600, seed: SEED + 2 };
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

  it("keeps the failure that it had, whatever others its parts run into", () => {
    const told = "the stream on core 1: frame 54096: heard 0 0\n  more";
    expect(kindOf(told)).toBe(kindOf("the stream on core 0: frame 7: heard 0 0"));
    expect(kindOf("left behind {1}, not {2}")).not.toBe(kindOf(told));
    const race = (address: string) => `races: write-after-read: pipeline 9.copyOrder at ${address}`;
    expect(kindOf(race("0x202ec"))).toBe(kindOf(race("0x1fe")));
    expect(kindOf(race("0x1"))).not.toBe(kindOf(race("0x1").replace("copyOrder", "state")));
  });
});
