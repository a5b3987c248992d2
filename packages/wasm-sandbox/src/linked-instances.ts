import { InvariantError } from "@sof-ts/kit";
import type { IsolatedFunctions, LinkedImport } from "./functions.js";
import { metered } from "./metering/meter.js";

/** A function of a library, whatever its types. */
type AnyFunction = (...values: unknown[]) => unknown;

/** A copy in which a stranger's names, `__proto__` among them, are keys and nothing else. */
function table<T>(values: Readonly<Record<string, T>> = {}): Record<string, T> {
  return Object.assign(Object.create(null) as Record<string, T>, values);
}

/** The tank of an instance: holds so much fuel from here on, and tells what was in it. */
type Tank = (fuel: number) => number;

/** What an instance calls in place of a library's function, until and after there is one. */
interface StandIn {
  readonly from: IsolatedFunctions;
  readonly name: string;
  target: AnyFunction;
  /** Tanks of who calls and who is called. */
  caller: Tank;
  callee: Tank;
}

/** Parameters that a stand-in passes on without a list made for each call. */
const FIXED = 6;

/**
 * The call hands the fuel that is left over to the library, and takes back what it leaves: there is one budget,
 * whoever spends it. When the library traps, its tank shows what was left.
 *
 * Functions of WebAssembly take as many arguments as they have parameters and leave the others.
 */
function callOf(standIn: StandIn, parameters: number): AnyFunction {
  if (parameters > FIXED) {
    return (...values) => {
      standIn.callee(standIn.caller(0));
      const result = standIn.target(...values);
      standIn.caller(standIn.callee(0));
      return result;
    };
  }
  return (a, b, c, d, e, f) => {
    standIn.callee(standIn.caller(0));
    const result = standIn.target(a, b, c, d, e, f);
    standIn.caller(standIn.callee(0));
    return result;
  };
}

function tooEarly(): never {
  throw new InvariantError("a library's function is called before the library is there");
}

/**
 * The libraries of one isolated instance, each instantiated once for it. Their functions and the instance need
 * one another to be made, so callers are given stand-ins first, which {@link connect} makes work.
 */
export class LinkedInstances {
  private readonly exports = new Map<IsolatedFunctions, WebAssembly.Exports>();

  /** Libraries that are instantiated. */
  get count(): number {
    return this.exports.size;
  }

  /** Adds stand-ins for what `links` name to an instance's imports. @returns the imports, and its stand-ins */
  addTo(
    imports: WebAssembly.Imports,
    links: readonly LinkedImport[],
  ): { readonly imports: WebAssembly.Imports; readonly standIns: readonly StandIn[] } {
    const all = table(imports);
    const standIns: StandIn[] = [];
    for (const { module, name, from } of links) {
      const standIn = { from, name, target: tooEarly, caller: tooEarly, callee: tooEarly };
      standIns.push(standIn);
      all[module] = table(all[module]);
      all[module][name] = callOf(standIn, from.offers(name)?.params.length ?? 0);
    }
    return { imports: all, standIns };
  }

  /**
   * Instantiates the libraries that a caller's stand-ins are for, and those that they need in turn.
   *
   * @param caller exports of the instance that the stand-ins were made for
   * @param firmware what the firmware offers the libraries
   * @param memory that of the isolated instance
   */
  connect(
    standIns: readonly StandIn[],
    caller: WebAssembly.Exports,
    firmware: WebAssembly.Imports,
    memory: WebAssembly.Memory,
  ): void {
    for (const standIn of standIns) {
      const { from } = standIn;
      const exports = this.exports.get(from) ?? this.instantiate(from, firmware, memory);
      standIn.caller = caller[metered.pass] as Tank;
      standIn.callee = exports[metered.pass] as Tank;
      standIn.target = exports[standIn.name] as AnyFunction;
    }
  }

  private instantiate(
    library: IsolatedFunctions,
    firmware: WebAssembly.Imports,
    memory: WebAssembly.Memory,
  ): WebAssembly.Exports {
    const { imports, standIns } = this.addTo(firmware, library.links);
    if (library.callersMemory) imports["env"] = { ...imports["env"], memory };
    const { exports } = new WebAssembly.Instance(library.compiled, imports);
    this.exports.set(library, exports);
    this.connect(standIns, exports, firmware, memory);
    return exports;
  }

  /** Forgets what an operation of the past left in the libraries' gauges. */
  clear(): void {
    for (const exports of this.exports.values()) (exports[metered.refuel] as Tank)(0);
  }

  /** What a gauge of the libraries shows, put together with the instance's own. */
  gauge(name: string, join: (a: number, b: number) => number, own: number): number {
    let value = own;
    for (const exports of this.exports.values()) {
      const found = exports[name];
      if (found instanceof WebAssembly.Global) value = join(value, Number(found.value));
    }
    return value;
  }
}
