import { configurationCases, refusalCases } from "./configuration-cases.js";
import { type ConformanceCase, Context } from "./case.js";
import { lifeCases } from "./life-cases.js";
import { memoryCases } from "./memory-cases.js";
import { streamingCases } from "./streaming-cases.js";
import type { Subject } from "./subject.js";

/**
 * Everything that a module must do, case by case. Each case makes its own instances, so any of them can run
 * alone and in any order.
 */
export function conformanceCases(subject: Subject): readonly ConformanceCase[] {
  const context = new Context(subject);
  return [
    ...lifeCases(context),
    ...memoryCases(context),
    ...(subject.generator === true ? [] : streamingCases(context)),
    ...(subject.change === undefined ? [] : configurationCases(context, subject.change)),
    ...(subject.refused === undefined ? [] : refusalCases(context, subject.refused)),
  ];
}
