import {
  GenericParam,
  MAILBOX_BYTES,
  type MessageOfKind,
  Status,
  unpackVendorParamId,
  vendorParamHeader,
} from "@sof-ts/ipc4";
import { type Answer, plain } from "../kernel/answer.js";
import { fragmentPosition, getReplyExtension, partOf } from "../large-config/fragment.js";
import { burstGet, valueGet, vendorSet, type VendorTarget } from "../large-config/vendor.js";
import type { BaseFirmwareConfig } from "./config.js";
import { ParamGetters } from "./get-param.js";
import { ParamSetters } from "./set-param.js";
import { BaseFirmwareState } from "./state.js";

/**
 * Module 0 instance 0: parameters of the firmware itself. Executed by the kernel half, because they describe the
 * image and the machine (SOF's `base_fw.c`).
 */
export class BaseFirmware {
  private readonly getters: ParamGetters;
  private readonly setters: ParamSetters;
  private readonly scratch = new Uint8Array(MAILBOX_BYTES);

  constructor(config: BaseFirmwareConfig) {
    const state = new BaseFirmwareState(config);
    this.getters = new ParamGetters(config, state);
    this.setters = new ParamSetters(config, state);
  }

  /** LARGE_CONFIG_GET to module 0. */
  *get(
    message: MessageOfKind<"large-config-get">,
    extension: number,
    downlink: Uint8Array,
  ): Generator<number, Answer, number> {
    if (message.instanceId !== 0) return plain(Status.INVALID_RESOURCE_ID, extension);
    if (message.paramId === GenericParam.VENDOR_CONFIG) {
      return yield* this.getVendor(message, extension, downlink);
    }
    const { paramId, initBlock } = message;
    const value = yield* this.getters.get({ paramId, instance: 0, initBlock, payload: downlink });
    if (typeof value === "number") return plain(value, extension);
    return reply(message, extension, value);
  }

  /** LARGE_CONFIG_SET to module 0. @returns the reply status */
  *set(
    message: MessageOfKind<"large-config-set">,
    downlink: Uint8Array,
  ): Generator<number, number, number> {
    if (message.instanceId !== 0) return Status.INVALID_RESOURCE_ID;
    const { paramId, initBlock, finalBlock, dataOffSize } = message;
    const position = fragmentPosition(initBlock, finalBlock);
    if (paramId === GenericParam.VENDOR_CONFIG) {
      return yield* vendorSet(this.vendorTarget(downlink), position, dataOffSize, downlink);
    }
    return yield* this.setters.set({
      paramId,
      single: position === "single",
      payload: downlink.subarray(0, dataOffSize),
    });
  }

  /** Base firmware parameters that have an instance number are asked for as vendor parameters. */
  private *getVendor(
    message: MessageOfKind<"large-config-get">,
    extension: number,
    downlink: Uint8Array,
  ): Generator<number, Answer, number> {
    const { dataOffSize, initBlock, finalBlock } = message;
    if (dataOffSize > MAILBOX_BYTES) return plain(Status.INVALID_CONFIG_DATA_STRUCT, extension);
    const target = this.vendorTarget(downlink);
    const list = downlink.subarray(0, dataOffSize);
    let bytes = -1;
    if (initBlock && finalBlock) bytes = yield* burstGet(target, list, this.scratch);
    else if (initBlock && list.length >= vendorParamHeader.size) {
      const { type, length } = vendorParamHeader.decode(list);
      bytes = yield* valueGet(target, type, length, this.scratch);
    }
    if (bytes < 0) return plain(Status.FAILURE, extension);
    return reply(message, extension, this.scratch.slice(0, bytes));
  }

  private vendorTarget(downlink: Uint8Array): VendorTarget {
    const { getters, setters } = this;
    return {
      *set(type, position, sizeOrOffset, mailbox) {
        const { param } = unpackVendorParamId(type);
        const payload = mailbox.subarray(0, sizeOrOffset);
        return yield* setters.set({ paramId: param, single: position === "single", payload });
      },
      *get(type, out) {
        const { param, instance } = unpackVendorParamId(type);
        const value = yield* getters.get({
          paramId: param,
          instance,
          initBlock: true,
          payload: downlink,
        });
        if (typeof value === "number" || value.length > out.length) return -1;
        out.set(value);
        return value.length;
      },
      // The kernel's IPC thread is preemptible.
      *pause() {},
    };
  }
}

/** The part of a value that a request names; only lists that are read in parts may be longer than a mailbox. */
function reply(
  message: MessageOfKind<"large-config-get">,
  extension: number,
  value: Uint8Array,
): Answer {
  const { initBlock, finalBlock, dataOffSize } = message;
  const part = partOf(value, initBlock ? 0 : dataOffSize);
  if (part === null) return plain(Status.ERROR_INVALID_PARAM, extension);
  const count = initBlock ? value.length : part.length;
  return {
    status: Status.SUCCESS,
    extension: getReplyExtension(extension, count, finalBlock),
    payload: part,
  };
}
