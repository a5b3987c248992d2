// Stands in for fast-check when SOF_TS_PROPERTY_RUNS asks for more runs: the numbers that properties state
// for themselves win over fast-check's global ones, so they are multiplied on their way in.
import * as real from "fast-check";

export * from "fast-check";

const factor = Number(process.env["SOF_TS_PROPERTY_RUNS"]);

/** fast-check's own default. */
const DEFAULT_RUNS = 100;

function longer<T>(parameters: real.Parameters<T> = {}): real.Parameters<T> {
  return {
    ...parameters,
    numRuns: Math.max(1, Math.round((parameters.numRuns ?? DEFAULT_RUNS) * factor)),
  };
}

export const check = ((
  property: real.IRawProperty<unknown>,
  parameters?: real.Parameters<unknown>,
) => real.check(property, longer(parameters))) as typeof real.check;

export const assert = ((
  property: real.IRawProperty<unknown>,
  parameters?: real.Parameters<unknown>,
) => real.assert(property, longer(parameters))) as typeof real.assert;

const fc = { ...real, check, assert };
export { fc as default };
