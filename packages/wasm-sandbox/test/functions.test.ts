import {
  type FunctionSource,
  IsolatedFunctions,
  IsolatedModule,
  IsolatedProgram,
  type ModuleFault,
} from "@sof-ts/wasm-sandbox";
import { describe, expect, it } from "vitest";
import { assemble, I32, I64, moduleWith, V128 } from "./assembler.js";
import { wasm as clipperWasm } from "./generated/clipper.js";
import { wasm as curvesWasm } from "./generated/curves.js";
import { binaryOf, Rings, services } from "./kit.js";

const FUNCREF = 0x70;
const PROCESS_FUEL = 100_000;
const curves = IsolatedFunctions.load(binaryOf({ wasm: curvesWasm }), "curves.wasm");
const fromCurves: FunctionSource = { from: curves, symbols: ["clip_block", "limit_of", "spin"] };

/** An instance of `program` between two rings. */
function running(program: IsolatedProgram) {
  const faults: ModuleFault[] = [];
  const module = IsolatedModule.create(program, services, new Uint8Array(0), {
    maxSources: 1,
    maxSinks: 1,
    processFuel: PROCESS_FUEL,
    controlFuel: 1_000_000,
    report: (fault) => faults.push(fault),
  });
  if (typeof module === "number") throw new Error(`create returned ${module}`);
  const rings = new Rings();
  const [source, sink] = [rings.ring(768), rings.ring(768)];
  expect(module.prepare([source], [sink])).toBe(0);
  const period = (...samples: number[]): number[] | number => {
    rings.write(source, samples);
    const rc = module.process([source], [sink]);
    return rc === 0 ? rings.read(sink) : rc;
  };
  return { module, faults, period };
}

const clipper = IsolatedProgram.load(binaryOf({ wasm: clipperWasm }), "clipper.wasm", {}, [
  fromCurves,
]);

/** A library by hand: each function adds to its argument, or hands it on. */
const numbers = (name: string, code: readonly number[], type = I32) =>
  assemble({
    memory: null,
    functions: [{ name, params: [type], results: [type], code: [0x20, 0, ...code] }],
  });

