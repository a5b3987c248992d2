import {
  type FunctionSource,
  IsolatedFunctions,
  IsolatedModule,
  IsolatedProgram,
} from "@sof-ts/wasm-sandbox";
import { describe, expect, it } from "vitest";
import { assemble, I32, moduleWith } from "./assembler.js";
import { services } from "./kit.js";

const modules = ["__proto__", "toString", "constructor"];
const types = { params: [I32], results: [I32] };
const imports = modules.map((module) => ({ module, name: "valueOf", ...types }));
const load = (code: readonly number[], libraries: readonly FunctionSource[] = []) =>
  IsolatedFunctions.load(
    assemble({
      memory: null,
      imports: libraries.length === 0 ? [] : imports,
      functions: [{ name: "valueOf", ...types, code }],
    }),
    "names.wasm",
    {},
    libraries,
  );

describe("the names of what isolated code imports", () => {
  it("are keys and nothing else: the host's own objects stay as they are", () => {
    const symbols = ["valueOf"];
    const chained = [0x20, 0, 0x10, 0, 0x10, 1, 0x10, 2];
    const leaf = { from: load([0x20, 0, 0x41, 1, 0x6a]), symbols };
    const middle = { from: load(chained, [leaf]), symbols };
    const program = IsolatedProgram.load(
      assemble({
        imports,
        functions: moduleWith({ name: "sof_module_get_param", ...types, code: chained }),
      }),
      "names.wasm",
      {},
      [middle],
    );
    const host = [Object.prototype, Object.prototype.toString, Object] as const;
    const before = host.map((one) => Object.getOwnPropertyDescriptors(one));
    const budgets = { processFuel: 10_000, controlFuel: 10_000 };
    const options = { maxSources: 1, maxSinks: 1, ...budgets };
    const module = IsolatedModule.create(program, services, new Uint8Array(0), options);
    const after = host.map((one) => Object.getOwnPropertyDescriptors(one));
    expect(after).toEqual(before);
    if (typeof module === "number") throw new Error(`create returned ${module}`);
    // Three calls of three calls each.
    expect(module.getConfigParam(5)).toBe(14);
  });
});
