/**
 * What ended an isolated instance:
 * - `out-of-fuel`: it ran for longer than an operation may;
 * - `stack-overflow`: its calls went deeper than its stack;
 * - `out-of-memory`: it gave up after more memory had been refused;
 * - `out-of-bounds`: it reached outside its memory or tables;
 * - `unreachable`: it came to code that it says cannot be reached;
 * - `arithmetic`: a division by zero, or a number that does not fit;
 * - `bad-call`: a call through a table to nothing, or to a function of another type;
 * - `abort`: it called `abort`;
 * - `bad-address`: an address that it gave is not one of its memory;
 * - `bad-result`: an operation returned what it cannot return;
 * - `bad-size`: it claims to have consumed more than there was, or produced more than there was room for;
 * - `abi`: it speaks another version of the interface;
 * - `time-out`: whoever ran it lost patience;
 * - `trap`: anything else that the engine stopped.
 */
export type FaultReason =
  | "out-of-fuel"
  | "stack-overflow"
  | "out-of-memory"
  | "out-of-bounds"
  | "unreachable"
  | "arithmetic"
  | "bad-call"
  | "abort"
  | "bad-address"
  | "bad-result"
  | "bad-size"
  | "abi"
  | "time-out"
  | "trap";

/** The end of an isolated instance: why, in which operation. A value; nobody throws it at the firmware. */
export class ModuleFault {
  readonly reason: FaultReason;
  /** Operation that was under way: "init", "process". */
  readonly operation: string;
  readonly moduleId: number;
  readonly instanceId: number;
  /** One line for people. */
  readonly detail: string;
  /** Fuel that the operation had used. */
  readonly fuelUsed: number;

  constructor(
    reason: FaultReason,
    operation: string,
    instance: { readonly moduleId: number; readonly instanceId: number },
    detail: string,
    fuelUsed: number,
  ) {
    this.reason = reason;
    this.operation = operation;
    this.moduleId = instance.moduleId;
    this.instanceId = instance.instanceId;
    this.detail = detail;
    this.fuelUsed = fuelUsed;
  }

  toString(): string {
    const who = `module ${this.moduleId} instance ${this.instanceId}`;
    return `${who} ended in ${this.operation}: ${this.reason} (${this.detail}), ${this.fuelUsed} fuel used`;
  }
}

/** Thrown through the module's frames by what it calls, and by checks of what it returned. */
export class SandboxStop extends Error {
  override readonly name = "SandboxStop";
  readonly reason: FaultReason;

  constructor(reason: FaultReason, detail: string) {
    super(detail);
    this.reason = reason;
  }
}

/** What the gauges of a metered module say after it stopped. */
export interface Gauges {
  readonly fuel: number;
  readonly depth: number;
  readonly denied: number;
  readonly stackBytes: number;
}

/** Texts of the engine's traps, in part, with what they mean; the first that fits counts. */
const traps: readonly (readonly [RegExp, FaultReason])[] = [
  [/unreachable/, "unreachable"],
  [/table index is out of bounds|null function|signature mismatch|indirect call/, "bad-call"],
  [/out of bounds/, "out-of-bounds"],
  [
    /divide by zero|divide result|remainder by zero|float unrepresentable|integer overflow/,
    "arithmetic",
  ],
];

/**
 * Tells why a call into a module threw.
 *
 * @param gauges the module's own at that moment, which are what tells its limits from its own `unreachable`
 */
export function classify(error: unknown, gauges: Gauges): { reason: FaultReason; detail: string } {
  const detail = error instanceof Error ? error.message : String(error);
  if (error instanceof SandboxStop) return { reason: error.reason, detail };
  if (gauges.fuel < 0) return { reason: "out-of-fuel", detail: "the operation does not end" };
  if (gauges.depth > gauges.stackBytes) {
    return { reason: "stack-overflow", detail: `calls need over ${gauges.stackBytes} bytes` };
  }
  // The host's own stack ended first: only frames that the compiler made far larger than counted.
  if (error instanceof RangeError) return { reason: "stack-overflow", detail };
  if (!(error instanceof WebAssembly.RuntimeError)) return { reason: "trap", detail };
  const reason = traps.find(([text]) => text.test(detail))?.[1] ?? "trap";
  if (reason === "unreachable" && gauges.denied !== 0) {
    return { reason: "out-of-memory", detail: "more memory was refused" };
  }
  return { reason, detail };
}
