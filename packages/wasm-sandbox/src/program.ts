import { InputError } from "@sof-ts/kit";
import { type ModuleExport, moduleExports, moduleImports, type Signature } from "./abi.js";
import { TYPE_I32 } from "./binary/opcodes.js";
import { defaultLimits, type SandboxLimits } from "./metering/limits.js";
import { type ExportedFunction, type MeteredBinary, meterModule } from "./metering/meter.js";

/**
 * The code of an isolated module: checked, metered and compiled once, instantiated for each instance. Holds
 * no state of any instance.
 */
export class IsolatedProgram {
  /** What the binary is, for errors and reports. */
  readonly source: string;
  readonly limits: SandboxLimits;
  readonly hasStart: boolean;
  /** The metered binary, compiled. */
  readonly compiled: WebAssembly.Module;
  private readonly exported: ReadonlySet<string>;

  private constructor(source: string, limits: SandboxLimits, binary: MeteredBinary) {
    this.source = source;
    this.limits = limits;
    this.hasStart = binary.hasStart;
    this.compiled = new WebAssembly.Module(binary.bytes);
    this.exported = new Set(binary.exports.map(({ name }) => name));
  }

  /**
   * Checks and compiles a binary. Calling context: outside the audio path, for instance in the thread that
   * loads a library; takes 1 to 10 ms of host time.
   *
   * @param source what the bytes are ("limiter.wasm"), for errors
   * @throws InputError for what is no WebAssembly, has no bounds, or does not have the module interface
   */
  static load(
    bytes: Uint8Array,
    source: string,
    limits: Partial<SandboxLimits> = {},
  ): IsolatedProgram {
    const all = { ...defaultLimits, ...limits };
    const binary = meterModule(bytes, source, all);
    checkImports(binary, source);
    checkExports(binary, source);
    return new IsolatedProgram(source, all, binary);
  }

  /** Whether the module has an operation of its own for this. */
  has(name: ModuleExport): boolean {
    return this.exported.has(name);
  }
}

function checkImports(binary: MeteredBinary, source: string): void {
  for (const used of binary.imports) {
    const name = `${used.module}.${used.name}`;
    const signature = moduleImports[name];
    if (signature === undefined) {
      throw new InputError(`imports "${name}", which is not there`, {
        source,
        remedy: `A module may import ${Object.keys(moduleImports).join(" and ")}.`,
      });
    }
    if (!fits(used, signature)) {
      throw new InputError(`imports "${name}" with another type than ${text(signature)}`, {
        source,
      });
    }
  }
}

function checkExports(binary: MeteredBinary, source: string): void {
  if (binary.memory !== "memory") {
    throw new InputError(`does not export its memory as "memory"`, { source });
  }
  const exported = new Map(binary.exports.map((each) => [each.name, each]));
  for (const [name, signature] of Object.entries<Signature>(moduleExports)) {
    const found = exported.get(name);
    if (found === undefined) {
      if (!signature.required) continue;
      throw new InputError(`does not export ${name}`, {
        source,
        remedy: `A module exports it as ${text(signature)}.`,
      });
    }
    if (!fits(found, signature)) {
      throw new InputError(`exports ${name} with another type than ${text(signature)}`, { source });
    }
  }
}

function fits(found: ExportedFunction, { params, results }: Signature): boolean {
  const { params: in_, results: out } = found;
  return (
    in_.length === params &&
    out.length === results &&
    in_.every((type) => type === TYPE_I32) &&
    out.every((type) => type === TYPE_I32)
  );
}

function text({ params, results }: Signature): string {
  const list = (count: number): string => `(${Array<string>(count).fill("i32").join(", ")})`;
  return `${list(params)} -> ${list(results)}`;
}
