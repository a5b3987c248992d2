import { EINVAL, ENOEXEC, InputError } from "@sof-ts/kit";
import type {
  WasmCode,
  WasmInstanceRequest,
  WasmModuleFactory,
  WasmUnit,
} from "@sof-ts/lib-manager";
import type { AudioModule } from "@sof-ts/module-api";
import {
  defaultIsolation,
  type FunctionSource,
  IsolatedFunctions,
  IsolatedModule,
  IsolatedProgram,
  MAX_PINS,
  type ModuleFault,
  moduleImports,
} from "@sof-ts/wasm-sandbox";

/** A unit's code, checked, metered and compiled: what instances are made of, and what other units call. */
class SandboxCode implements WasmCode {
  readonly kind = "wasm-code";
  readonly program: IsolatedProgram | null;
  readonly functions: IsolatedFunctions | null;

  constructor(program: IsolatedProgram | null, functions: IsolatedFunctions | null) {
    this.program = program;
    this.functions = functions;
  }
}

/** Where the sandbox says what happened. */
export interface SandboxReports {
  /** An instance was ended. */
  fault(fault: ModuleFault): void;
  /** A library cannot be used, and why. */
  refused(libraryId: number, message: string): void;
  /** A line of an instance. */
  log(moduleId: number, instanceId: number, line: string): void;
}

/** Runs the WebAssembly of libraries in sandboxes of their own memory, metered. */
export class SandboxFactory implements WasmModuleFactory {
  /** A module's own limits are in its code, which is asked when an instance is made. */
  readonly maxSources = MAX_PINS;
  readonly maxSinks = MAX_PINS;
  private readonly reports: SandboxReports;

  constructor(reports: SandboxReports) {
    this.reports = reports;
  }

  /** Symbols of an ELF have no namespace: `log` stands for the sandbox's `sof.log`. */
  provides(symbol: string): boolean {
    return Object.keys(moduleImports).some(
      (name) => name === symbol || name.split(".")[1] === symbol,
    );
  }

  /**
   * Units that others call are instantiated for each instance that calls them, so that instances share nothing;
   * a unit without a memory of its own works in its caller's.
   */
  compile({
    libraryId,
    name,
    bytes,
    auxiliary,
    exports,
    dependencies,
  }: WasmUnit): WasmCode | number {
    const libraries = dependencies.flatMap(({ code, symbols }): FunctionSource[] =>
      code instanceof SandboxCode && code.functions !== null
        ? [{ from: code.functions, symbols }]
        : [],
    );
    try {
      const program = auxiliary ? null : IsolatedProgram.load(bytes, name, {}, libraries);
      const serves = auxiliary || exports.length > 0;
      const functions = serves ? IsolatedFunctions.load(bytes, name, {}, libraries) : null;
      return new SandboxCode(program, functions);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.reports.refused(libraryId, error.message);
      return -ENOEXEC;
    }
  }

  release(): void {
    // The engine's memory goes with the last reference.
  }

  create(code: WasmCode, { services, payload, index }: WasmInstanceRequest): AudioModule | number {
    if (!(code instanceof SandboxCode) || code.program === null) return -EINVAL;
    return IsolatedModule.create(code.program, services, payload, {
      ...defaultIsolation,
      moduleIndex: index,
      report: (fault) => this.reports.fault(fault),
      log: (line, { moduleId, instanceId }) => this.reports.log(moduleId, instanceId, line),
    });
  }
}
