import { Status } from "@sof-ts/ipc4";
import { ENOSYS } from "@sof-ts/kit";
import type { FragmentPosition } from "@sof-ts/module-api";
import type { Component } from "@sof-ts/pipeline";
import type { UserContext } from "./context.js";
import type { UserReply } from "./exchange.js";

/** Large parameter that holds vendor parameters as TLVs. */
const VENDOR_CONFIG_PARAM = 0xff;
/** ALSA controls: the request carries the control's header, which the reply starts with. */
const FIRST_CONTROL_PARAM = 200;
const LAST_CONTROL_PARAM = 202;
const CONTROL_HEADER_BYTES = 20;
/** Bytes that fit in a mailbox. */
const MAILBOX_BYTES = 4096;

/** Fields of LARGE_CONFIG_GET and LARGE_CONFIG_SET. */
export interface LargeConfig {
  readonly component: number;
  readonly paramId: number;
  readonly sizeOrOffset: number;
  readonly initBlock: boolean;
  readonly finalBlock: boolean;
}

/** Which fragment the block flags make of a message. */
export function fragmentPosition(initBlock: boolean, finalBlock: boolean): FragmentPosition {
  if (initBlock) return finalBlock ? "single" : "first";
  return finalBlock ? "last" : "middle";
}

/** LARGE_CONFIG_SET to a module. */
export function* largeConfigSet(
  context: UserContext,
  message: LargeConfig,
  downlink: Uint8Array,
): Generator<number, number, number> {
  const component = context.graph.component(message.component);
  if (component === null) return Status.INVALID_RESOURCE_ID;
  const position = fragmentPosition(message.initBlock, message.finalBlock);
  if (message.paramId === VENDOR_CONFIG_PARAM) {
    return yield* vendorConfigSet(context, component, message, position, downlink);
  }
  const bytes = fragmentBytes(component, message.sizeOrOffset, position);
  if (bytes === null) return Status.INVALID_RESOURCE_ID;
  return yield* setFragment(
    context,
    component,
    message.paramId,
    position,
    message.sizeOrOffset,
    downlink.subarray(0, bytes),
  );
}

/** LARGE_CONFIG_GET from a module. */
export function* largeConfigGet(
  context: UserContext,
  message: LargeConfig,
  downlink: Uint8Array,
  reply: UserReply,
  out: Uint8Array,
): Generator<number, number, number> {
  const component = context.graph.component(message.component);
  if (component === null) return Status.INVALID_RESOURCE_ID;
  const isControl = message.paramId >= FIRST_CONTROL_PARAM && message.paramId <= LAST_CONTROL_PARAM;
  if (isControl) out.set(downlink.subarray(0, CONTROL_HEADER_BYTES));
  yield* context.graph.locking.lock(component.core);
  const rc = yield* component.module.getConfiguration(message.paramId, out);
  yield* context.graph.locking.unlock(component.core);
  if (rc < 0) return Status.INVALID_RESOURCE_ID;
  reply.payloadBytes = rc;
  reply.extension = replaceSize(reply.extension, rc, message.finalBlock);
  return Status.SUCCESS;
}

/** CONFIG_SET to a module. A negative result is refused; a positive one goes out as it is. */
export function* configSet(
  context: UserContext,
  componentId: number,
  paramId: number,
  value: number,
): Generator<number, number, number> {
  const component = context.graph.component(componentId);
  if (component === null) return Status.INVALID_RESOURCE_ID;
  yield* context.graph.locking.lock(component.core);
  const rc = yield* component.module.setConfigParam(paramId, value);
  yield* context.graph.locking.unlock(component.core);
  if (rc === -ENOSYS) return Status.INVALID_REQUEST;
  return rc < 0 ? Status.INVALID_CONFIG_PARAM_ID : rc;
}

