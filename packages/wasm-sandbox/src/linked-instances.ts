import type { IsolatedFunctions, LinkedImport } from "./functions.js";
import { metered } from "./metering/meter.js";

/** A function of a library, whatever its types. */
type AnyFunction = (...values: unknown[]) => unknown;

/** A copy in which a stranger's names, `__proto__` among them, are keys and nothing else. */
function table<T>(values: Readonly<Record<string, T>> = {}): Record<string, T> {
  return Object.assign(Object.create(null) as Record<string, T>, values);
}

/**
 * The libraries of one isolated instance, each instantiated once for it. Their functions and the instance need
 * one another to be made, so the instance is given stand-ins first, which {@link connect} makes work.
 */
export class LinkedInstances {
  private readonly exports = new Map<IsolatedFunctions, WebAssembly.Exports>();
  private readonly refuels: ((budget: number) => number)[] = [];

  /** Libraries that are instantiated. */
  get count(): number {
    return this.refuels.length;
  }

  /** Adds stand-ins for what `links` name to an instance's imports. */
  addTo(imports: WebAssembly.Imports, links: readonly LinkedImport[]): WebAssembly.Imports {
    const all = table(imports);
    for (const { module, name, from } of links) {
      const target = (): AnyFunction => this.exports.get(from)?.[name] as AnyFunction;
      all[module] = table(all[module]);
      all[module][name] = (...values: unknown[]) => target()(...values);
    }
    return all;
  }

  /**
   * Instantiates the libraries that `links` name and those that they need in turn.
   *
   * @param firmware what the firmware offers them
   * @param memory the caller's
   */
  connect(
    links: readonly LinkedImport[],
    firmware: WebAssembly.Imports,
    memory: WebAssembly.Memory,
  ): void {
    for (const { from } of links) {
      if (this.exports.has(from)) continue;
      this.connect(from.links, firmware, memory);
      const imports = table(firmware);
      if (from.callersMemory) imports["env"] = { ...imports["env"], memory };
      for (const { module, name, from: further } of from.links) {
        const found = this.exports.get(further)?.[name] as WebAssembly.ImportValue;
        imports[module] = table(imports[module]);
        imports[module][name] = found;
      }
      const { exports } = new WebAssembly.Instance(from.compiled, imports);
      this.exports.set(from, exports);
      this.refuels.push(exports[metered.refuel] as (budget: number) => number);
    }
  }

  /** Fills the tank of each library. @returns fuel that they have used of `budget` each since the last time */
  refuel(budget: number): number {
    let used = 0;
    for (const refuel of this.refuels) used += budget - refuel(budget);
    return used;
  }

  /** The least or the most that a gauge of the libraries shows. */
  gauge(name: string, pick: (a: number, b: number) => number, own: number): number {
    let value = own;
    for (const exports of this.exports.values()) {
      const found = exports[name];
      if (found instanceof WebAssembly.Global) value = pick(value, Number(found.value));
    }
    return value;
  }
}
