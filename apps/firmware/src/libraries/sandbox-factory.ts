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
  IsolatedModule,
  IsolatedProgram,
  type ModuleFault,
  moduleImports,
} from "@sof-ts/wasm-sandbox";

/** A unit's code, checked, metered and compiled. */
class SandboxCode implements WasmCode {
  readonly kind = "wasm-code";
  readonly program: IsolatedProgram;

  constructor(program: IsolatedProgram) {
    this.program = program;
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

  /** Units cannot call one another: each instance has a memory of its own. */
  compile({ libraryId, name, bytes, dependencies }: WasmUnit): WasmCode | number {
    if (dependencies.length > 0) {
      const names = dependencies.map((dependency) => dependency.name).join(", ");
      this.reports.refused(libraryId, `${name} calls ${names}, which a sandbox cannot`);
      return -ENOEXEC;
    }
    try {
      return new SandboxCode(IsolatedProgram.load(bytes, name));
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
    if (!(code instanceof SandboxCode)) return -EINVAL;
    return IsolatedModule.create(code.program, services, payload, {
      ...defaultIsolation,
      moduleIndex: index,
      report: (fault) => this.reports.fault(fault),
      log: (line, { moduleId, instanceId }) => this.reports.log(moduleId, instanceId, line),
    });
  }
}
