import {
  controlHeader,
  ControlParam,
  GenericParam,
  MAILBOX_BYTES,
  type MessageOfKind,
  Status,
  vendorParamHeader,
} from "@sof-ts/ipc4";
import { type Component, componentId } from "@sof-ts/pipeline";
import { getReplyExtension, partOf } from "../large-config/fragment.js";
import { burstGet, valueGet } from "../large-config/vendor.js";
import type { UserContext } from "./context.js";
import type { UserReply } from "./exchange.js";
import { instanceProps } from "./instance-props.js";
import { notFoundStatus, transferOf, vendorTarget } from "./large-config-set.js";

/** Longest value that a module gives; the reference's blobs end at 8 KiB. */
export const MAX_VALUE_BYTES = 0x4000;

type GetMessage = MessageOfKind<"large-config-get">;

/**
 * LARGE_CONFIG_GET from a module. The module writes all of its value, of which the reply carries the part that
 * the request names.
 *
 * @param mailbox the request's payload
 * @param out the reply's payload
 * @param value room for {@link MAX_VALUE_BYTES}
 */
export function* largeConfigGet(
  context: UserContext,
  message: GetMessage,
  mailbox: Uint8Array,
  reply: UserReply,
  out: Uint8Array,
  value: Uint8Array,
): Generator<number, number, number> {
  const id = componentId(message.moduleId, message.instanceId);
  const component = context.graph.component(id);
  if (component === null) {
    return context.chains.has(id) ? Status.INVALID_RESOURCE_ID : notFoundStatus(context);
  }
  const vendor = message.paramId === GenericParam.VENDOR_CONFIG;
  if (vendor && message.dataOffSize > MAILBOX_BYTES) return Status.INVALID_CONFIG_DATA_STRUCT;
  const bytes = vendor
    ? yield* readVendor(context, component, message, mailbox, value)
    : yield* readParam(context, component, message, mailbox, value);
  const failure = vendor ? Status.FAILURE : notFoundStatus(context);
  if (bytes < 0 || bytes > value.length) return failure;
  const part = partOf(value.subarray(0, bytes), message.initBlock ? 0 : message.dataOffSize);
  if (part === null) return failure;
  out.set(part);
  reply.payloadBytes = part.length;
  const count = message.initBlock ? bytes : part.length;
  reply.extension = getReplyExtension(reply.extension, count, message.finalBlock);
  return Status.SUCCESS;
}

/** @returns bytes of the value, negative when there is none */
function* readParam(
  context: UserContext,
  component: Component,
  { paramId }: GetMessage,
  mailbox: Uint8Array,
  value: Uint8Array,
): Generator<number, number, number> {
  if (paramId === GenericParam.MOD_INST_PROPS) {
    // Its cost and its connections change in the tick and on other cores.
    const { graph } = context;
    const cores = yield* graph.lockComponent(component);
    const props = instanceProps(component);
    yield* graph.unlockComponent(component, cores);
    value.set(props);
    return props.length;
  }
  // A control's request carries the control's header, which the reply starts with.
  if (paramId >= ControlParam.SWITCH && paramId <= ControlParam.BYTES) {
    value.set(mailbox.subarray(0, controlHeader.size));
  }
  return yield* vendorTarget(context, component).get(paramId, value);
}

function* readVendor(
  context: UserContext,
  component: Component,
  message: GetMessage,
  mailbox: Uint8Array,
  value: Uint8Array,
): Generator<number, number, number> {
  const target = vendorTarget(context, component);
  const transfer = transferOf(context, component);
  if (message.initBlock && message.finalBlock) {
    return yield* burstGet(target, mailbox.subarray(0, message.dataOffSize), value);
  }
  if (!message.initBlock) {
    if (transfer.vendorParam === null) return -1;
    return yield* valueGet(target, transfer.vendorParam, value.length, value);
  }
  if (message.dataOffSize < vendorParamHeader.size) return -1;
  const { type, length } = vendorParamHeader.decode(mailbox);
  transfer.vendorParam = type;
  return yield* valueGet(target, type, length, value);
}
