import { type FunctionSource, IsolatedFunctions, IsolatedProgram } from "@sof-ts/wasm-sandbox";

/** Code of a library that may call, and be called by, other code of the same library. */
export interface LinkableUnit {
  /** What it is, for errors. */
  readonly source: string;
  readonly wasm: Uint8Array;
  /** Functions that others may call. */
  readonly offers: readonly string[];
}

/**
 * Compiles a module for the sandbox with what it takes from the other units of its library, as the firmware does
 * when it links it.
 *
 * @throws InputError for code that the sandbox refuses, or a function that nobody offers
 */
export function linkProgram(unit: LinkableUnit, units: readonly LinkableUnit[]): IsolatedProgram {
  return IsolatedProgram.load(unit.wasm, unit.source, {}, sourcesOf(unit, units, []));
}

/** As {@link linkProgram} for a unit that has functions for others only. */
export function linkFunctions(
  unit: LinkableUnit,
  units: readonly LinkableUnit[],
  callers: readonly LinkableUnit[] = [],
): IsolatedFunctions {
  return IsolatedFunctions.load(unit.wasm, unit.source, {}, sourcesOf(unit, units, callers));
}

/** Units that offer what `unit` imports. One that calls in a circle finds nothing, and is refused for that. */
function sourcesOf(
  unit: LinkableUnit,
  units: readonly LinkableUnit[],
  callers: readonly LinkableUnit[],
): readonly FunctionSource[] {
  const path = [...callers, unit];
  const wanted = importsOf(unit.wasm);
  return units
    .filter((other) => !path.includes(other))
    .map((other) => ({ other, symbols: other.offers.filter((name) => wanted.has(name)) }))
    .filter(({ symbols }) => symbols.length > 0)
    .map(({ other, symbols }) => ({ from: linkFunctions(other, units, path), symbols }));
}

/** Names of imported functions; none for what is no WebAssembly, which the sandbox says better. */
function importsOf(wasm: Uint8Array): ReadonlySet<string> {
  const own = wasm as Uint8Array<ArrayBuffer>;
  if (!WebAssembly.validate(own)) return new Set();
  const imports = WebAssembly.Module.imports(new WebAssembly.Module(own));
  return new Set(imports.filter(({ kind }) => kind === "function").map(({ name }) => name));
}
