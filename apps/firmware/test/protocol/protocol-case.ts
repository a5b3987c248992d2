import { expect } from "vitest";
import { type ConditionOf, conditions, type MessageName, type Outcome } from "./conditions.js";
import type { Lab } from "./lab.js";

/** Looks at what a case has brought about; it runs inside the test that the case makes. */
export const check = expect;

/** One condition of a message, brought about and looked at. */
export interface ProtocolCase {
  readonly message: MessageName;
  readonly condition: string;
  readonly outcome: Outcome;
  /** File that has the case, beside this one. */
  readonly file: string;
  /** Brings the condition about. @returns what came of it */
  run(lab: Lab): Outcome;
}

/** A condition that no message can bring about, with the reason. */
export interface UnreachableCondition {
  readonly message: MessageName;
  readonly condition: string;
  readonly reason: string;
}

/** What one file of cases proves, and the functions that it registers its cases with. */
export interface CaseFile {
  readonly cases: readonly ProtocolCase[];
  readonly unreachable: readonly UnreachableCondition[];
  /** Registers the proof of a condition; what shall come of it is in the table of conditions. */
  protocolCase<M extends MessageName>(
    message: M,
    condition: ConditionOf<M>,
    run: (lab: Lab) => Outcome,
  ): void;
  /** Registers a condition that nothing the host sends can bring about. */
  unreachableCase<M extends MessageName>(
    message: M,
    condition: ConditionOf<M>,
    reason: string,
  ): void;
}

/** @param url the file's `import.meta.url` */
export function casesIn(url: string): CaseFile {
  const name = `cases/${url.slice(url.lastIndexOf("/") + 1)}`;
  const cases: ProtocolCase[] = [];
  const unreachable: UnreachableCondition[] = [];
  return {
    cases,
    unreachable,
    protocolCase(message, condition, run) {
      const outcomes: Readonly<Record<string, Outcome>> = conditions[message];
      cases.push({ message, condition, outcome: outcomes[condition] as Outcome, file: name, run });
    },
    unreachableCase(message, condition, reason) {
      unreachable.push({ message, condition, reason });
    },
  };
}
