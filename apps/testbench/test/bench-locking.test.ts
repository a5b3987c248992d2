import { describe, expect, it } from "vitest";
import { main } from "../src/index.js";

async function sof(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = "";
  let err = "";
  const code = await main(["bench", "locking", ...args], {
    out: (text) => (out += text),
    err: (text) => (err += text),
    interactive: false,
  });
  return { code, out, err };
}

interface Cost {
  readonly systemCalls: number;
  readonly lockOperations: number;
  readonly cycles: number;
  readonly overheadCycles: number;
}

interface Report {
  readonly ticks: number;
  readonly rows: readonly {
    readonly pipelines: number;
    readonly components: number;
    readonly perTick: Readonly<Record<"component-mutex" | "user-ll" | "kernel-ll", Cost>>;
  }[];
}

const small = ["--pipelines", "1,3", "--components", "2-4", "--ticks", "10"] as const;

describe("sof-testbench bench locking", () => {
  it("counts system calls and lock operations of each strategy", async () => {
    const { code, out, err } = await sof(...small, "--json");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const { rows, ticks } = JSON.parse(out) as Report;
    expect(ticks).toBe(10);
    expect(rows.map(({ pipelines, components }) => [pipelines, components])).toEqual(
      [1, 3].flatMap((pipelines) => [2, 3, 4].map((components) => [pipelines, components])),
    );
    for (const { pipelines, components, perTick } of rows) {
      // The tick's, and for each pipeline its task's, each component's, and the graph's around and between these.
      const locks = 2 + 2 * pipelines + 2 * pipelines * (components + components + 1);
      // What is no lock: the tick's semaphore; status and reload of the DMA at both ends of each pipeline.
      const others = 1 + 2 * 2 * pipelines;
      expect(perTick["component-mutex"]).toMatchObject({
        systemCalls: locks + others,
        lockOperations: locks,
      });
      expect(perTick["user-ll"]).toMatchObject({ systemCalls: 2 + others, lockOperations: 2 });
      expect(perTick["kernel-ll"]).toMatchObject({ systemCalls: 0, lockOperations: 2 });
    }
  });

  it("finds the tick shortest in kernel LL and longest with a mutex for each component", async () => {
    const { rows } = JSON.parse((await sof(...small, "--json")).out) as Report;
    for (const { perTick } of rows) {
      const order = (["kernel-ll", "user-ll", "component-mutex"] as const).map(
        (name) => perTick[name],
      );
      for (const key of ["cycles", "overheadCycles"] as const) {
        const values = order.map((cost) => cost[key]);
        expect(values).toEqual([...values].sort((a, b) => a - b));
        expect(new Set(values).size).toBe(3);
      }
    }
  });

  it("prints a table with a row for each number of pipelines and components", async () => {
    const { code, out } = await sof("--pipelines", "2", "--components", "2,3", "--ticks", "5");
    expect(code).toBe(0);
    const rows = out.split("\n").filter((line) => /^│ +2 │/.test(line));
    expect(rows.map((row) => row.split("│").map((cell) => cell.trim()))).toEqual([
      [
        "",
        "2",
        "2",
        "35",
        "26",
        ...anything(2),
        "11",
        "2",
        ...anything(2),
        "0",
        "2",
        ...anything(3),
      ],
      [
        "",
        "2",
        "3",
        "43",
        "34",
        ...anything(2),
        "11",
        "2",
        ...anything(2),
        "0",
        "2",
        ...anything(3),
      ],
    ]);
  });

  it("prints the same twice", async () => {
    expect(await sof(...small)).toEqual(await sof(...small));
  });

  it.each([
    ["--pipelines", "9"],
    ["--components", "1"],
    ["--pipelines", "two"],
    ["--ticks", "1.5"],
    ["--platform", "vax"],
  ])("refuses %s %s", async (option, value) => {
    const { code, out, err } = await sof(option, value);
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toContain(option);
  });

  it("explains itself with an example", async () => {
    const { code, out } = await sof("--help");
    expect(code).toBe(0);
    expect(out).toContain("sof-testbench bench locking --pipelines 1,4,8 --components 4");
  });
});

function anything(count: number): readonly unknown[] {
  return Array.from({ length: count }, () => expect.any(String));
}
