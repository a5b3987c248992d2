/**
 * What a figure rests on: `published` is the row of a published measurement, `derived` is calculated from such
 * rows, `estimated` is the nearest row that there is.
 */
export type CostBasis = "published" | "derived" | "estimated";

/** What an operation of the RTOS costs on a platform, and who says so. */
export interface OperationCost {
  /** Cycles of the core clock, a non-negative integer. */
  readonly cycles: number;
  readonly basis: CostBasis;
  /** The row, the calculation, or the row that it was taken after. */
  readonly source: string;
}

/** An RTOS's operations by the names that its cost table has. */
export type OperationName =
  | "contextSwitch"
  | "mutexLock"
  | "mutexUnlock"
  | "semTake"
  | "semGive"
  | "condvar"
  | "eventPost"
  | "eventWait"
  | "queue"
  | "futex"
  | "timerStart"
  | "timerStop"
  | "workSubmit"
  | "heapAlloc"
  | "heapFree"
  | "threadCreate"
  | "threadStart"
  | "threadSuspend"
  | "threadResume"
  | "threadAbort"
  | "threadJoin"
  | "threadPriority"
  | "sleep"
  | "yield"
  | "syscall"
  | "isrEntry"
  | "isrExit"
  | "timeout"
  | "ipiLatency"
  | "irqLock"
  | "permission";

/** The cost table of a platform, with where each figure comes from. */
export interface PlatformCosts {
  /** The measurement whose rows are cited, with the machine that it was made on. */
  readonly measurement: string;
  readonly operations: Readonly<Record<OperationName, OperationCost>>;
}

/** The bare cycles of a platform's table, as an RTOS takes them. */
export function operationCycles(costs: PlatformCosts): Readonly<Record<OperationName, number>> {
  const cycles = Object.entries(costs.operations).map(([name, cost]) => [name, cost.cycles]);
  return Object.fromEntries(cycles) as Record<OperationName, number>;
}
