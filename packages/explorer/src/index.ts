export { bothTraces } from "./checkers/both-traces.js";
export { Checks, type ChecksOptions } from "./checkers/checks.js";
export {
  type AccessSite,
  type CheckerName,
  checkerNames,
  formatViolation,
  type Violation,
} from "./checkers/violation.js";
export type { WatchOptions } from "./checkers/watched.js";
export {
  ExhaustiveSearch,
  RandomChooser,
  RecordingChooser,
  ReplayChooser,
  SparseChooser,
} from "./choosers.js";
export {
  checkDeterminism,
  type Exploration,
  explore,
  type ExploreOptions,
  replay,
  type Scenario,
  ScenarioFailed,
  shrink,
} from "./explore.js";
export {
  type Choice,
  decodeSchedule,
  encodeSchedule,
  type Schedule,
  trimSchedule,
} from "./schedule.js";
