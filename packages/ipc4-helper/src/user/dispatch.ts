import { type Ipc4Message, Status } from "@sof-ts/ipc4";
import { componentId } from "@sof-ts/pipeline";
import {
  configGet,
  configSet,
  type LargeConfig,
  largeConfigGet,
  largeConfigSet,
} from "./config-messages.js";
import type { UserContext } from "./context.js";
import type { Resolved, UserHandler, UserReply } from "./exchange.js";
import { bind, type Connection, deleteInstance, initInstance, unbind } from "./module-messages.js";
import { createPipeline, deletePipeline, setPipelineStates } from "./pipeline-messages.js";

/**
 * Makes the user half of the handlers for one core: executes a forwarded message in the core's IPC thread
 * (SOF's `ipc_user_thread_dispatch`).
 */
export function makeUserHandler(context: UserContext): UserHandler {
  return function* dispatch(request, reply, out) {
    reply.status = yield* execute(
      context,
      request.message,
      request.resolved,
      request.downlink,
      reply,
      out,
    );
  };
}

function* execute(
  context: UserContext,
  message: Ipc4Message,
  resolved: Resolved | null,
  downlink: Uint8Array,
  reply: UserReply,
  out: Uint8Array,
): Generator<number, number, number> {
  switch (message.kind) {
    case "create-pipeline":
      return createPipeline(context, message);
    case "delete-pipeline":
      return yield* deletePipeline(context, message.pipelineId);
    case "set-pipeline-state":
      if (resolved?.kind !== "pipelines") return Status.FAILURE;
      return yield* setPipelineStates(context, message.state, resolved.ids, resolved.phases);
    case "chain-dma":
      return yield* context.chains.handle(message);
    case "init-instance":
      if (resolved?.kind !== "driver") return Status.MOD_NOT_INITIALIZED;
      return yield* initInstance(context, message, resolved, downlink);
    case "delete-instance":
      return yield* deleteInstance(context, componentId(message.moduleId, message.instanceId));
    case "bind":
      return yield* bind(context, connectionOf(message));
    case "unbind":
      return yield* unbind(context, connectionOf(message));
    case "config-set":
      return yield* configSet(
        context,
        componentId(message.moduleId, message.instanceId),
        message.paramId,
        message.data,
      );
    case "config-get":
      return yield* configGet(
        context,
        componentId(message.moduleId, message.instanceId),
        message.paramId,
        reply,
      );
    case "large-config-set":
      return yield* largeConfigSet(context, largeConfigOf(message), downlink);
    case "large-config-get":
      return yield* largeConfigGet(context, largeConfigOf(message), downlink, reply, out);
    default:
      return Status.UNAVAILABLE;
  }
}

function connectionOf(message: Extract<Ipc4Message, { kind: "bind" | "unbind" }>): Connection {
  return {
    source: componentId(message.moduleId, message.instanceId),
    sink: componentId(message.dstModuleId, message.dstInstanceId),
    sourceQueue: message.srcQueue,
    sinkQueue: message.dstQueue,
  };
}

function largeConfigOf(
  message: Extract<Ipc4Message, { kind: "large-config-get" | "large-config-set" }>,
): LargeConfig {
  return {
    component: componentId(message.moduleId, message.instanceId),
    paramId: message.paramId,
    sizeOrOffset: message.dataOffSize,
    initBlock: message.initBlock,
    finalBlock: message.finalBlock,
  };
}
