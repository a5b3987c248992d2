import {
  decodeCreatePipelinePayload,
  memoryRequest,
  type MemoryRequest,
  type MessageOfKind,
  PipelineObjectId,
  Status,
} from "@sof-ts/ipc4";
import { EEXIST, EFAULT, ETIMEDOUT, InputError } from "@sof-ts/kit";
import {
  type AudioGraph,
  commandOf,
  type PhaseResult,
  type Pipeline,
  type PipelineCommand,
  type PipelineState,
  preparePipeline,
  resetPipeline,
  triggerPipeline,
  TriggerBatch,
} from "@sof-ts/pipeline";
import { phaseStatus } from "../status.js";
import type { UserContext } from "./context.js";
import type { StatePhases } from "./exchange.js";

/**
 * CREATE_PIPELINE, in the IPC thread of the pipeline's core.
 *
 * @param mailbox the request's payload, for a message that says that it has one
 */
export function* createPipeline(
  context: UserContext,
  message: MessageOfKind<"create-pipeline">,
  mailbox: Uint8Array,
): Generator<number, number, number> {
  const pipeline = yield* context.graph.createPipeline({
    id: message.pipelineId,
    priority: message.priority,
    core: message.coreId,
    lowPower: message.lowPower,
    memoryPages: message.memPages,
    attributes: message.attributes,
    memoryRequest: message.hasPayload ? readMemoryRequest(mailbox) : undefined,
  });
  if (typeof pipeline !== "number") return Status.SUCCESS;
  return pipeline === -EEXIST ? Status.INVALID_RESOURCE_ID : Status.OUT_OF_MEMORY;
}

/** A payload that cannot be read is no reason to refuse the pipeline; objects that nobody knows are skipped. */
function readMemoryRequest(mailbox: Uint8Array): MemoryRequest | undefined {
  try {
    const { objects } = decodeCreatePipelinePayload(mailbox);
    const found = objects.find(
      ({ id, data }) => id === PipelineObjectId.MEM_DATA && data.length >= memoryRequest.size,
    );
    return found === undefined ? undefined : memoryRequest.decode(found.data);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/** DELETE_PIPELINE, in the IPC thread of the pipeline's core. FAILURE is a module's own: the pipeline is gone. */
export function* deletePipeline(
  context: UserContext,
  id: number,
): Generator<number, number, number> {
  const pipeline = context.graph.pipeline(id);
  if (pipeline === null) return Status.INVALID_RESOURCE_ID;
  const rc = yield* context.graph.deletePipeline(pipeline);
  if (rc === -EFAULT) return Status.FAILURE;
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
  if (command === null) return Status.INVALID_REQUEST;
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
  if (rc < 0) {
    // A sequence that broke off leaves modules in mixed states, which no command could get them out of.
    for (const pipeline of pipelines) {
      if (pipeline.triggerError !== 0) yield* resetPipeline(graph, pipeline);
    }
    return Status.PIPELINE_STATE_NOT_SET;
  }
  if (command !== "reset") return Status.SUCCESS;
  for (const pipeline of pipelines) {
    const state = yield* stateOf(graph, pipeline);
    if (state === "init" || state === "ready") continue;
    const reset = yield* resetPipeline(graph, pipeline);
    if (reset < 0) return Status.INVALID_REQUEST;
  }
  return Status.SUCCESS;
}

/** A failed copy changes the state in the LL thread. */
function* stateOf(
  { locking }: AudioGraph,
  pipeline: Pipeline,
): Generator<number, PipelineState, number> {
  yield* locking.lock(pipeline.core);
  const { state } = pipeline;
  yield* locking.unlock(pipeline.core);
  return state;
}
