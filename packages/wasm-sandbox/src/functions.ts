import { InputError } from "@sof-ts/kit";
import { moduleImports } from "./abi.js";
import { TYPE_FUNCREF, TYPE_V128 } from "./binary/opcodes.js";
import { checkFirmwareImport, sameTypes, signatureText } from "./interface.js";
import { defaultLimits, type SandboxLimits } from "./metering/limits.js";
import { type ExportedFunction, type MeteredBinary, meterModule } from "./metering/meter.js";

/** A function that one binary takes from another. */
export interface LinkedImport {
  readonly module: string;
  readonly name: string;
  readonly from: IsolatedFunctions;
}

/** Where a binary may take functions from. */
export interface FunctionSource {
  readonly from: IsolatedFunctions;
  /** Names that it offers. */
  readonly symbols: readonly string[];
}

/**
 * The code of a library whose functions isolated modules call: checked, metered and compiled once. It has no
 * module interface. Each instance of a module that calls it has an instance of its own, so instances share no
 * state by it. It works in its caller's memory when it imports `env.memory`, and can then be given addresses;
 * with a memory of its own, or none, it takes and gives numbers.
 */
export class IsolatedFunctions {
  /** What the binary is, for errors. */
  readonly source: string;
  readonly compiled: WebAssembly.Module;
  readonly callersMemory: boolean;
  /** What it takes from further libraries. */
  readonly links: readonly LinkedImport[];
  private readonly offered: ReadonlyMap<string, ExportedFunction>;

  private constructor(source: string, binary: MeteredBinary, links: readonly LinkedImport[]) {
    this.source = source;
    this.compiled = new WebAssembly.Module(binary.bytes);
    this.callersMemory = binary.memoryImported;
    this.links = links;
    this.offered = new Map(binary.exports.map((each) => [each.name, each]));
  }

  /**
   * Checks and compiles a binary. Calling context: as `IsolatedProgram.load`.
   *
   * @param source what the bytes are ("maths.wasm"), for errors
   * @param libraries where functions come from that the firmware does not have
   * @throws InputError for what is no WebAssembly, has no bounds, or imports what nobody offers
   */
  static load(
    bytes: Uint8Array,
    source: string,
    limits: Partial<SandboxLimits> = {},
    libraries: readonly FunctionSource[] = [],
  ): IsolatedFunctions {
    const binary = meterModule(bytes, source, { ...defaultLimits, ...limits }, true);
    if (binary.hasStart) {
      throw new InputError("has a start function, which nobody would call", { source });
    }
    return new IsolatedFunctions(source, binary, linkImports(binary, source, libraries));
  }

  /** The function of this name, or undefined. */
  offers(name: string): ExportedFunction | undefined {
    return this.offered.get(name);
  }
}

/** Types that no function of a library may have, and what they are called. */
const unshared = [
  [TYPE_V128, "a vector"],
  [TYPE_FUNCREF, "a reference to a function"],
] as const;

/**
 * Finds who offers what a binary imports: the firmware, then the libraries in their order. Symbols of libraries
 * have no namespace, so that of the import does not matter.
 *
 * @throws InputError for an import that nobody offers, or with another type
 */
export function linkImports(
  binary: MeteredBinary,
  source: string,
  libraries: readonly FunctionSource[],
): readonly LinkedImport[] {
  const links: LinkedImport[] = [];
  for (const used of binary.imports) {
    const { module, name } = used;
    if (moduleImports[`${module}.${name}`] !== undefined) {
      checkFirmwareImport(used, source);
      continue;
    }
    const from = libraries.find(({ symbols }) => symbols.includes(name))?.from;
    const found = from?.offers(name);
    if (from === undefined || found === undefined) {
      throw new InputError(`imports "${module}.${name}", which is not there`, {
        source,
        remedy: `The firmware has ${Object.keys(moduleImports).join(" and ")}; other functions come from libraries.`,
      });
    }
    if (!sameTypes(used, found)) {
      const text = signatureText(found);
      throw new InputError(`imports "${module}.${name}" with another type than ${text}`, {
        source,
        remedy: `${from.source} has it; compile both against the same declaration.`,
      });
    }
    // The call goes through the host's language, which has no vectors; and no instance runs functions of another
    // but those that it imports.
    const types = [...found.params, ...found.results];
    for (const [type, what] of unshared) {
      if (!types.includes(type)) continue;
      throw new InputError(`imports "${module}.${name}", which takes or gives ${what}`, { source });
    }
    links.push({ module, name, from });
  }
  return links;
}
