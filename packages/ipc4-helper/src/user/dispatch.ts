import { type Ipc4Message, Status } from "@sof-ts/ipc4";
import { bind, deleteInstance, unbind } from "./connections.js";
import type { UserContext } from "./context.js";
import type { Resolved, UserHandler, UserReply } from "./exchange.js";
import { initInstance } from "./init-instance.js";
import { ipcGatewayCommand } from "./ipc-gateway.js";
import { largeConfigGet, MAX_VALUE_BYTES } from "./large-config-get.js";
import { largeConfigSet } from "./large-config-set.js";
import { configGet, configSet } from "./module-config.js";
import { createPipeline, deletePipeline, setPipelineStates } from "./pipeline-messages.js";

/**
 * Makes the user half of the handlers for one core: executes a forwarded message in the core's IPC thread
 * (SOF's `ipc_user_thread_dispatch`).
 */
export function makeUserHandler(context: UserContext): UserHandler {
  const value = new Uint8Array(MAX_VALUE_BYTES);
  return function* dispatch(request, reply, out) {
    const { message, resolved, mailbox } = request;
    reply.status = yield* execute(context, message, resolved, mailbox, reply, out, value);
  };
}

function* execute(
  context: UserContext,
  message: Ipc4Message,
  resolved: Resolved | null,
  mailbox: Uint8Array,
  reply: UserReply,
  out: Uint8Array,
  value: Uint8Array,
): Generator<number, number, number> {
  switch (message.kind) {
    case "create-pipeline":
      return yield* createPipeline(context, message, mailbox);
    case "delete-pipeline":
      return yield* deletePipeline(context, message.pipelineId);
    case "set-pipeline-state":
      if (resolved?.kind !== "pipelines") return Status.FAILURE;
      return yield* setPipelineStates(context, message.state, resolved.ids, resolved.phases);
    case "chain-dma":
      return yield* context.chains.handle(message);
    case "ipc-gateway-cmd":
      return yield* ipcGatewayCommand(context, message, mailbox, reply, out);
    case "init-instance":
      if (resolved?.kind !== "driver") return Status.MOD_NOT_INITIALIZED;
      return yield* initInstance(context, message, resolved, mailbox);
    case "delete-instance":
      return yield* deleteInstance(context, message);
    case "bind":
      return yield* bind(context, message);
    case "unbind":
      return yield* unbind(context, message);
    case "config-set":
      return yield* configSet(context, message);
    case "config-get":
      return yield* configGet(context, message, reply);
    case "large-config-set":
      return yield* largeConfigSet(context, message, mailbox);
    case "large-config-get":
      return yield* largeConfigGet(context, message, mailbox, reply, out, value);
    default:
      return Status.UNAVAILABLE;
  }
}
