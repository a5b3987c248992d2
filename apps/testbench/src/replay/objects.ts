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

/** @returns the pipelines that a list names; null where the log does not have all of its bytes */
export function idsOf(payload: Uint8Array | undefined): readonly number[] | null {
  if (payload === undefined || payload.length < 8) return null;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const count = view.getUint32(0, true);
  if (payload.length < 4 + 4 * count) return null;
  return Array.from({ length: count }, (_, i) => view.getUint32(4 + 4 * i, true));
}