/** CONFIG_GET from a module: the value takes the place of the low 16 bits of the extension. */
export function* configGet(
  context: UserContext,
  componentId: number,
  paramId: number,
  reply: UserReply,
): Generator<number, number, number> {
  const component = context.graph.component(componentId);
  if (component === null) return Status.INVALID_RESOURCE_ID;
  yield* context.graph.locking.lock(component.core);
  const rc = yield* component.module.getConfigParam(paramId);
  yield* context.graph.locking.unlock(component.core);
  if (rc === -ENOSYS) return Status.INVALID_REQUEST;
  if (rc < 0) return Status.INVALID_CONFIG_PARAM_ID;
  reply.extension = ((paramId << 16) | (rc & 0xffff)) >>> 0;
  return Status.SUCCESS;
}

/**
 * Bytes of a fragment; null when they cannot be in the mailbox. Only the first one tells the total, so it is
 * kept with the component until the last has come.
 */
function fragmentBytes(
  component: Component,
  sizeOrOffset: number,
  position: FragmentPosition,
): number | null {
  switch (position) {
    case "single":
      return sizeOrOffset <= MAILBOX_BYTES ? sizeOrOffset : null;
    case "first":
      component.configBytes = sizeOrOffset;
      return Math.min(sizeOrOffset, MAILBOX_BYTES);
    case "middle":
      return MAILBOX_BYTES;
    case "last": {
      const left = component.configBytes - sizeOrOffset;
      return left >= 0 && left <= MAILBOX_BYTES ? left : null;
    }
  }
}

function* setFragment(
  context: UserContext,
  component: Component,
  paramId: number,
  position: FragmentPosition,
  sizeOrOffset: number,
  fragment: Uint8Array,
): Generator<number, number, number> {
  yield* context.graph.locking.lock(component.core);
  const rc = yield* component.module.setConfiguration(paramId, position, sizeOrOffset, fragment);
  yield* context.graph.locking.unlock(component.core);
  return rc < 0 ? Status.INVALID_RESOURCE_ID : rc;
}

/**
 * VENDOR_CONFIG_PARAM: in one block a list of TLVs, each set as a single block of the parameter that its type
 * names; over several blocks one TLV, whose header is in the first. Follow-ups go to parameter 0.
 */
function* vendorConfigSet(
  context: UserContext,
  component: Component,
  message: LargeConfig,
  position: FragmentPosition,
  downlink: Uint8Array,
): Generator<number, number, number> {
  const { sizeOrOffset } = message;
  if (sizeOrOffset > MAILBOX_BYTES) return Status.INVALID_CONFIG_DATA_STRUCT;
  const view = new DataView(downlink.buffer, downlink.byteOffset, downlink.byteLength);
  if (position === "single") {
    for (let offset = 0; offset < sizeOrOffset;) {
      if (offset + 8 > sizeOrOffset) return Status.INVALID_CONFIG_DATA_STRUCT;
      const type = view.getUint32(offset, true);
      const length = view.getUint32(offset + 4, true);
      if (length === 0) return Status.INVALID_CONFIG_DATA_LEN;
      if (offset + 8 + length > sizeOrOffset) return Status.INVALID_REQUEST;
      const value = downlink.subarray(offset + 8, offset + 8 + length);
      const status = yield* setFragment(context, component, type & 0xff, "single", length, value);
      if (status !== Status.SUCCESS) return Status.INVALID_RESOURCE_ID;
      offset += 8 + Math.ceil(length / 4) * 4;
    }
    return Status.SUCCESS;
  }
  if (position !== "first") {
    return yield* setFragment(
      context,
      component,
      0,
      position,
      sizeOrOffset,
      downlink.subarray(0, MAILBOX_BYTES),
    );
  }
  if (sizeOrOffset < 8) return Status.INVALID_CONFIG_DATA_STRUCT;
  const type = view.getUint32(0, true);
  const length = view.getUint32(4, true);
  return yield* setFragment(
    context,
    component,
    type & 0xff,
    position,
    length,
    downlink.subarray(8, MAILBOX_BYTES),
  );
}

/** The request's extension with the produced size, and the final flag when all of it fits. */
function replaceSize(extension: number, bytes: number, requestFinal: boolean): number {
  let word = (extension & ~0xf_ffff) | bytes;
  if (!requestFinal && bytes < MAILBOX_BYTES) word |= 1 << 28;
  return word >>> 0;
}
