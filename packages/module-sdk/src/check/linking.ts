import { type FunctionSource, IsolatedFunctions, IsolatedProgram } from "@sof-ts/wasm-sandbox";

/** Code of a library that may call, and be called by, other code of the same library. */
export interface LinkableUnit {
  /** What it is, for errors. */
  readonly source: string;
  readonly wasm: Uint8Array;
  /** Functions that others may call. */
  readonly offers: readonly string[];
}

/** The units of one library. */
export type LinkableLibrary = readonly LinkableUnit[];

/**
 * Compiles a module for the sandbox with what it takes from other units, as the firmware does when it links it:
 * first from those of its own library, then from the others in the order of their loading.
 *
 * @param libraries that are loaded, the unit's own among them
 * @throws InputError for code that the sandbox refuses, or a function that nobody offers
 */
export function linkProgram(
  unit: LinkableUnit,
  libraries: readonly LinkableLibrary[],
): IsolatedProgram {
  return IsolatedProgram.load(unit.wasm, unit.source, {}, sourcesOf(unit, libraries, []));
}

/** As {@link linkProgram} for a unit that has functions for others only. */
export function linkFunctions(
  unit: LinkableUnit,
  libraries: readonly LinkableLibrary[],
  callers: readonly LinkableUnit[] = [],
): IsolatedFunctions {
  return IsolatedFunctions.load(unit.wasm, unit.source, {}, sourcesOf(unit, libraries, callers));
}

/** Units that offer what `unit` imports. One that calls in a circle finds nothing, and is refused for that. */
function sourcesOf(
  unit: LinkableUnit,
  libraries: readonly LinkableLibrary[],
  callers: readonly LinkableUnit[],
): readonly FunctionSource[] {
  const path = [...callers, unit];
  const wanted = importsOf(unit.wasm);
  const own = libraries.filter((library) => library.includes(unit));
  const others = libraries.filter((library) => !library.includes(unit));
  return [...own, ...others]
    .flat()
    .filter((other) => !path.includes(other))
    .map((other) => ({ other, symbols: other.offers.filter((name) => wanted.has(name)) }))
    .filter(({ symbols }) => symbols.length > 0)
    .map(({ other, symbols }) => ({ from: linkFunctions(other, libraries, path), symbols }));
}

/** Names of imported functions; none for what is no WebAssembly, which the sandbox says better. */
function importsOf(wasm: Uint8Array): ReadonlySet<string> {
  const own = wasm as Uint8Array<ArrayBuffer>;
  if (!WebAssembly.validate(own)) return new Set();
  const imports = WebAssembly.Module.imports(new WebAssembly.Module(own));
  return new Set(imports.filter(({ kind }) => kind === "function").map(({ name }) => name));
}
