import { describe, expect, it } from "vitest";
import { defaultLimits, IsolatedProgram, meterModule } from "@sof-ts/wasm-sandbox";
import { make, Rings, words } from "./kit.js";
import { assemble, type FunctionText, I32, I64, moduleWith, s32, u32, V128 } from "./assembler.js";

const END = 0x0b;

/** Fuel that `main(argument)` takes, and its result. */
function fuelOf(main: FunctionText, others: readonly FunctionText[] = [], argument = 0) {
  const metered = meterModule(assemble({ functions: [main, ...others] }), "test");
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(metered.bytes));
  const refuel = exports["__sof_refuel"] as (budget: number) => number;
  refuel(1_000_000);
  const result = (exports["main"] as (a: number) => unknown)(argument);
  return { fuel: 1_000_000 - refuel(0), result };
}

const main = (code: readonly number[], more: Partial<FunctionText> = {}): FunctionText => ({
  name: "main",
  params: [I32],
  results: [I32],
  code,
  ...more,
});

describe("fuel", () => {
  it("is one for each instruction of a straight line", () => {
    // (argument + 1) * 3
    const code = [0x20, 0, 0x41, 1, 0x6a, 0x41, 3, 0x6c];
    expect(fuelOf(main(code), [], 4)).toEqual({ fuel: 5, result: 15 });
  });

  it("is one at least, so that calls of empty functions are not free", () => {
    const nothing: FunctionText = { code: [] };
    // Two calls of 5, a constant, 6 for the stack, 1 for each call inside.
    expect(fuelOf(main([0x10, 1, 0x10, 1, 0x41, 0]), [nothing]).fuel).toBe(2 * 5 + 1 + 6 + 2);
  });

  it("is ten for a division and a square root", () => {
    expect(fuelOf(main([0x20, 0, 0x41, 1, 0x6d])).fuel).toBe(12);
    expect(fuelOf(main([0x43, 0, 0, 0, 0, 0x91, 0x1a, 0x41, 0])).fuel).toBe(13);
  });

  it("is taken for each turn of a loop", () => {
    // do { argument-- } while (argument)
    const code = [0x03, 0x40, 0x20, 0, 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0, END, 0x20, 0];
    for (const turns of [1, 2, 50]) {
      expect(fuelOf(main(code), [], turns)).toEqual({ fuel: 1 + 6 * turns, result: 0 });
    }
  });

  it("counts a loop inside a loop on its own", () => {
    // outer: local 1 = 3; inner: local 1--; argument--
    const code = [
      [0x03, 0x40, 0x41, 3, 0x21, 1],
      [0x03, 0x40, 0x20, 1, 0x41, 1, 0x6b, 0x22, 1, 0x0d, 0, END],
      [0x20, 0, 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0, END, 0x20, 0],
    ].flat();
    const { fuel } = fuelOf(main(code, { locals: [I32] }), [], 4);
    expect(fuel).toBe(1 + 4 * (1 + 2 + 5) + 4 * 3 * 6);
  });

  it("goes with the length of what a bulk operation moves", () => {
    const fill = [0x41, 0, 0x41, 0, 0x20, 0, 0xfc, 11, 0, 0x41, 0];
    expect([0, 8, 800, 65536].map((bytes) => fuelOf(main(fill), [], bytes).fuel)).toEqual([
      9,
      10,
      109,
      9 + 8192,
    ]);
  });

  it("pays for new memory by the page, and not for what is refused", () => {
    const grow = [0x20, 0, 0x40, 0];
    expect(fuelOf(main(grow), [], 2)).toEqual({ fuel: 201 + 2 * 8192, result: 1 });
    expect(fuelOf(main(grow), [], 0)).toEqual({ fuel: 201, result: 1 });
    expect(fuelOf(main(grow), [], 64)).toEqual({ fuel: 201, result: -1 });
    expect(fuelOf(main(grow), [], -1)).toEqual({ fuel: 201, result: -1 });
  });

  it("stops the module before the work that it does not suffice for", () => {
    const code = [0x41, 16, 0x41, 7, 0x36, 2, 0, 0x41, 0];
    const { bytes } = meterModule(assemble({ functions: [main(code)] }), "test");
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
    const memory = new Int32Array((exports["memory"] as WebAssembly.Memory).buffer);
    const run = exports["main"] as (a: number) => number;
    const refuel = exports["__sof_refuel"] as (budget: number) => number;
    refuel(3);
    expect(() => run(0)).toThrow("unreachable");
    expect(memory[4]).toBe(0);
    expect((exports["__sof_fuel"] as WebAssembly.Global).value).toBeLessThan(0);
    refuel(4);
    expect(run(0)).toBe(0);
    expect(memory[4]).toBe(7);
    expect(refuel(0)).toBe(0);
  });
});