describe("functions of a library", () => {
  it("work in the memory of the instance that calls them", () => {
    const { module, period } = running(clipper);
    expect(period(100, -100, 0x7fffffff, -0x7fffffff)).toEqual([
      100, -100, 0x1fffffff, -0x1fffffff,
    ]);
    expect(module.setConfigParam(0, 24)).toBe(0);
    expect(period(100, -100, 0x7fffffff, -0x7fffffff)).toEqual([100, -100, 127, -127]);
  });

  it("share nothing between instances", () => {
    const [one, other] = [running(clipper), running(clipper)];
    expect(one.module.setConfigParam(0, 24)).toBe(0);
    expect(other.period(1000, -1000)).toEqual([1000, -1000]);
    expect(one.period(1000, -1000)).toEqual([127, -127]);
  });

  it("cost the fuel of who calls them", () => {
    const { module, period } = running(clipper);
    period(1, 2);
    const few = module.cost.cycles;
    period(...Array.from({ length: 96 }, (_, i) => i));
    // A load, two comparisons and a store for each sample, at the least.
    expect(module.cost.cycles).toBeGreaterThan(few + 94 * 10);
  });

  it("that do not end are ended with the instance that called them, and with no other", () => {
    const [one, other] = [running(clipper), running(clipper)];
    expect(one.module.setConfigParam(0, 99)).toBe(0);
    expect(one.period(1, 2)).toBe(-14);
    expect(one.faults.map(({ reason, operation }) => `${reason} in ${operation}`)).toEqual([
      "out-of-fuel in process",
    ]);
    expect(one.faults[0]?.fuelUsed).toBeLessThanOrEqual(PROCESS_FUEL);
    expect(other.period(1, 2)).toEqual([1, 2]);
  });

  it("and their callers have one budget together", () => {
    // 60 % of the budget in the library and 60 % in the module: a loop of known price in each.
    const loop = (rounds: number) => [0x41, ...leb(rounds), 0x21, 0, ...countDown(0)];
    const library = IsolatedFunctions.load(
      assemble({
        memory: null,
        functions: [{ name: "toil", params: [], results: [], locals: [I32], code: loop(10_000) }],
      }),
      "toil.wasm",
    );
    const busy = (own: number) =>
      running(
        IsolatedProgram.load(
          assemble({
            imports: [{ module: "m", name: "toil" }],
            functions: moduleWith({
              name: "sof_module_process",
              params: [I32, I32],
              results: [I32],
              code: [0x10, 0, ...loop(own), 0x41, 0],
            }),
          }),
          "busy.wasm",
          {},
          [{ from: library, symbols: ["toil"] }],
        ),
      );
    expect(busy(10).period()).toEqual([]);
    const over = busy(10_000);
    expect(over.period()).toBe(-14);
    expect(over.faults[0]?.reason).toBe("out-of-fuel");
  });

  it("stop where the budget of the operation ends, however many of them spend it", () => {
    // Each burns 40 % of it and calls the next: the third does not come to its end, and nobody after it runs.
    const burn = [0x41, ...leb(6700), 0x21, 0, ...countDown(0)];
    const burner = (name: string, next: IsolatedFunctions | null) =>
      IsolatedFunctions.load(
        assemble({
          memory: null,
          imports: next === null ? [] : [{ module: "m", name: "next" }],
          functions: [
            { name, locals: [I32], code: [...burn, ...(next === null ? [] : [0x10, 0])] },
          ],
        }),
        `${name}.wasm`,
        {},
        next === null ? [] : [{ from: next, symbols: ["next"] }],
      );
    const last = burner("next", null);
    const middle = burner("next", last);
    const calling = (library: IsolatedFunctions) => {
      const lines: string[] = [];
      const faults: ModuleFault[] = [];
      const program = IsolatedProgram.load(
        assemble({
          imports: [
            { module: "m", name: "next" },
            { module: "sof", name: "log", params: [I32, I32] },
          ],
          functions: moduleWith({
            name: "sof_module_process",
            params: [I32, I32],
            results: [I32],
            // next(); log(0, 1)
            code: [0x10, 0, 0x41, 0, 0x41, 1, 0x10, 1, 0x41, 0],
          }),
        }),
        "calls.wasm",
        {},
        [{ from: library, symbols: ["next"] }],
      );
      const module = IsolatedModule.create(program, services, new Uint8Array(0), {
        maxSources: 1,
        maxSinks: 1,
        processFuel: PROCESS_FUEL,
        controlFuel: 1_000_000,
        report: (fault) => faults.push(fault),
        log: (line) => lines.push(line),
      }) as IsolatedModule;
      return { rc: module.process([], []), used: module.lastOperationCycles, lines, faults };
    };
    const two = calling(middle);
    expect(two).toMatchObject({ rc: 0, faults: [] });
    expect(two.lines).toHaveLength(1);
    expect(two.used).toBeGreaterThan(0.75 * PROCESS_FUEL);
    const three = calling(burner("next", middle));
    expect(three).toMatchObject({ rc: -14, lines: [] });
    expect(three.faults).toMatchObject([{ reason: "out-of-fuel", fuelUsed: PROCESS_FUEL }]);
  });

  it("that trap show what their caller had used until then", () => {
    const trap = IsolatedFunctions.load(
      assemble({ memory: null, functions: [{ name: "f", code: [0x00] }] }),
      "trap.wasm",
    );
    const { period, faults } = running(
      IsolatedProgram.load(
        assemble({
          imports: [{ module: "m", name: "f" }],
          functions: moduleWith({
            name: "sof_module_process",
            params: [I32, I32],
            results: [I32],
            locals: [I32],
            code: [0x41, ...leb(5700), 0x21, 2, ...countDown(2), 0x10, 0, 0x41, 0],
          }),
        }),
        "trapped.wasm",
        {},
        [{ from: trap, symbols: ["f"] }],
      ),
    );
    expect(period()).toBe(-14);
    expect(faults[0]?.reason).toBe("unreachable");
    expect(faults[0]?.fuelUsed).toBeGreaterThan(0.3 * PROCESS_FUEL);
    expect(faults[0]?.fuelUsed).toBeLessThan(0.5 * PROCESS_FUEL);
  });

  it("may come from further libraries, of which each instance has one", () => {
    // add(x) = x + 5; twice(x) = add(add(x)); process returns -twice(1).
    const add = IsolatedFunctions.load(numbers("add", [0x41, 5, 0x6a]), "add.wasm");
    const twice = IsolatedFunctions.load(
      assemble({
        memory: null,
        imports: [{ module: "any", name: "add", params: [I32], results: [I32] }],
        functions: [
          { name: "twice", params: [I32], results: [I32], code: [0x20, 0, 0x10, 0, 0x10, 0] },
        ],
      }),
      "twice.wasm",
      {},
      [{ from: add, symbols: ["add"] }],
    );
    const program = IsolatedProgram.load(
      assemble({
        imports: [
          { module: "x", name: "twice", params: [I32], results: [I32] },
          { module: "y", name: "add", params: [I32], results: [I32] },
        ],
        functions: moduleWith({
          name: "sof_module_process",
          params: [I32, I32],
          results: [I32],
          // 0 - add(twice(1))
          code: [0x41, 0, 0x41, 1, 0x10, 0, 0x10, 1, 0x6b],
        }),
      }),
      "caller.wasm",
      {},
      [
        { from: add, symbols: ["add"] },
        { from: twice, symbols: ["twice"] },
      ],
    );
    expect(running(program).period()).toBe(-16);
  });
});

