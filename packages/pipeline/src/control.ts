import { EINVAL, ENOENT } from "@sof-ts/kit";
import type { AudioStream, StreamParams } from "@sof-ts/module-api";
import type { AudioGraph } from "./graph.js";
import { pinOf } from "./buffer.js";
import { completePipeline, propagateDirections } from "./completion.js";
import { lockHomes, unlockCores } from "./core-locks.js";
import type { Component } from "./component.js";
import { ComponentState } from "./component-state.js";
import type { Pipeline } from "./pipeline.js";
import {
  type PipelineCommand,
  PipelineState,
  preparePhase,
  triggerPhase,
} from "./pipeline-state.js";
import type { TriggerBatch } from "./trigger-batch.js";

/**
 * Outcome of a phase: done, not allowed in this state (or a module refused), an end of the pipeline was
 * deleted, or the trigger could not be posted.
 */
export type PhaseResult = "done" | "refused" | "missing-end" | "not-triggered";

/**
 * Prepare phase of SET_PIPELINE_STATE for one pipeline (SOF's `ipc4_pipeline_prepare`). A list of pipelines
 * goes through it whole before any of them is triggered.
 *
 * Calling context: the IPC thread of the pipeline's core; takes the graph lock, may block.
 */
export function* preparePipeline(
  graph: AudioGraph,
  pipeline: Pipeline,
  command: PipelineCommand,
): Generator<number, PhaseResult, number> {
  // A failed copy changes the state in the LL thread.
  yield* graph.locking.lock(pipeline.core);
  const wanted = preparePhase[pipeline.state][command];
  const cannotRun = command === "run" && (pipeline.expectEos || pipeline.scheduler.lost);
  const phase = cannotRun ? "refuse" : wanted;
  if (phase !== "refuse") pipeline.expectEos = phase === "expect-eos";
  yield* graph.locking.unlock(pipeline.core);
  if (phase === "refuse") return "refused";
  switch (phase) {
    case "complete": {
      if (command === "pause") yield* shareDirections(graph);
      yield* graph.locking.lock(pipeline.core);
      const rc = completePipeline(pipeline, graph.members(pipeline.id));
      yield* graph.locking.unlock(pipeline.core);
      return rc === 0 ? "done" : "refused";
    }
    case "params":
      return yield* prepareModules(graph, pipeline);
    default:
      return "done";
  }
}

/**
 * Trigger phase for one pipeline (SOF's `ipc4_pipeline_trigger`): posts the trigger to the LL thread; the
 * caller waits for the batch and then finishes each reset with {@link resetPipeline}.
 */
export function* triggerPipeline(
  graph: AudioGraph,
  pipeline: Pipeline,
  command: PipelineCommand,
  batch: TriggerBatch,
): Generator<number, PhaseResult, number> {
  yield* graph.locking.lock(pipeline.core);
  const result = postTrigger(pipeline, command, batch);
  yield* graph.locking.unlock(pipeline.core);
  return result;
}

function postTrigger(
  pipeline: Pipeline,
  command: PipelineCommand,
  batch: TriggerBatch,
): PhaseResult {
  const { state, source, sink } = pipeline;
  if (state !== PipelineState.INIT && (source === null || sink === null)) return "missing-end";
  const phase = triggerPhase[state][command];
  if (phase === "nothing") return "done";
  return pipeline.postTrigger(phase, batch) === 0 ? "done" : "not-triggered";
}

/**
 * Resets every module of a pipeline and empties its buffers; the pipeline is READY after it and not copied any
 * more (`pipeline_reset`).
 *
 * @returns 0 or the first negative errno of a module
 */
