import type { Ipc4Message } from "@sof-ts/ipc4";

/**
 * Names the objects whose state a request depends on, so that later requests about them can be traced to an
 * earlier difference.
 */
export function objectsOf(message: Ipc4Message, pipelines: readonly number[]): string[] {
  const objects = pipelines.map((id) => `pipeline ${id}`);
  switch (message.kind) {
    case "init-instance":
      objects.push(`pipeline ${message.pipelineId}`);
      objects.push(instance(message.moduleId, message.instanceId));
      break;
    case "bind":
    case "unbind":
      objects.push(instance(message.moduleId, message.instanceId));
      objects.push(instance(message.dstModuleId, message.dstInstanceId));
      break;
    case "config-get":
    case "config-set":
    case "large-config-get":
    case "large-config-set":
    case "delete-instance":
      if (message.moduleId !== 0) objects.push(instance(message.moduleId, message.instanceId));
      break;
    case "chain-dma":
      objects.push(`chain ${message.hostDmaId}`);
      break;
    case "load-library":
    case "load-library-prepare":
      objects.push(`library DMA ${message.dmaId}`);
      break;
    default:
      break;
  }
  return objects;
}

const instance = (moduleId: number, instanceId: number): string =>
  `module ${moduleId} instance ${instanceId}`;
