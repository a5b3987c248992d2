import { MAX_PIPELINE_IDS, type MessageOfKind, Status } from "@sof-ts/ipc4";
import type { AudioGraph } from "@sof-ts/pipeline";
import type { StatePhases } from "../user/exchange.js";
import { type Answer, plain, succeeded } from "./answer.js";
import type { Forwarder } from "./forwarder.js";

type StateMessage = MessageOfKind<"set-pipeline-state">;

/**
 * SET_PIPELINE_STATE: one state for a list of pipelines. A list on one core goes there whole; one that spans
 * cores is prepared on every core before any core triggers.
 */
export function* setPipelineState(
  graph: AudioGraph,
  forwarder: Forwarder,
  message: StateMessage,
  extension: number,
  downlink: Uint8Array,
): Generator<number, Answer, number> {
  const ids = pipelineIds(message, downlink);
  if (ids === null) return plain(Status.ERROR_INVALID_PARAM, extension);
  const cores: number[] = [];
  for (const id of ids) {
    const pipeline = graph.pipeline(id);
    if (pipeline === null) return plain(Status.INVALID_RESOURCE_ID, extension);
    cores.push(pipeline.core);
  }
  const [first] = cores;
  if (first === undefined) return plain(Status.SUCCESS, extension);
  if (cores.every((core) => core === first)) {
    return yield* forwarder.forward(first, message, extension, {
      kind: "pipelines",
      ids,
      phases: "both",
    });
  }
  const phases: readonly StatePhases[] = ["prepare", "trigger"];
  for (const phase of phases) {
    for (const [index, id] of ids.entries()) {
      const answer = yield* forwarder.forward(cores[index] as number, message, extension, {
        kind: "pipelines",
        ids: [id],
        phases: phase,
      });
      if (!succeeded(answer)) return answer;
    }
  }
  return plain(Status.SUCCESS, extension);
}

/** The pipelines of the message, read out of the mailbox once; null when there are more than it holds. */
function pipelineIds(message: StateMessage, downlink: Uint8Array): readonly number[] | null {
  if (!message.multiPipeline) return [message.pipelineId];
  const view = new DataView(downlink.buffer, downlink.byteOffset, downlink.byteLength);
  const count = view.getUint32(0, true);
  if (count > MAX_PIPELINE_IDS) return null;
  return Array.from({ length: count }, (_, i) => view.getUint32(4 + 4 * i, true));
}
