import type { Notifier } from "@sof-ts/ipc4-helper";
import { type PipelineEvents, PipelineState } from "@sof-ts/pipeline";
import type { ActivePipelines } from "./active-pipelines.js";

/**
 * Tells the host, the log and the registers what happens in the graph.
 *
 * @param log takes an error of the pipelines
 */
export function makeGraphEvents(
  notifier: Notifier,
  active: ActivePipelines,
  log: (message: string) => void,
): PipelineEvents {
  return {
    processError: ({ id, name }, rc) => {
      notifier.processError(id, rc);
      log(`${name} ${id.toString(16)}: copy ${rc}`);
    },
    prepareRefused: ({ name }, rc, why) => log(`${name}: prepare ${rc} ${why}`),
    activeChanged: ({ state }) => active.add(state === PipelineState.ACTIVE ? 1 : -1),
  };
}
