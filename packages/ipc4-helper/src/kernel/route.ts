import type { Ipc4Message } from "@sof-ts/ipc4";
import { type AudioGraph, componentId } from "@sof-ts/pipeline";

/**
 * The core that a message is executed on: the one it names, or the one that its pipeline or component is on.
 * A connection between two cores is made on core 0, and so is everything that names nothing.
 */
export function targetCore(message: Ipc4Message, graph: AudioGraph): number {
  const coreOf = (moduleId: number, instanceId: number): number | undefined =>
    graph.component(componentId(moduleId, instanceId))?.core;
  switch (message.kind) {
    case "create-pipeline":
    case "init-instance":
      return message.coreId;
    case "delete-pipeline":
    case "set-pipeline-state":
      return graph.pipeline(message.pipelineId)?.core ?? 0;
    case "config-get":
    case "config-set":
    case "large-config-get":
    case "large-config-set":
    case "delete-instance":
      return coreOf(message.moduleId, message.instanceId) ?? 0;
    case "bind":
    case "unbind": {
      const source = coreOf(message.moduleId, message.instanceId);
      const sink = coreOf(message.dstModuleId, message.dstInstanceId);
      return source !== undefined && source === sink ? source : 0;
    }
    default:
      return 0;
  }
}
