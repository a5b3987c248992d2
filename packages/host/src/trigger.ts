import { unreachable } from "@sof-ts/kit";
import { PipelineState } from "@sof-ts/ipc4";
import type { HostTask } from "./host-task.js";
import type { PipelineControl } from "./pipeline-control.js";
import type { PipelineUse } from "./widget-state.js";

/** ALSA's trigger commands (`SNDRV_PCM_TRIGGER_*`). */
export type TriggerCommand = "start" | "resume" | "pauseRelease" | "stop" | "suspend" | "pausePush";

/** States that a front end's list is made for. */
type ListState = "RUNNING" | "PAUSED" | "RESET";

/**
 * Picks and orders the pipelines that a front end's message names, as the Linux driver does
 * (`sof_ipc4_trigger_pipelines`). A pipeline that another stream keeps running is left out, so is one whose
 * state the back end changes, except for RESET. The last pipeline of the audio's way is first, or for
 * PAUSED last; on top of that priorities count. The testbench's order is that of set-up.
 *
 * @param pipelines all pipelines of the stream, in the order of set-up
 */
function pipelinesToTrigger(
  { variant }: PipelineControl,
  pipelines: readonly PipelineUse[],
  state: ListState,
): PipelineUse[] {
  if (variant.stateOrder === "setup") return pipelines.filter((use) => isIncluded(use, state));
  const ordered = state === "PAUSED" ? [...pipelines] : [...pipelines].reverse();
  const sign = state === "RUNNING" ? -1 : 1;
  return ordered
    .filter((use) => isIncluded(use, state))
    .sort((a, b) => sign * (a.pipeline.priority - b.pipeline.priority));
}

function isIncluded(use: PipelineUse, state: ListState): boolean {
  const { startedCount, pausedCount } = use;
  switch (state) {
    case "RUNNING":
      return !use.backEndDriven && startedCount === pausedCount;
    case "PAUSED":
      return !use.backEndDriven && pausedCount === startedCount - 1;
    case "RESET":
      return startedCount === 0 && pausedCount === 0;
    default:
      return unreachable(state, "list state");
  }
}

/**
 * Carries out a trigger command of a front end on its pipelines. A start goes by way of PAUSED, which takes
 * new pipelines out of their initial state.
 *
 * @returns whether the pipelines' counters followed the command; they do not when there was nothing to send
 */
export function* triggerFrontEnd(
  control: PipelineControl,
  pipelines: readonly PipelineUse[],
  command: TriggerCommand,
): HostTask<boolean> {
  const running = command === "start" || command === "resume" || command === "pauseRelease";
  const list = pipelinesToTrigger(control, pipelines, running ? "RUNNING" : "PAUSED");
  if (list.length === 0) return false;
  if (command === "start" || command === "resume") {
    yield* control.setState(list, PipelineState.PAUSED);
  }
  yield* control.setState(list, running ? PipelineState.RUNNING : PipelineState.PAUSED);
  countTrigger(pipelines, command);
  return true;
}

/** Resets the pipelines that no stream runs or pauses any more. */
export function* resetPipelines(
  control: PipelineControl,
  pipelines: readonly PipelineUse[],
): HostTask<void> {
  const list = pipelinesToTrigger(control, pipelines, "RESET");
  if (list.length > 0) yield* control.setState(list, PipelineState.RESET);
}

/** Has the counters of a front end's pipelines follow a command; shared pipelines count too. */
export function countTrigger(pipelines: readonly PipelineUse[], command: TriggerCommand): void {
  for (const use of pipelines) if (!use.backEndDriven) count(use, command);
}

function count(use: PipelineUse, command: TriggerCommand): void {
  switch (command) {
    case "start":
    case "resume":
      use.startedCount++;
      break;
    case "pauseRelease":
      use.pausedCount--;
      break;
    case "stop":
    case "suspend":
      use.startedCount--;
      break;
    case "pausePush":
      use.pausedCount++;
      break;
    default:
      unreachable(command, "trigger command");
  }
}
