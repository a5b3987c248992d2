import type { AudioModule, ModuleServices } from "@sof-ts/module-api";
import { ENOEXEC } from "@sof-ts/kit";
import type {
  WasmCode,
  WasmInstanceRequest,
  WasmModuleFactory,
  WasmUnit,
} from "@sof-ts/lib-manager";

const name = (text: string): number[] => [text.length, ...new TextEncoder().encode(text)];
const section = (id: number, ...body: number[]): number[] => [id, body.length, ...body];

/**
 * A WebAssembly module whose functions take and give an i32. Each export adds its constant to its argument
 * and hands the sum to the import of the same position, if there is one.
 */
export function addingWasm(
  exports: Readonly<Record<string, number>>,
  imports: readonly string[] = [],
): Uint8Array {
  const names = Object.keys(exports);
  const bodies = names.map((exported, i) => {
    const call = i < imports.length ? [0x10, i] : [];
    return [0, 0x20, 0, 0x41, exports[exported] as number, 0x6a, ...call, 0x0b];
  });
  return Uint8Array.from(
    [
      [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      section(1, 1, 0x60, 1, 0x7f, 1, 0x7f),
      section(2, imports.length, ...imports.flatMap((one) => [...name("env"), ...name(one), 0, 0])),
      section(3, names.length, ...names.map(() => 0)),
      section(7, names.length, ...names.flatMap((one, i) => [...name(one), 0, imports.length + i])),
      section(10, names.length, ...bodies.flatMap((body) => [body.length, ...body])),
    ].flat(),
  );
}

interface Compiled extends WasmCode {
  readonly unit: WasmUnit;
  readonly exports: WebAssembly.Exports;
}

/** An instance whose `process` hands a number through its module's code. */
export interface RunningModule extends AudioModule {
  run(value: number): number;
  readonly request: WasmInstanceRequest;
}

/** Runs WebAssembly with the engine at hand, without a sandbox around it. Counts what is compiled. */
export class PlainWasm implements WasmModuleFactory {
  /** Codes that were compiled and not released. */
  live = 0;
  compiled = 0;
  /** Result of the next `create`, once. */
  failNext = 0;
  /** Called by the free of an instance. */
  onFree: () => void = () => undefined;
  readonly firmwareSymbols = new Set<string>(["log"]);

  provides(symbol: string): boolean {
    return this.firmwareSymbols.has(symbol);
  }

  compile(unit: WasmUnit): WasmCode | number {
    const env: Record<string, WebAssembly.ImportValue> = {};
    for (const symbol of this.firmwareSymbols) env[symbol] = (value: number) => value;
    for (const { code, symbols } of unit.dependencies) {
      for (const symbol of symbols) {
        env[symbol] = (code as Compiled).exports[symbol] as WebAssembly.ImportValue;
      }
    }
    try {
      const module = new WebAssembly.Module(unit.bytes.slice());
      const { exports } = new WebAssembly.Instance(module, { env });
      this.live++;
      this.compiled++;
      return { kind: "wasm-code", unit, exports } as Compiled;
    } catch {
      return -ENOEXEC;
    }
  }

  release(): void {
    this.live--;
  }

  create(code: WasmCode, request: WasmInstanceRequest): AudioModule | number {
    if (this.failNext !== 0) {
      const rc = this.failNext;
      this.failNext = 0;
      return rc;
    }
    const { exports } = code as Compiled;
    const run = Object.values(exports)[request.index] as ((value: number) => number) | undefined;
    const instance: RunningModule = {
      request,
      run: (value) => run?.(value) ?? 0,
      prepare: () => 0,
      process: () => 0,
      reset: () => 0,
      free: () => this.onFree(),
    };
    return instance;
  }
}

/** Services of an instance, of which libraries need the place only. */
export function servicesFor(moduleId: number, instanceId: number, core = 0): ModuleServices {
  return { moduleId, instanceId, pipelineId: 0, core, periodUs: 1000 } as ModuleServices;
}
