import { type Checks, formatViolation } from "@sof-ts/explorer";
import { CheckFailed } from "../errors.js";

/** @throws CheckFailed that lists what the checkers of a checked run found */
export function failOnViolations(checks: Pick<Checks, "violations"> | null): void {
  if (checks === null || checks.violations.length === 0) return;
  const count = checks.violations.length;
  const list = checks.violations.map(formatViolation).join("\n");
  throw new CheckFailed(`${count} ${count === 1 ? "violation" : "violations"}\n${list}`);
}