describe("the stack", () => {
  const depthOf = (exports: WebAssembly.Exports): number =>
    (exports["__sof_depth"] as WebAssembly.Global).value as number;

  it.each([
    ["at its end", [0x10, 1, 0x41, 1]],
    ["by return", [0x10, 1, 0x41, 1, 0x0f]],
    [
      "by return from inside blocks",
      [0x10, 1, 0x02, 0x40, 0x03, 0x40, 0x41, 1, 0x0f, END, END, 0x41, 2],
    ],
    ["by a branch to its outermost label", [0x10, 1, 0x02, 0x40, 0x41, 1, 0x0c, 1, END, 0x41, 2]],
    ["by a conditional branch", [0x10, 1, 0x41, 1, 0x41, 1, 0x0d, 0]],
    [
      "by a table of branches",
      [0x10, 1, 0x02, 0x40, 0x41, 1, 0x41, 0, 0x0e, 1, 1, 1, END, 0x41, 2],
    ],
  ])("is given back by a function that is left %s", (_how, code) => {
    const { bytes } = meterModule(assemble({ functions: [main(code), { code: [] }] }), "test");
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
    (exports["__sof_refuel"] as (budget: number) => number)(1000);
    expect((exports["main"] as (a: number) => number)(0)).toBe(1);
    expect(depthOf(exports)).toBe(0);
  });

  it("is given back by a function of several results", () => {
    const pair: FunctionText = {
      results: [I32, I64],
      params: [I32],
      code: [0x20, 0, 0x10, 2, 0x1a, 0x42, 5, 0x0f],
    };
    const { bytes } = meterModule(
      assemble({
        functions: [
          main([0x41, 9, 0x10, 1, 0x1a]),
          pair,
          { params: [], results: [I32], code: [0x41, 0] },
        ],
      }),
      "test",
    );
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
    (exports["__sof_refuel"] as (budget: number) => number)(1000);
    expect((exports["main"] as (a: number) => number)(0)).toBe(9);
    expect(depthOf(exports)).toBe(0);
  });

  it("allows the calls that it has room for, and none more", () => {
    // main(n) = n == 0 ? 0 : main(n - 1): one parameter, two operands, 48 bytes for the frame.
    const code = [0x20, 0, 0x04, I32, 0x20, 0, 0x41, 1, 0x6b, 0x10, 0, 0x05, 0x41, 0, END];
    const { bytes } = meterModule(assemble({ functions: [main(code)] }), "test", {
      ...defaultLimits,
      stackBytes: 100 * (48 + 16 * 3),
    });
    const run = (depth: number): unknown => {
      const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
      (exports["__sof_refuel"] as (budget: number) => number)(1_000_000);
      return (exports["main"] as (a: number) => number)(depth);
    };
    expect(run(99)).toBe(0);
    expect(() => run(100)).toThrow("unreachable");
  });
});

