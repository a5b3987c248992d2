import { InvariantError } from "@sof-ts/kit";
import type { IsolatedFunctions, LinkedImport } from "./functions.js";
import { metered } from "./metering/meter.js";

/** A function of a library, whatever its types. */
type AnyFunction = (...values: unknown[]) => unknown;

/** A copy in which a stranger's names, `__proto__` among them, are keys and nothing else. */
function table<T>(values: Readonly<Record<string, T>> = {}): Record<string, T> {
  return Object.assign(Object.create(null) as Record<string, T>, values);
}

/** What an instance calls in place of a library's function, until and after there is one. */
interface StandIn {
  readonly from: IsolatedFunctions;
  readonly name: string;
  target: AnyFunction;
}

/** Parameters that a stand-in passes on without a list made for each call. */
const FIXED = 6;

/** Functions of WebAssembly take as many arguments as they have parameters and leave the others. */
function callOf(standIn: StandIn, parameters: number): AnyFunction {
  if (parameters > FIXED) return (...values) => standIn.target(...values);
  return (a, b, c, d, e, f) => standIn.target(a, b, c, d, e, f);
}

function tooEarly(): never {
  throw new InvariantError("a library's function is called before the library is there");
}

/**
 * The libraries of one isolated instance, each instantiated once for it. Their functions and the instance need
 * one another to be made, so the instance is given stand-ins first, which {@link connect} makes work.
 */
export class LinkedInstances {
  private readonly exports = new Map<IsolatedFunctions, WebAssembly.Exports>();
  private readonly refuels: ((budget: number) => number)[] = [];
  private readonly standIns: StandIn[] = [];

  /** Libraries that are instantiated. */
  get count(): number {
    return this.refuels.length;
  }

  /** Adds stand-ins for what `links` name to an instance's imports. */
  addTo(imports: WebAssembly.Imports, links: readonly LinkedImport[]): WebAssembly.Imports {
    const all = table(imports);
    for (const { module, name, from } of links) {
      const standIn: StandIn = { from, name, target: tooEarly };
      this.standIns.push(standIn);
      all[module] = table(all[module]);
      all[module][name] = callOf(standIn, from.offers(name)?.params.length ?? 0);
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
      for (const standIn of this.standIns) {
        if (standIn.from === from) standIn.target = exports[standIn.name] as AnyFunction;
      }
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
