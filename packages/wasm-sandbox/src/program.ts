import type { ModuleExport } from "./abi.js";
import { type FunctionSource, type LinkedImport, linkImports } from "./functions.js";
import { checkModuleInterface } from "./interface.js";
import { defaultLimits, type SandboxLimits } from "./metering/limits.js";
import { type MeteredBinary, meterModule } from "./metering/meter.js";

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
  /** What it takes from libraries. */
  readonly links: readonly LinkedImport[];
  private readonly exported: ReadonlySet<string>;

  private constructor(
    source: string,
    limits: SandboxLimits,
    binary: MeteredBinary,
    links: readonly LinkedImport[],
  ) {
    this.source = source;
    this.links = links;
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
   * @param libraries where functions come from that the firmware does not have
   * @throws InputError for what is no WebAssembly, has no bounds, or does not have the module interface
   */
  static load(
    bytes: Uint8Array,
    source: string,
    limits: Partial<SandboxLimits> = {},
    libraries: readonly FunctionSource[] = [],
  ): IsolatedProgram {
    const all = { ...defaultLimits, ...limits };
    const binary = meterModule(bytes, source, all);
    const links = linkImports(binary, source, libraries);
    checkModuleInterface(binary, source);
    return new IsolatedProgram(source, all, binary, links);
  }

  /** Whether the module has an operation of its own for this. */
  has(name: ModuleExport): boolean {
    return this.exported.has(name);
  }
}
