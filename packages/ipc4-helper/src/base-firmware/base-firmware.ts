import { Status } from "@sof-ts/ipc4";
import { ByteWriter } from "@sof-ts/kit";
import type { MessageOfKind } from "@sof-ts/ipc4";
import { type FirmwareFacts, writeFwConfig, writeHwConfig } from "./config-tlv.js";
import { writeModulesInfo } from "./modules-info.js";
import type { ModuleDirectory } from "../ports.js";

/** Large parameters of the base firmware that are answered here (`enum ipc4_basefw_params`). */
const Param = {
  NOTIFICATION_MASK: 3,
  ASTATE_TABLE: 4,
  ENABLE_LOGS: 6,
  FW_CONFIG: 7,
  HW_CONFIG: 8,
  MODULES_INFO: 9,
  PIPELINE_LIST_INFO: 10,
  SYSTEM_TIME: 20,
} as const;

const MAILBOX_BYTES = 4096;
const ENABLE_LOGS_BYTES = 76;
const NO_PAYLOAD = new Uint8Array(0);

/** What a GET answers. */
export interface BaseFirmwareAnswer {
  readonly status: number;
  readonly extension: number;
  readonly payload: Uint8Array;
}

/** What the base firmware keeps for the host. */
export interface BaseFirmwareConfig {
  readonly facts: FirmwareFacts;
  readonly directory: ModuleDirectory;
  /** Ids of the pipelines that exist. */
  pipelineIds(): readonly number[];
  /** Virtual time since boot in microseconds. */
  nowUs(): number;
}

/**
 * Module 0 instance 0: parameters of the firmware itself. Executed by the kernel half, because they describe
 * the image and the machine.
 */
export class BaseFirmware {
  /** Bits of the events that the host wants: gateway underrun 0, mixer underrun 1, budget 2, gateway overrun 3. */
  notificationMask = 0xffff_ffff;
  /** Microseconds since 1601-01-01 UTC at virtual time 0, once the host has set the time. */
  private epochUs: bigint | null = null;
  private readonly config: BaseFirmwareConfig;

  constructor(config: BaseFirmwareConfig) {
    this.config = config;
  }

  /** LARGE_CONFIG_GET to module 0. */
  get(
    message: MessageOfKind<"large-config-get">,
    extension: number,
    downlink: Uint8Array,
  ): BaseFirmwareAnswer {
    const refuse = (status: number): BaseFirmwareAnswer => ({
      status,
      extension,
      payload: NO_PAYLOAD,
    });
    if (message.instanceId !== 0) return refuse(Status.INVALID_RESOURCE_ID);
    if (!message.initBlock) return refuse(Status.ERROR_INVALID_PARAM);
    const payload = this.read(message.paramId, downlink);
    if (payload === null) return refuse(Status.INVALID_REQUEST);
    if (payload.length > MAILBOX_BYTES) return refuse(Status.OUT_OF_MEMORY);
    let word = (extension & ~0xf_ffff) | payload.length;
    if (!message.finalBlock && payload.length < MAILBOX_BYTES) word |= 1 << 28;
    return { status: Status.SUCCESS, extension: word >>> 0, payload };
  }

  /** LARGE_CONFIG_SET to module 0. @returns the reply status */
  *set(
    message: MessageOfKind<"large-config-set">,
    downlink: Uint8Array,
  ): Generator<number, number, number> {
    if (message.instanceId !== 0) return Status.INVALID_RESOURCE_ID;
    const view = new DataView(downlink.buffer, downlink.byteOffset, downlink.byteLength);
    const single = message.initBlock && message.finalBlock;
    const bytes = message.dataOffSize;
    switch (message.paramId) {
      case Param.NOTIFICATION_MASK: {
        if (bytes < 8) return Status.ERROR_INVALID_PARAM;
        const mask = view.getUint32(0, true);
        const enabled = view.getUint32(4, true);
        this.notificationMask =
          ((this.notificationMask & (enabled | ~mask)) | (enabled & mask)) >>> 0;
        return Status.SUCCESS;
      }
      case Param.ASTATE_TABLE:
        return Status.SUCCESS;
      case Param.ENABLE_LOGS:
        return single && bytes >= ENABLE_LOGS_BYTES ? Status.SUCCESS : Status.INVALID_RESOURCE_ID;
      case Param.SYSTEM_TIME: {
        if (!single) return Status.INVALID_REQUEST;
        if (bytes < 8) return Status.ERROR_INVALID_PARAM;
        this.epochUs = view.getBigUint64(0, true) - BigInt(this.config.nowUs());
        return Status.SUCCESS;
      }
      default:
        return Status.INVALID_REQUEST;
    }
  }

  /** @returns the value of a parameter, or null when it cannot be read */
  private read(paramId: number, downlink: Uint8Array): Uint8Array | null {
    const { facts, directory } = this.config;
    switch (paramId) {
      case Param.FW_CONFIG:
        return writeFwConfig(facts);
      case Param.HW_CONFIG:
        return writeHwConfig(facts);
      case Param.MODULES_INFO:
        return writeModulesInfo(directory);
      case Param.PIPELINE_LIST_INFO:
        return this.pipelineList(downlink);
      case Param.SYSTEM_TIME: {
        const now = (this.epochUs ?? 0n) + BigInt(this.config.nowUs());
        return new ByteWriter(8).u64(now).finish();
      }
      default:
        return null;
    }
  }

  /** The reference takes the count from the request and probes the ids below it. */
  private pipelineList(downlink: Uint8Array): Uint8Array {
    const view = new DataView(downlink.buffer, downlink.byteOffset, downlink.byteLength);
    const asked = view.getUint32(0, true);
    const ids = this.config.pipelineIds().filter((id) => id < asked);
    const out = new ByteWriter(4 + 4 * ids.length).u32(ids.length);
    for (const id of [...ids].sort((a, b) => a - b)) out.u32(id);
    return out.finish();
  }
}
