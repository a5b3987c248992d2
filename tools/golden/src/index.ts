export type { Verdict } from "./judge.js";
export { judge } from "./judge.js";
export type {
  GoldenControl,
  GoldenEvent,
  GoldenFormat,
  GoldenInput,
  GoldenModule,
  GoldenRun,
} from "./run.js";
export { readGoldenRuns } from "./run.js";
export { goldenInput, goldenSamples } from "./signal.js";
