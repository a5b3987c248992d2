import { Status } from "@sof-ts/ipc4";
import { type AudioGraph, PipelineState } from "@sof-ts/pipeline";
import type { FirmwarePort } from "../ports.js";
import type { MessageOfKind } from "@sof-ts/ipc4";

/** SET_DX: powers cores up and down (SOF's `ipc4_module_process_dx`). Checks in the protocol's order. */
export function* setDx(
  graph: AudioGraph,
  firmware: FirmwarePort,
  message: MessageOfKind<"set-dx">,
  downlink: Uint8Array,
): Generator<number, number, number> {
  if (message.moduleId !== 0 || message.instanceId !== 0) return Status.INVALID_RESOURCE_ID;
  const view = new DataView(downlink.buffer, downlink.byteOffset, downlink.byteLength);
  const coreMask = view.getUint32(0, true);
  const dxMask = view.getUint32(4, true);
  if (coreMask >= 1 << firmware.coreCount) return Status.ERROR_INVALID_PARAM;
  if ((coreMask & 1) !== 0 && (dxMask & 1) !== 0) return Status.BAD_STATE;
  for (let core = 1; core < firmware.coreCount; core++) {
    if ((coreMask & (1 << core)) === 0) continue;
    const rc = yield* firmware.setCorePower(core, (dxMask & (1 << core)) !== 0);
    if (rc < 0) return Status.FAILURE;
  }
  if ((coreMask & 1) === 0) return Status.SUCCESS;
  for (let core = 1; core < firmware.coreCount; core++)
    if (firmware.coreEnabled(core)) return Status.BUSY;
  if (graph.pipelines.some((pipeline) => pipeline.state === PipelineState.ACTIVE))
    return Status.BUSY;
  const rc = yield* firmware.setCorePower(0, false);
  return rc < 0 ? Status.POWER_TRANSITION_FAILED : Status.SUCCESS;
}
