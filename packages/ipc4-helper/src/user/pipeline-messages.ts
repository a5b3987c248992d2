import { Status } from "@sof-ts/ipc4";
import { EEXIST, ETIMEDOUT } from "@sof-ts/kit";
import {
  commandOf,
  type PhaseResult,
  type Pipeline,
  type PipelineCommand,
  preparePipeline,
  resetPipeline,
  triggerPipeline,
  TriggerBatch,
} from "@sof-ts/pipeline";
import { phaseStatus } from "../status.js";
import type { MessageOfKind } from "@sof-ts/ipc4";
import type { UserContext } from "./context.js";
import type { StatePhases } from "./exchange.js";

/** CREATE_PIPELINE, in the IPC thread of the pipeline's core. */
export function createPipeline(
  context: UserContext,
  message: MessageOfKind<"create-pipeline">,
): number {
  const pipeline = context.graph.createPipeline({
    id: message.pipelineId,
    priority: message.priority,
    core: message.coreId,
    lowPower: message.lowPower,
    memoryPages: message.memPages,
    attributes: message.attributes,
  });
  if (typeof pipeline !== "number") return Status.SUCCESS;
  return pipeline === -EEXIST ? Status.INVALID_RESOURCE_ID : Status.OUT_OF_MEMORY;
}

/** DELETE_PIPELINE, in the IPC thread of the pipeline's core. */
export function* deletePipeline(
  context: UserContext,
  id: number,
): Generator<number, number, number> {
  const pipeline = context.graph.pipeline(id);
  if (pipeline === null) return Status.INVALID_RESOURCE_ID;
  const rc = yield* context.graph.deletePipeline(pipeline);
  return rc === 0 ? Status.SUCCESS : Status.INVALID_RESOURCE_STATE;
}

/**
 * SET_PIPELINE_STATE for pipelines of this core. All are prepared before the first is triggered; the first
 * failure ends the message and what was done stays done.
 */
export function* setPipelineStates(
  context: UserContext,
  wireState: number,
  ids: readonly number[],
  phases: StatePhases,
): Generator<number, number, number> {
  const { graph } = context;
  const command = commandOf(wireState);
  if (command === null) return ids.length === 0 ? Status.SUCCESS : Status.INVALID_REQUEST;
  const pipelines: Pipeline[] = [];
  for (const id of ids) {
    const pipeline = graph.pipeline(id);
    if (pipeline === null) return Status.INVALID_RESOURCE_ID;
    pipelines.push(pipeline);
  }
  if (phases !== "trigger") {
    for (const pipeline of pipelines) {
      const result: PhaseResult = yield* preparePipeline(graph, pipeline, command);
      if (result !== "done") return phaseStatus(result);
    }
  }
  return phases === "prepare" ? Status.SUCCESS : yield* triggerAll(context, pipelines, command);
}

function* triggerAll(
  context: UserContext,
  pipelines: readonly Pipeline[],
  command: PipelineCommand,
): Generator<number, number, number> {
  const { graph } = context;
  const batch = yield* TriggerBatch.begin(context.triggersDone);
  let status: number = Status.SUCCESS;
  for (const pipeline of pipelines) {
    const result: PhaseResult = yield* triggerPipeline(graph, pipeline, command, batch);
    if (result !== "done") {
      status = phaseStatus(result);
      break;
    }
  }
  const rc = yield* batch.wait();
  if (status !== Status.SUCCESS) return status;
  if (rc === -ETIMEDOUT) return Status.FAILURE;
  if (rc < 0) return Status.PIPELINE_STATE_NOT_SET;
  if (command !== "reset") return Status.SUCCESS;
  for (const pipeline of pipelines) {
    if (pipeline.state === "init" || pipeline.state === "ready") continue;
    const reset = yield* resetPipeline(graph, pipeline);
    if (reset < 0) return Status.INVALID_REQUEST;
  }
  return Status.SUCCESS;
}
