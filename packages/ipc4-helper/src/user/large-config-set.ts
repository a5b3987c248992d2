import { GenericParam, type MessageOfKind, Status } from "@sof-ts/ipc4";
import { EINVAL } from "@sof-ts/kit";
import type { FragmentPosition } from "@sof-ts/module-api";
import { type Component, componentId } from "@sof-ts/pipeline";
import { ConfigTransfer, fragmentPosition } from "../large-config/fragment.js";
import { vendorSet, type VendorTarget } from "../large-config/vendor.js";
import type { UserContext } from "./context.js";

/** Status for a component that large configuration does not find. */
export function notFoundStatus(context: UserContext): number {
  const { userSpaceIpc } = context.firmware.options;
  return userSpaceIpc ? Status.MOD_INVALID_ID : Status.INVALID_RESOURCE_ID;
}

/** The transfer of an instance. */
export function transferOf(context: UserContext, component: Component): ConfigTransfer {
  let transfer = context.transfers.get(component);
  if (transfer === undefined) {
    transfer = new ConfigTransfer();
    context.transfers.set(component, transfer);
  }
  return transfer;
}

/** LARGE_CONFIG_SET to a module. */
export function* largeConfigSet(
  context: UserContext,
  message: MessageOfKind<"large-config-set">,
  mailbox: Uint8Array,
): Generator<number, number, number> {
  const id = componentId(message.moduleId, message.instanceId);
  const component = context.graph.component(id);
  if (component === null) {
    return context.chains.has(id) ? Status.INVALID_RESOURCE_ID : notFoundStatus(context);
  }
  const position = fragmentPosition(message.initBlock, message.finalBlock);
  const { paramId, dataOffSize } = message;
  if (paramId === GenericParam.VENDOR_CONFIG) {
    return yield* vendorSet(vendorTarget(context, component), position, dataOffSize, mailbox);
  }
  const rc = yield* setFragment(context, component, paramId, position, dataOffSize, mailbox);
  return rc < 0 ? Status.INVALID_RESOURCE_ID : rc;
}

/** The vendor parameters of a module. */
export function vendorTarget(context: UserContext, component: Component): VendorTarget {
  return {
    set: (type, position, sizeOrOffset, mailbox) =>
      setFragment(context, component, type, position, sizeOrOffset, mailbox),
    get: (type, out) =>
      context.graph.withModule(component, () => component.module.getConfiguration(type, out)),
    pause: () => context.graph.kernel.yield(),
  };
}

function* setFragment(
  context: UserContext,
  component: Component,
  paramId: number,
  position: FragmentPosition,
  sizeOrOffset: number,
  mailbox: Uint8Array,
): Generator<number, number, number> {
  const transfer = transferOf(context, component);
  const fragment = transfer.fragment(position, sizeOrOffset, mailbox);
  if (fragment === null) return -EINVAL;
  const rc = yield* context.graph.withModule(component, () =>
    component.module.setConfiguration(paramId, position, sizeOrOffset, fragment),
  );
  transfer.settle(position, sizeOrOffset, rc);
  return rc;
}
