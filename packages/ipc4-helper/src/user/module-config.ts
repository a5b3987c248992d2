import { type MessageOfKind, Status } from "@sof-ts/ipc4";
import { ENOSYS } from "@sof-ts/kit";
import { componentId } from "@sof-ts/pipeline";
import type { UserContext } from "./context.js";
import type { UserReply } from "./exchange.js";

/**
 * CONFIG_SET to a module. A module without such an operation refuses the request, a negative result is a wrong
 * parameter, a positive one goes out as it is.
 */
export function* configSet(
  context: UserContext,
  message: MessageOfKind<"config-set">,
): Generator<number, number, number> {
  const id = componentId(message.moduleId, message.instanceId);
  const component = context.graph.component(id);
  if (component === null) return missing(context, id);
  const rc = yield* context.graph.withModule(component, () =>
    component.module.setConfigParam(message.paramId, message.data),
  );
  if (rc === -ENOSYS) return Status.INVALID_REQUEST;
  return rc < 0 ? Status.INVALID_CONFIG_PARAM_ID : rc;
}

/** CONFIG_GET from a module: the value takes the place of the low 16 bits of the extension. */
export function* configGet(
  context: UserContext,
  message: MessageOfKind<"config-get">,
  reply: UserReply,
): Generator<number, number, number> {
  const id = componentId(message.moduleId, message.instanceId);
  const component = context.graph.component(id);
  if (component === null) return missing(context, id);
  const rc = yield* context.graph.withModule(component, () =>
    component.module.getConfigParam(message.paramId),
  );
  if (rc === -ENOSYS) return Status.INVALID_REQUEST;
  if (rc < 0) return Status.INVALID_CONFIG_PARAM_ID;
  reply.extension = ((message.paramId << 16) | (rc & 0xffff)) >>> 0;
  return Status.SUCCESS;
}

/** A DMA chain is a component of the firmware's own: it is there, but has nothing to configure. */
function missing(context: UserContext, id: number): number {
  return context.chains.has(id) ? Status.INVALID_REQUEST : Status.INVALID_RESOURCE_ID;
}