export function* resetPipeline(
  graph: AudioGraph,
  pipeline: Pipeline,
): Generator<number, number, number> {
  let result = 0;
  yield* pipeline.scheduler.cancel(pipeline.copyTask);
  for (const component of graph.members(pipeline.id)) {
    const rc = yield* graph.withModule(component, function* () {
      const reset = yield* component.module.reset();
      yield* component.lock();
      component.setState("reset");
      for (const buffer of component.sinks) buffer.stream.reset();
      yield* component.unlock();
      return reset;
    });
    if (rc < 0 && result === 0) result = rc;
  }
  yield* graph.locking.lock(pipeline.core);
  if (pipeline.state !== PipelineState.INIT) pipeline.moveTo(PipelineState.READY);
  yield* graph.locking.unlock(pipeline.core);
  return result;
}

/** The walk crosses pipelines, so the ticks of all cores that have components are excluded from it. */
function* shareDirections(graph: AudioGraph): Generator<number, void, number> {
  if (graph.components.every(({ direction }) => direction !== undefined)) return;
  const cores = yield* lockHomes(graph, () => graph.components);
  propagateDirections(graph.components, graph.locking);
  yield* unlockCores(graph.locking, cores);
}

/** Negotiates parameters and prepares every module, source to sink; a refusal resets the whole pipeline. */
function* prepareModules(
  graph: AudioGraph,
  pipeline: Pipeline,
): Generator<number, PhaseResult, number> {
  if (pipeline.source === null || pipeline.sink === null) return "missing-end";
  for (const component of pipeline.copyOrder) {
    let reason = "";
    const refuse = (why: string): void => {
      reason = why;
    };
    const rc = yield* graph.withModule(component, () => prepareComponent(component, refuse));
    if (rc < 0) {
      pipeline.events.prepareRefused?.(component, rc, reason);
      yield* resetPipeline(graph, pipeline);
      return rc === -ENOENT ? "missing-end" : "refused";
    }
  }
  yield* graph.locking.lock(pipeline.core);
  pipeline.state = PipelineState.PREPARE;
  yield* graph.locking.unlock(pipeline.core);
  return "done";
}

function* prepareComponent(
  component: Component,
  refuse: (why: string) => void,
): Generator<number, number, number> {
  const { sources, sinks, pins } = component;
  if (sources.length > component.maxSources || sinks.length > component.maxSinks) {
    refuse(`${sources.length} sources and ${sinks.length} sinks are more than it takes`);
    return -EINVAL;
  }
  yield* component.lock();
  const agreed = agreedParams(component);
  for (const { stream, sinkQueue } of sources) {
    stream.setParams(pinOf(pins.inputPins, sinkQueue, pins.ibs, pins.params).params);
  }
  for (const { stream, sourceQueue } of sinks) {
    stream.setParams(pinOf(pins.outputPins, sourceQueue, pins.obs, pins.params).params);
  }
  let rc = component.setState("prepare");
  yield* component.unlock();
  if (rc < 0) return rc;
  rc = yield* component.module.prepare(component.sourceStreams, component.sinkStreams);
  for (const { stream, peer, params, frameBytes } of agreed) {
    if (stream.frameBytes === frameBytes) continue;
    const { channels } = stream;
    refuse(
      `frames of ${channels} channels, ${stream.frameBytes} bytes, where ${peer.name} ${peer.instanceId} has ${params.channels} channels, ${frameBytes} bytes`,
    );
    stream.setParams(params);
    if (rc >= 0) rc = -EINVAL;
  }
  return rc;
}

/**
 * Params of the rings whose other end is prepared already, perhaps running: its loops rely on the size of a
 * frame, so a component that asks for another one is refused instead of letting both write over each other.
 */
function agreedParams(component: Component): readonly Agreed[] {
  const { sources, sinks } = component;
  const ends = [
    ...sources.map(({ stream, source }) => ({ stream, peer: source })),
    ...sinks.map(({ stream, sink }) => ({ stream, peer: sink })),
  ];
  return ends.flatMap(({ stream, peer }) =>
    peer === null || peer.state === ComponentState.READY
      ? []
      : [{ stream, peer, params: stream.params, frameBytes: stream.frameBytes }],
  );
}

interface Agreed {
  readonly stream: AudioStream;
  readonly peer: Component;
  readonly params: StreamParams;
  readonly frameBytes: number;
}