describe("a function of many parameters", () => {
  it.each([1, 6, 7, 9])("gets all %i of them", (count) => {
    const params = Array.from({ length: count }, () => I32);
    // The sum of all parameters, each doubled as often as its place says.
    const sum = params.flatMap((_, i) => [0x20, i, 0x41, i, 0x74, ...(i === 0 ? [] : [0x6a])]);
    const library = IsolatedFunctions.load(
      assemble({
        memory: null,
        functions: [{ name: "sum", params, results: [I32], code: sum }],
      }),
      "sum.wasm",
    );
    const program = IsolatedProgram.load(
      assemble({
        imports: [{ module: "m", name: "sum", params, results: [I32] }],
        functions: moduleWith({
          name: "sof_module_process",
          params: [I32, I32],
          results: [I32],
          code: [0x41, 0, ...params.flatMap(() => [0x41, 1]), 0x10, 0, 0x6b],
        }),
      }),
      "caller.wasm",
      {},
      [{ from: library, symbols: ["sum"] }],
    );
    expect(running(program).period()).toBe(1 - 2 ** count);
  });
});

describe("a library of functions is refused", () => {
  const load = (bytes: Uint8Array): string => {
    try {
      IsolatedFunctions.load(bytes, "x.wasm");
      return "accepted";
    } catch (error) {
      return (error as Error).message;
    }
  };

  it("with data that would lie over its caller's, but not with a memory of its own", () => {
    const data = [{ offset: 8, bytes: [1, 2, 3] }];
    const functions = [{ name: "f", code: [] }];
    expect(load(assemble({ functions, data }))).toBe("accepted");
    // One import: env.memory, one page at least.
    const memory = [1, 3, ...ascii("env"), 6, ...ascii("memory"), 2, 0, 1];
    const imported = { functions, memory: null, raw: { 2: memory } };
    expect(load(assemble(imported))).toBe("accepted");
    expect(load(assemble({ ...imported, data }))).toContain("data of its own");
  });

  it("with a start function, and with imports that nobody has", () => {
    expect(load(assemble({ functions: [{ code: [] }], start: 0 }))).toContain("start function");
    const imports = [{ module: "env", name: "malloc", params: [I32], results: [I32] }];
    expect(load(assemble({ imports, functions: [] }))).toContain(
      '"env.malloc", which is not there',
    );
  });
});

describe("a module that calls a library is refused", () => {
  const caller = (params: readonly number[]) => () =>
    IsolatedProgram.load(
      assemble({
        imports: [{ module: "env", name: "f", params, results: params }],
        functions: moduleWith(),
      }),
      "caller.wasm",
      {},
      [{ from: IsolatedFunctions.load(numbers("f", [], params[0]), "f.wasm"), symbols: ["f"] }],
    );

  it("with a type that the library's function does not have, with vectors and with references", () => {
    expect(caller([FUNCREF])).toThrow("a reference to a function");
    expect(caller([I32])).not.toThrow();
    expect(caller([I64])).not.toThrow();
    expect(caller([V128])).toThrow("a vector");
    expect(() =>
      IsolatedProgram.load(
        assemble({
          imports: [{ module: "env", name: "spin", params: [I64] }],
          functions: moduleWith(),
        }),
        "caller.wasm",
        {},
        [fromCurves],
      ),
    ).toThrow('imports "env.spin" with another type than () -> ()');
  });

  it("with a function that the library has and does not offer", () => {
    expect(() =>
      IsolatedProgram.load(binaryOf({ wasm: clipperWasm }), "clipper.wasm", {}, [
        { from: curves, symbols: ["clip_block", "limit_of"] },
      ]),
    ).toThrow("curves-import.spin");
  });
});

/** Counts local `index` down to zero. */
function countDown(index: number): number[] {
  // loop; local - 1; tee; br_if 0; end
  return [0x03, 0x40, 0x20, index, 0x41, 1, 0x6b, 0x22, index, 0x0d, 0, 0x0b];
}

/** Signed LEB128 of a number below 2^20. */
function leb(value: number): number[] {
  return [(value & 0x7f) | 0x80, ((value >> 7) & 0x7f) | 0x80, value >> 14];
}

function ascii(text: string): number[] {
  return [...new TextEncoder().encode(text)];
}
