import { bothTraces, type CheckerName, Checks } from "@sof-ts/explorer";
import type { KernelTrace } from "@sof-ts/kernel";

/** The checkers that the options ask for; null for an unchecked run. */
export function makeChecks(checked: boolean | readonly CheckerName[] | undefined): Checks | null {
  if (checked === undefined || checked === false) return null;
  return checked === true ? new Checks() : new Checks({ checkers: checked });
}

/** The kernel's one listener: the caller's, the checkers', both, or none. */
export function checkedTrace(
  trace: KernelTrace | undefined,
  checks: Checks | null,
): KernelTrace | null {
  if (checks === null) return trace ?? null;
  return trace === undefined ? checks.trace : bothTraces(trace, checks.trace);
}
