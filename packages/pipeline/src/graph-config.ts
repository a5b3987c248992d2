import type { Kernel } from "@sof-ts/kernel";
import type { LlDomain, LockingStrategy } from "@sof-ts/ll-scheduler";
import type { AudioAllocator } from "@sof-ts/module-api";
import type { GraphWatcher } from "./graph-watcher.js";
import type { PipelineEvents } from "./pipeline.js";
import type { PipelinePositions } from "./pipeline-positions.js";

/** What the graph needs from the rest of the firmware. */
export interface GraphConfig {
  readonly kernel: Kernel;
  readonly domain: LlDomain;
  readonly locking: LockingStrategy;
  /** Where the objects of a core's graph and the rings of its connections live. */
  heap(core: number): AudioAllocator;
  readonly events: PipelineEvents;
  /** CONFIG_CROSS_CORE_STREAM: whether connections between cores are possible; they are by default. */
  readonly crossCoreStream?: boolean;
  /** The places of pipelines in the table of positions; null leaves them without. */
  positions?(): PipelinePositions | null;
  /** Instruments pipelines and components; a checked run has one. */
  readonly watcher?: GraphWatcher;
}
