import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaultLimits, meterModule } from "@sof-ts/wasm-sandbox";
import { GLOBALS, randomProgram, STEPS } from "./random-program.js";

/** What a program did: its result or trap, its memory and its globals. */
interface Outcome {
  readonly result: number | string;
  readonly memory: string;
  readonly globals: readonly number[];
}

function run(exports: WebAssembly.Exports, a: number, b: number): Outcome {
  let result: number | string;
  try {
    result = (exports["main"] as (a: number, b: number) => number)(a, b);
  } catch (error) {
    result = (error as Error).message;
  }
  const memory = Buffer.from((exports["memory"] as WebAssembly.Memory).buffer);
  const globals = Array.from({ length: GLOBALS }, (_, i) =>
    (exports[`global ${i}`] as () => number)(),
  );
  return { result, memory: digest(memory), globals };
}

/** A number for the contents of a memory (FNV-1a over words), and its length. */
function digest(memory: Buffer): string {
  let hash = 0x811c9dc5;
  const words = new Uint32Array(memory.buffer, memory.byteOffset, memory.length >> 2);
  for (const word of words) hash = Math.imul(hash ^ word, 0x01000193);
  return `${memory.length}:${hash}`;
}

const BUDGET = 100_000_000;
const limits = { ...defaultLimits, stackBytes: 1 << 18 };

describe("random programs", () => {
  it("do the same with metering as without, for the same fuel each time, and stop without it", () => {
    let ended = 0;
    let trapped = 0;
    fc.assert(
      fc.property(fc.integer({ min: 0 }), fc.integer(), fc.integer(), (seed, a, b) => {
        const binary = randomProgram(seed);
        const plain = new WebAssembly.Instance(new WebAssembly.Module(binary));
        const expected = run(plain.exports, a, b);

        const compiled = new WebAssembly.Module(meterModule(binary, "random", limits).bytes);
        const on = (budget: number) => {
          const { exports } = new WebAssembly.Instance(compiled);
          const refuel = exports["__sof_refuel"] as (budget: number) => number;
          const gauge = (name: string) => (exports[name] as WebAssembly.Global).value as number;
          refuel(budget);
          let result: number | string;
          try {
            result = (exports["main"] as (a: number, b: number) => number)(a, b);
          } catch (error) {
            result = (error as Error).message;
          }
          const left = gauge("__sof_fuel");
          const depth = gauge("__sof_depth");
          refuel(BUDGET);
          const outcome = run({ ...exports, main: () => 0 }, 0, 0);
          return { left, depth, outcome: { ...outcome, result } };
        };

        const full = on(BUDGET);
        expect(full.outcome).toEqual(expected);
        const used = BUDGET - full.left;
        // Each statement counts itself with four instructions: none may be free.
        expect(used).toBeGreaterThanOrEqual(4 * (expected.globals[STEPS] as number));
        if (typeof expected.result === "number") {
          ended++;
          expect(full.depth).toBe(0);
        } else trapped++;

        const exact = on(used);
        expect(exact.outcome).toEqual(expected);
        expect(exact.left).toBe(0);
        const short = on(used - 1);
        expect(short.outcome.result).toBe("unreachable");
        expect(short.left).toBeLessThan(0);
      }),
      { numRuns: 150 },
    );
    expect(ended).toBeGreaterThan(25);
    expect(trapped).toBeGreaterThan(5);
  });
});
