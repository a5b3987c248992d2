import { type MessageOfKind, Status } from "@sof-ts/ipc4";
import { EFAULT } from "@sof-ts/kit";
import { componentId } from "@sof-ts/pipeline";
import { bindStatus } from "../status.js";
import type { UserContext } from "./context.js";

/**
 * BIND, in the IPC thread of both ends' core, or of core 0 between two cores. A second connection of the same
 * queues is not noticed.
 */
export function* bind(
  context: UserContext,
  message: MessageOfKind<"bind">,
): Generator<number, number, number> {
  const { graph, chains } = context;
  const [sourceId, sinkId] = ends(message);
  const source = graph.component(sourceId);
  const sink = graph.component(sinkId);
  if (source === null || sink === null) {
    const exist = [sourceId, sinkId].every((id) => graph.component(id) !== null || chains.has(id));
    // A DMA chain is a component, but one without a base configuration.
    return exist ? Status.FAILURE : Status.INVALID_RESOURCE_ID;
  }
  if (source.dataProcessing && sink.dataProcessing) return Status.INVALID_REQUEST;
  const rc = yield* graph.bind(source, sink, message.srcQueue, message.dstQueue);
  return rc === 0 ? Status.SUCCESS : bindStatus(rc);
}

/** UNBIND; calling context as {@link bind}. */
export function* unbind(
  context: UserContext,
  message: MessageOfKind<"unbind">,
): Generator<number, number, number> {
  const { graph } = context;
  const [sourceId, sinkId] = ends(message);
  const source = graph.component(sourceId);
  const sink = graph.component(sinkId);
  if (source === null || sink === null) return Status.INVALID_RESOURCE_ID;
  const rc = yield* graph.unbind(source, sink, message.srcQueue, message.dstQueue);
  return rc === 0 ? Status.SUCCESS : Status.INVALID_RESOURCE_ID;
}

/**
 * DELETE_INSTANCE, in the IPC thread of the instance's core. Its buffers stay with their other ends. FAILURE is
 * the module's own: the instance is gone.
 */
export function* deleteInstance(
  context: UserContext,
  message: MessageOfKind<"delete-instance">,
): Generator<number, number, number> {
  const id = componentId(message.moduleId, message.instanceId);
  const component = context.graph.component(id);
  if (component === null) return Status.INVALID_RESOURCE_ID;
  const rc = yield* context.graph.removeComponent(component);
  if (rc === -EFAULT) return Status.FAILURE;
  return rc === 0 ? Status.SUCCESS : Status.INVALID_RESOURCE_ID;
}

/** Component ids of source and sink. */
function ends(message: MessageOfKind<"bind" | "unbind">): readonly [number, number] {
  return [
    componentId(message.moduleId, message.instanceId),
    componentId(message.dstModuleId, message.dstInstanceId),
  ];
}
