import type { PlatformName } from "@sof-ts/soc";
import type { MappedModule } from "./module-kinds.js";
import type { Verdict } from "./verdict.js";

/** One line of the comparison. */
export type ReplayRow =
  /** A request of the log. */
  | {
      readonly kind: "exchange";
      readonly line: number;
      /** Words as the log has them. */
      readonly words: string;
      readonly meaning: string;
      /** The rule by which missing payload was made up; null when all of it is the log's. */
      readonly payloadRule: string | null;
      /** What the log says came of it. */
      readonly expected: string;
      /** What our firmware answered. */
      readonly got: string;
      readonly verdict: Verdict;
    }
  /** A request that the log does not have. */
  | {
      readonly kind: "made-up";
      readonly words: string;
      readonly meaning: string;
      readonly payloadRule: string | null;
      readonly why: string;
      readonly got: string;
    }
  /** A message of a firmware to its host: `expected` the log's, `got` ours. */
  | {
      readonly kind: "notification";
      readonly line: number | null;
      readonly expected: string;
      readonly got: string;
      readonly verdict: Verdict;
    }
  /** Something about the log or the host: a gap, a register dump, a restart. */
  | { readonly kind: "note"; readonly line: number | null; readonly text: string };

/** A connection of the graph. */
export interface GraphConnection {
  readonly to: string;
  readonly srcQueue: number;
  readonly dstQueue: number;
}

/** A module of the graph, named as the log names it. */
export interface GraphModule {
  /** "COPIER 4:0": module of our image, module id and instance of the log. */
  readonly name: string;
  readonly state: string;
  readonly core: number;
  readonly connections: readonly GraphConnection[];
}

/** A pipeline of the graph with its modules in the order of their creation. */
export interface GraphPipeline {
  readonly id: number;
  readonly state: string;
  readonly core: number;
  readonly priority: number;
  readonly modules: readonly GraphModule[];
}

/** Everything that a replay found. */
export interface ReplayReport {
  readonly log: string;
  /** What the log's comments say of it. */
  readonly comments: readonly string[];
  readonly platform: PlatformName;
  readonly modules: readonly MappedModule[];
  readonly rows: readonly ReplayRow[];
  readonly counts: {
    readonly requests: number;
    readonly same: number;
    readonly notCompared: number;
    readonly differs: number;
    readonly madeUp: number;
  };
  /** Differences whose cause is that our firmware failed or that none was found. */
  readonly unexplained: number;
  /** What stopped our firmware, where something did. */
  readonly faults: readonly string[];
  /** The graph at the end. */
  readonly graph: readonly GraphPipeline[];
  /** Virtual time of the replay in microseconds. */
  readonly virtualUs: number;
}
