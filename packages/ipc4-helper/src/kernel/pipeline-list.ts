import { Status } from "@sof-ts/ipc4";
import type { AudioGraph } from "@sof-ts/pipeline";
import type { MessageOfKind } from "@sof-ts/ipc4";

/** The pipelines that a SET_PIPELINE_STATE is for, read once; or the status that refuses it. */
export function pipelineIds(
  message: MessageOfKind<"set-pipeline-state">,
  downlink: Uint8Array,
  graph: AudioGraph,
): readonly number[] | number {
  const ids: number[] = [];
  if (message.multiPipeline) {
    const view = new DataView(downlink.buffer, downlink.byteOffset, downlink.byteLength);
    const count = view.getUint32(0, true);
    if (count > (downlink.length - 4) / 4) return Status.ERROR_INVALID_PARAM;
    for (let i = 0; i < count; i++) ids.push(view.getUint32(4 + 4 * i, true));
  } else {
    ids.push(message.pipelineId);
  }
  return ids.every((id) => graph.pipeline(id) !== null) ? ids : Status.INVALID_RESOURCE_ID;
}
