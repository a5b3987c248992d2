export { bufferId, ComponentBuffer, pinOf } from "./buffer.js";
export { completePipeline, dataOrder, propagateDirections } from "./completion.js";
export {
  Component,
  type ComponentConfig,
  componentId,
  type ComponentPins,
  type PinFormat,
} from "./component.js";
export {
  type ComponentCommand,
  ComponentState,
  componentTransitions,
  nextComponentState,
} from "./component-state.js";
export { type PhaseResult, preparePipeline, resetPipeline, triggerPipeline } from "./control.js";
export { forEachComponent } from "./core-locks.js";
export { DirectModule } from "./direct-module.js";
export { AudioGraph } from "./graph.js";
export type { GraphConfig } from "./graph-config.js";
export {
  Pipeline,
  type PipelineConfig,
  type PipelineEvents,
  type PipelineMemory,
  TRIGGER_TASK_PRIORITY,
} from "./pipeline.js";
export {
  PipelinePosition,
  PipelinePositions,
  type PipelinePositionsConfig,
  POSITION_BYTES,
} from "./pipeline-positions.js";
export {
  commandOf,
  type PipelineCommand,
  PipelineState,
  preparePhase,
  triggerPhase,
  WireState,
} from "./pipeline-state.js";
export { TRIGGER_WAIT_US, TriggerBatch } from "./trigger-batch.js";
export type { GraphWatcher, WatchedObject } from "./graph-watcher.js";
