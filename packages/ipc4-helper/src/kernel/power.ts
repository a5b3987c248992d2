import { dxState, type MessageOfKind, Status } from "@sof-ts/ipc4";
import { type AudioGraph, PipelineState } from "@sof-ts/pipeline";
import type { FirmwarePort } from "../ports.js";
import { type Answer, plain } from "./answer.js";

/** SET_DX: powers cores up and down (SOF's `ipc4_module_process_dx`). Checks in the protocol's order. */
export function* setDx(
  graph: AudioGraph,
  firmware: FirmwarePort,
  message: MessageOfKind<"set-dx">,
  extension: number,
  downlink: Uint8Array,
): Generator<number, Answer, number> {
  const refuse = (status: number): Answer => plain(status, extension);
  if (message.moduleId !== 0 || message.instanceId !== 0) return refuse(Status.INVALID_RESOURCE_ID);
  const { coreMask, dxMask } = dxState.decode(downlink);
  if (coreMask >= 1 << firmware.coreCount) return refuse(Status.ERROR_INVALID_PARAM);
  if ((coreMask & 1) !== 0 && (dxMask & 1) !== 0) return refuse(Status.BAD_STATE);
  for (let core = 1; core < firmware.coreCount; core++) {
    if ((coreMask & (1 << core)) === 0) continue;
    const on = (dxMask & (1 << core)) !== 0;
    // Whoever lives on a core would be left without the thread that serves it.
    const used = graph.components.some((component) => component.core === core);
    const rc = !on && used ? -1 : yield* firmware.setCorePower(core, on);
    if (rc < 0) return refuse(Status.FAILURE);
  }
  if ((coreMask & 1) === 0) return plain(Status.SUCCESS, extension);
  for (let core = 1; core < firmware.coreCount; core++)
    if (firmware.coreEnabled(core)) return refuse(Status.BUSY);
  if (graph.pipelines.some(({ state }) => state === PipelineState.ACTIVE))
    return refuse(Status.BUSY);
  if (firmware.canPowerOff() < 0) return refuse(Status.POWER_TRANSITION_FAILED);
  return { ...plain(Status.SUCCESS, extension), powerOff: true };
}

/** SET_D0IX: only power gating is in the firmware's hands (SOF's `ipc4_module_process_d0ix`). */
export function setD0ix(firmware: FirmwarePort, message: MessageOfKind<"set-d0ix">): number {
  if (message.moduleId !== 0 || message.instanceId !== 0) return Status.INVALID_RESOURCE_ID;
  firmware.preventPowerGating(message.preventPowerGating);
  return Status.SUCCESS;
}