describe("the metering pass", () => {
  const program = (text: Parameters<typeof assemble>[0]) => () =>
    IsolatedProgram.load(assemble(text), "evil.wasm");
  const init = (code: readonly number[], locals: readonly number[] = []): FunctionText => ({
    name: "sof_module_init",
    params: [I32],
    results: [I32],
    locals,
    code,
  });
  const functions = moduleWith();

  it("takes a module that has what it needs", () => {
    expect(program({ functions })().source).toBe("evil.wasm");
  });

  it.each([
    ["shared memory", { functions, memory: [3, 1, 1] }, "memory is shared between threads"],
    [
      "memory that it imports",
      { functions, memory: null, raw: { 2: [1, 1, 0x65, 1, 0x6d, 2, 0, 1] } },
      'imports "e.m", which is no function',
    ],
    ["no memory", { functions, memory: null }, "no memory"],
    ["memory under another name", { functions, memoryName: "mem" }, `memory as "memory"`],
    ["too much memory", { functions, memory: [0, ...u32(65)] }, "needs 65 pages"],
    [
      "a huge table",
      { functions, table: [0], tableLimits: [0, ...u32(100_000)] },
      "100000 entries",
    ],
    [
      "imports that are not there",
      { functions, imports: [{ module: "fs", name: "open", params: [I32] }] },
      'imports "fs.open", which is not there',
    ],
    [
      "imports of another type",
      { functions, imports: [{ module: "sof", name: "log", params: [I64] }] },
      'imports "sof.log" with another type than (i32, i32) -> ()',
    ],
    [
      "a name that is the host's",
      { functions: [...functions, { name: "__sof_fuel", code: [] }] },
      'exports "__sof_fuel"',
    ],
    [
      "no init",
      { functions: functions.filter(({ name }) => name !== "sof_module_init") },
      "does not export sof_module_init",
    ],
    [
      "an operation of another type",
      {
        functions: moduleWith({
          name: "sof_module_reset",
          params: [I32],
          results: [I32],
          code: [0x41, 0],
        }),
      },
      "exports sof_module_reset with another type than () -> (i32)",
    ],
    [
      "an optional operation of another type",
      { functions: moduleWith({ name: "sof_module_trigger", results: [I32], code: [0x41, 0] }) },
      "exports sof_module_trigger with another type",
    ],
    ["atomics", { functions: moduleWith(init([0xfe, 3, 0, 0x41, 0])) }, "uses atomics"],
    [
      "tail calls",
      { functions: moduleWith(init([0x20, 0, 0x12, 6])) },
      /uses tail calls|not available|enable/,
    ],
    [
      "exceptions",
      { functions: moduleWith(init([0x06, 0x40, 0x19, END, 0x41, 0])) },
      "uses exception handling",
    ],
    [
      "relaxed SIMD",
      {
        functions: moduleWith(
          init(
            [
              [0xfd, 12, ...Array<number>(16).fill(0)],
              [0xfd, 12, ...Array<number>(16).fill(0)],
              [0xfd, ...u32(0x100), 0x1a, 0x41, 0],
            ].flat(),
          ),
        ),
      },
      /uses relaxed SIMD|not available/,
    ],
    [
      "locals of a foreign type",
      { functions: moduleWith(init([0x41, 0], [0x6f])) },
      "value type 0x6f",
    ],
    [
      "parameters of a foreign type",
      { functions, types: [[0x60, 1, 0x6f, 0]] },
      "value type 0x6f is not supported",
    ],
    [
      "a table of foreign things",
      { functions, table: [], raw: { 4: [1, 0x6f, 0, 1], 9: [0] } },
      "a table that holds other than functions",
    ],
    [
      "a frame larger than its stack",
      { functions: moduleWith(init([0x41, 0], Array<number>(9000).fill(V128))) },
      "bytes of stack; 131072 is the limit",
    ],
    [
      "an instruction that does not validate",
      { functions: moduleWith(init([0x6a])) },
      "evil.wasm: ",
    ],
  ] as const)("refuses %s", (_what, text, message) => {
    let refusal: unknown;
    try {
      program(text)();
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toMatchObject({ name: "InputError", source: "evil.wasm" });
    expect((refusal as Error).message).toMatch(message);
  });

  it("refuses what is no WebAssembly, and what is too large", () => {
    const load = (bytes: Uint8Array) => () => IsolatedProgram.load(bytes, "x");
    expect(load(new Uint8Array(0))).toThrow("BufferSource argument is empty");
    expect(load(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8))).toThrow("magic word");
    expect(load(new Uint8Array((1 << 20) + 1))).toThrow("1048577 bytes; 1048576 is the limit");
  });

  it("is not led astray by numbers that are longer than they need be", () => {
    // A memory index of two bytes in `memory.size`, `memory.grow` and `memory.fill`: either the engine
    // refuses it, or the pass reads it at its full length.
    const long = [0x80, 0x00];
    const code = [0x3f, ...long, 0x40, ...long, 0x1a, 0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 11, ...long];
    const binary = assemble({ functions: [main([...code, 0x41, 7])] });
    if (WebAssembly.validate(binary)) {
      expect(fuelOf(main([...code, 0x41, 7])).result).toBe(7);
    } else expect(() => meterModule(binary, "x")).toThrow("x: ");
    // A block type "none" of two bytes.
    const block = assemble({ functions: [main([0x02, 0xc0, 0x7f, END, 0x41, 7])] });
    expect(() => meterModule(block, "x")).toThrow(/unknown block type|x: /);
  });

  it("survives any truncation and any flipped bit of a module, or refuses it as bad input", () => {
    const binary = assemble({
      imports: [{ module: "sof", name: "log", params: [I32, I32] }],
      functions: moduleWith(
        init([0x02, 0x40, 0x03, 0x40, 0x20, 0, 0x0d, 1, 0x0c, 0, END, END, 0x41, 0], [I32, V128]),
        { name: "x", results: [I32, I32], code: [0x41, 1, 0x41, 2, 0x10, 1, 0x1a, 0x0f] },
      ),
      table: [1, 2],
      globals: [5],
      data: [{ offset: 16, bytes: [1, 2, 3] }],
    });
    let refused = 0;
    const attempt = (bytes: Uint8Array): void => {
      try {
        IsolatedProgram.load(bytes, "mutant");
      } catch (error) {
        refused++;
        expect((error as Error).name).toBe("InputError");
        return;
      }
      // What loads runs to an end of some kind.
      const { result } = make(bytes, words(1), { controlFuel: 10_000 });
      if (typeof result === "number") return;
      const rings = new Rings();
      expect(result.process([rings.ring(64)], [rings.ring(64)])).toBeLessThanOrEqual(0);
      result.free();
    };
    for (let length = 0; length < binary.length; length++) attempt(binary.slice(0, length));
    // Without its last section, the data, the module is whole.
    expect(refused).toBe(binary.length - 1);
    for (let bit = 0; bit < 8 * binary.length; bit++) {
      const mutant = binary.slice();
      mutant[bit >> 3] = (mutant[bit >> 3] as number) ^ (1 << (bit & 7));
      attempt(mutant);
    }
    expect(refused).toBeGreaterThan(4 * binary.length);
  });

  it("lets memory and tables grow to their limit, the module's own if that is lower", () => {
    const maxOf = (memory: readonly number[]): unknown => {
      const { bytes } = meterModule(
        assemble({ functions: [main([0x20, 0, 0x40, 0])], memory }),
        "x",
      );
      const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
      (exports["__sof_refuel"] as (budget: number) => number)(10_000_000);
      const grow = exports["main"] as (pages: number) => number;
      let pages = 1;
      while (grow(1) >= 0) pages++;
      return pages;
    };
    expect(maxOf([0, 1])).toBe(64);
    expect(maxOf([1, 1, 10])).toBe(10);
    expect(maxOf([1, 1, ...u32(1000)])).toBe(64);
  });

  it("writes signed constants of any size", () => {
    for (const value of [0, 63, 64, -64, -65, 8191, -8192, 0x7fff_ffff, -0x8000_0000]) {
      expect(fuelOf(main([0x41, ...s32(value)])).result).toBe(value);
    }
  });
});
