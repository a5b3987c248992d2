import { describe, expect, it } from "vitest";
import { Bench, format, payload, words } from "../../test/kit.js";
import { encodeSamples, type IntegerFormat } from "../../test/signals.js";
import { detectTestDriver } from "./driver.js";

const EINVAL = -22;

function detector(fmt: IntegerFormat): Bench {
  const stream = format(fmt, 1, 16000);
  const bench = new Bench(detectTestDriver, payload(stream), stream);
  expect(bench.module.prepare([bench.source], [])).toBe(0);
  return bench;
}

/** Plays constant levels of 16-bit magnitude, 16 frames each. */
function play(bench: Bench, fmt: IntegerFormat, ...levels: number[]): number {
  const up = fmt === "s16" ? 0 : fmt === "s24" ? 8 : 16;
  for (const level of levels) {
    bench.run(
      encodeSamples(
        Array.from({ length: 16 }, () => -level * 2 ** up),
        fmt,
      ),
      16,
    );
  }
  return bench.services.phrases.length;
}

describe("detect_test", () => {
  it.each(["s16", "s24", "s32"] as const)("hears a sound over the threshold in %s, once", (fmt) => {
    const bench = detector(fmt);
    expect(bench.configure(2, words(20, 0, 0, 5000, 0))).toBe(0);
    expect(play(bench, fmt, 100, 5000)).toBe(0);
    expect(play(bench, fmt, 5001, 9000)).toBe(1);
    expect(bench.services.phrases).toEqual([{ wordId: 1, score: 8192 }]);
  });

  it("follows the level by the activation shift", () => {
    const bench = detector("s16");
    // After n samples of 8000 the level is 8000 * (1 - (7/8)^n): over 7000 from the 16th on.
    expect(bench.configure(2, words(20, 0, 3, 7000, 0))).toBe(0);
    expect(play(bench, "s16", 8000)).toBe(1);
    const slower = detector("s16");
    expect(slower.configure(2, words(20, 0, 3, 7100, 0))).toBe(0);
    expect(play(slower, "s16", 8000)).toBe(0);
  });

  it("gives its configuration back and refuses others", () => {
    const bench = detector("s16");
    const config = words(20, 10, 4, 3000, 1500);
    expect(bench.configure(2, config)).toBe(0);
    expect(bench.configure(2, words(20, 10, 16, 3000, 1500))).toBe(EINVAL);
    expect(bench.configure(2, words(16, 10, 4, 3000))).toBe(EINVAL);
    expect(bench.configure(3, config)).toBe(EINVAL);
    const out = new Uint8Array(20);
    expect(bench.module.getConfiguration?.(3, out)).toBe(20);
    expect(out).toEqual(config);
    expect(bench.module.getConfiguration?.(1, out)).toBe(EINVAL);
    expect(bench.configure(1, new Uint8Array(64))).toBe(0);
  });
});
