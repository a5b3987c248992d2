import { describe, expect, it } from "vitest";
import { checkBenches } from "./bench.js";
import { measure } from "./measure.js";
import { formatNs, formatReport } from "./report.js";

const effort = { samples: 5, sampleMs: 10, warmUpMs: 20 };

/** A benchmark whose iterations take a set time on a clock of its own. */
function simulated(iterationNs: number, noise: readonly number[] = [0]) {
  let now = 0;
  let calls = 0;
  const runs: number[] = [];
  const run = (iterations: number) => {
    runs.push(iterations);
    now += iterations * iterationNs * (1 + (noise[calls++ % noise.length] as number));
  };
  return { run, clock: () => now, runs };
}

describe("measure", () => {
  it("finds the time of one operation whatever an iteration takes", () => {
    for (const iterationNs of [5, 300, 40_000, 3e6, 5e7]) {
      const { run, clock } = simulated(iterationNs);
      const result = measure({ name: "x", run, perIteration: 10 }, "p/x", effort, clock);
      expect(result.medianNs).toBeCloseTo(iterationNs / 10, 6);
      expect(result).toMatchObject({ name: "p/x", unit: "op", samples: 5 });
    }
  });

  it("fills the time of a sample with iterations, and takes at least one", () => {
    const fast = simulated(100);
    expect(measure({ name: "x", run: fast.run }, "x", effort, fast.clock).iterations).toBe(100_000);
    expect(fast.runs.slice(-5)).toEqual([100_000, 100_000, 100_000, 100_000, 100_000]);
    const slow = simulated(1e9);
    expect(measure({ name: "x", run: slow.run }, "x", effort, slow.clock).iterations).toBe(1);
  });

  it("runs warm before it measures", () => {
    const { run, clock, runs } = simulated(1000);
    measure({ name: "x", run }, "x", effort, clock);
    const warm = runs.slice(0, -5).reduce((sum, iterations) => sum + iterations, 0);
    expect(warm * 1000).toBeGreaterThanOrEqual(20e6);
  });

  it("reports median, least and greatest, not a mean that one hiccup moves", () => {
    const { run, clock } = simulated(1e8, [0, 0.1, 0, 9, 0.2]);
    const result = measure({ name: "x", run }, "x", { ...effort, warmUpMs: 0 }, clock);
    expect([result.minNs, result.medianNs, result.maxNs].map((ns) => Math.round(ns / 1e7))).toEqual(
      [10, 11, 100],
    );
  });

  it("sets up first, and does not time it", () => {
    const { run, clock } = simulated(2000);
    const order: string[] = [];
    const bench = {
      name: "x",
      setUp: () => order.push("set up"),
      run: (iterations: number) => {
        order.push("run");
        run(iterations);
      },
    };
    expect(measure(bench, "x", effort, clock).medianNs).toBeCloseTo(2000, 6);
    expect(order.filter((what) => what === "set up")).toEqual(["set up"]);
    expect(order[0]).toBe("set up");
  });

  it("turns audio made per iteration into multiples of real time", () => {
    const { run, clock } = simulated(2000);
    const bench = { name: "x", run, perIteration: 48, realTimeMs: 1 };
    expect(measure(bench, "x", effort, clock).realTime).toBeCloseTo(500, 6);
  });
});

describe("checkBenches", () => {
  it("names what is wrong with a module", () => {
    const run = () => {};
    expect(checkBenches([{ name: "a", run }], "f")).toHaveLength(1);
    expect(() => checkBenches(undefined, "f")).toThrow("f: benches is not a list");
    expect(() => checkBenches([{ run }], "f")).toThrow("benches[0].name");
    expect(() => checkBenches([{ name: "a", run }, { name: "b" }], "f")).toThrow("benches[1].run");
    expect(() => checkBenches([{ name: "a", run, realTimeMs: "1" }], "f")).toThrow(
      "realTimeMs is not a number",
    );
  });
});

describe("formatReport", () => {
  const result = (name: string, medianNs: number) => ({
    name,
    unit: "op",
    medianNs,
    minNs: medianNs,
    maxNs: medianNs,
    samples: 5,
    iterations: 1,
  });
  const report = (...results: ReturnType<typeof result>[]) => ({ node: "v20", cpu: "x", results });

  it("shows ratios to a baseline, and what is new", () => {
    const lines = formatReport(
      report(result("a", 150), result("b", 1)),
      report(result("a", 100)),
    ).split("\n");
    expect(lines[0]).toMatch(/benchmark +median +min +max +per +per second +baseline +ratio/);
    expect(lines[2]).toMatch(/a +150 ns +150 ns +150 ns +op +6670000 +100 ns +1\.50/);
    expect(lines[3]).toMatch(/b .* new/);
  });

  it("says how often that is in a second", () => {
    const rates = [9520, 41.3e6, 2e9].map((ns) => formatReport(report(result("a", ns))));
    expect(rates.map((text) => text.trimEnd().split(/ +/).at(-1))).toEqual([
      "105000",
      "24.2",
      "0.50",
    ]);
  });

  it("shows real time only where there is some", () => {
    expect(formatReport(report(result("a", 1)))).not.toContain("real time");
    expect(
      formatReport(report({ ...result("a", 1), realTime: 1765.4 } as ReturnType<typeof result>)),
    ).toContain("1765");
  });

  it("compares with the C testbench where its figure is known, and sums up", () => {
    const timed = (name: string, realTime: number, reference: number) => ({
      ...result(name, 1),
      realTime,
      reference,
    });
    const lines = formatReport(
      report(timed("a", 400, 100), result("b", 1), timed("c", 50, 50)),
    ).split("\n");
    expect(lines[0]).toMatch(/x real time +C testbench +ours to it/);
    expect(lines[2]).toMatch(/ 400 +100 +4\.00/);
    expect(lines[3]?.trimEnd()).toMatch(/op +1000000000$/);
    expect(lines.at(-1)).toBe(
      "2 paths that the C testbench was timed on: 2.00 times its speed in the geometric mean, 1.00 times in the worst case (c)",
    );
  });

  it("writes three digits and a unit", () => {
    expect([3.456, 34.56, 345.6, 3456, 34_560, 3.4e6, 2e9].map(formatNs)).toEqual([
      "3.46 ns",
      "34.6 ns",
      "346 ns",
      "3456 ns",
      "34.6 us",
      "3.40 ms",
      "2.00 s",
    ]);
  });
});
