import {
  BaseFwParam,
  decodeDmaControl,
  FwConfigType,
  logState,
  NodeType,
  notificationMaskInfo,
  registerKcps,
  resourceAllocation,
  ResourceAllocationType,
  Status,
  systemTime,
  unpackNodeId,
  vendorParamHeader,
} from "@sof-ts/ipc4";
import { InputError } from "@sof-ts/kit";
import type { BaseFirmwareConfig } from "./config.js";
import type { ParamValue } from "./request.js";
import type { BaseFirmwareState } from "./state.js";

/** What looks at the graph has to wait for its locks. */
type Setter = (payload: Uint8Array, single: boolean) => number | Generator<number, number, number>;

const { SUCCESS, ERROR_INVALID_PARAM, INVALID_REQUEST, INVALID_RESOURCE_ID, FAILURE } = Status;

/** The parameters of the base firmware that can be set. */
export class ParamSetters {
  private readonly config: BaseFirmwareConfig;
  private readonly state: BaseFirmwareState;
  private readonly setters: ReadonlyMap<number, Setter>;

  constructor(config: BaseFirmwareConfig, state: BaseFirmwareState) {
    this.config = config;
    this.state = state;
    this.setters = new Map<number, Setter>([
      [BaseFwParam.NOTIFICATION_MASK, (payload) => this.setNotificationMask(payload)],
      [BaseFwParam.ASTATE_TABLE, () => SUCCESS],
      [BaseFwParam.DMA_CONTROL, (payload, single) => this.controlDma(payload, single)],
      [BaseFwParam.ENABLE_LOGS, (payload, single) => this.enableLogs(payload, single)],
      [BaseFwParam.FW_CONFIG, (payload) => this.setFirmwareConfig(payload)],
      [BaseFwParam.PERF_MEASUREMENTS_STATE, (payload) => this.setPerfState(payload)],
      [BaseFwParam.IO_PERF_MEASUREMENTS_STATE, (payload) => this.setIoPerfState(payload)],
      [BaseFwParam.SYSTEM_TIME, (payload, single) => this.setTime(payload, single)],
      [BaseFwParam.REGISTER_KCPS, (payload, single) => this.registerKcps(payload, single)],
      [
        BaseFwParam.RESOURCE_ALLOCATION_REQUEST,
        (payload, single) => this.allocate(payload, single),
      ],
      [
        BaseFwParam.MIC_PRIVACY_HW_MANAGED_STATE_CHANGE,
        (payload) => this.setMicPrivacyState(payload),
      ],
      [
        BaseFwParam.SET_MIC_PRIVACY_FW_MANAGED_POLICY_MASK,
        (payload) => this.setMicPrivacyPolicy(payload),
      ],
    ]);
  }

  /** Calling context: the kernel IPC thread; may block. @returns the reply status */
  *set({ paramId, payload, single }: ParamValue): Generator<number, number, number> {
    const set = this.setters.get(paramId)?.(payload, single) ?? INVALID_REQUEST;
    return typeof set === "number" ? set : yield* set;
  }

  private setNotificationMask(payload: Uint8Array): number {
    if (payload.length < notificationMaskInfo.size) return ERROR_INVALID_PARAM;
    this.config.notifier.changeMask(notificationMaskInfo.decode(payload));
    return SUCCESS;
  }

  private enableLogs(payload: Uint8Array, single: boolean): number {
    const { log } = this.config.machine;
    if (log === null) return INVALID_REQUEST;
    if (!single || payload.length < logState.size) return INVALID_RESOURCE_ID;
    log.configure(logState.decode(payload));
    return SUCCESS;
  }

  private setTime(payload: Uint8Array, single: boolean): number {
    if (!single) return INVALID_REQUEST;
    if (payload.length < systemTime.size) return ERROR_INVALID_PARAM;
    this.state.clock.set(systemTime.decode(payload).timeUs);
    return SUCCESS;
  }

  /** One TLV; most are taken without effect. */
  private setFirmwareConfig(payload: Uint8Array): number {
    if (payload.length < vendorParamHeader.size) return Status.INVALID_CONFIG_DATA_LEN;
    const { type, length } = vendorParamHeader.decode(payload);
    const value = payload.subarray(vendorParamHeader.size);
    if (length > value.length) return Status.INVALID_CONFIG_DATA_LEN;
    if (type === FwConfigType.DMI_FORCE_L1_EXIT) {
      this.config.machine.forceDmiL1Exit(value.subarray(0, length).some((byte) => byte !== 0));
    }
    return SUCCESS;
  }

  private *setPerfState([state]: Uint8Array): Generator<number, number, number> {
    const known = state !== undefined && (yield* this.state.perf.setState(state));
    return known ? SUCCESS : ERROR_INVALID_PARAM;
  }

  private *setIoPerfState([state]: Uint8Array): Generator<number, number, number> {
    const known = state !== undefined && (yield* this.state.ioPerf.setState(state));
    return known ? SUCCESS : ERROR_INVALID_PARAM;
  }

  private registerKcps(payload: Uint8Array, single: boolean): number {
    if (!single || payload.length < registerKcps.size) return ERROR_INVALID_PARAM;
    this.state.kcps.add(0, registerKcps.decode(payload).deltaKcps);
    return SUCCESS;
  }

  private allocate(payload: Uint8Array, single: boolean): number {
    if (!single || payload.length < resourceAllocation.size) return ERROR_INVALID_PARAM;
    const { type, coreId, kcps } = resourceAllocation.decode(payload);
    if (type !== ResourceAllocationType.DSP_KCPS) return ERROR_INVALID_PARAM;
    if (coreId >= this.config.firmware.coreCount) return ERROR_INVALID_PARAM;
    this.state.kcps.add(coreId, kcps);
    return SUCCESS;
  }

  /** Gains of microphones, registers of links; other DMA has nothing to control. */
  private controlDma(payload: Uint8Array, single: boolean): number {
    if (!single) return ERROR_INVALID_PARAM;
    let control: ReturnType<typeof decodeDmaControl>;
    try {
      control = decodeDmaControl(payload);
    } catch (error) {
      if (error instanceof InputError) return ERROR_INVALID_PARAM;
      throw error;
    }
    const { nodeId, data } = control;
    const { type } = unpackNodeId(nodeId);
    const { machine } = this.config;
    switch (type) {
      case NodeType.DMIC_LINK_INPUT:
        return machine.controlLink(nodeId, data) === "done" ? SUCCESS : INVALID_REQUEST;
      case NodeType.I2S_LINK_OUTPUT:
      case NodeType.I2S_LINK_INPUT:
      case NodeType.UAOL_OUTPUT:
      case NodeType.UAOL_INPUT: {
        const result = machine.controlLink(nodeId, data);
        if (result === "no-device") return INVALID_RESOURCE_ID;
        return result === "done" ? SUCCESS : FAILURE;
      }
      default:
        return INVALID_RESOURCE_ID;
    }
  }

  private setMicPrivacyState([muted]: Uint8Array): number {
    const { micPrivacy } = this.config.machine;
    if (micPrivacy === null) return INVALID_REQUEST;
    if (muted === undefined) return ERROR_INVALID_PARAM;
    micPrivacy.setState(muted !== 0);
    return SUCCESS;
  }

  private setMicPrivacyPolicy(payload: Uint8Array): number {
    const { micPrivacy } = this.config.machine;
    if (micPrivacy === null) return INVALID_REQUEST;
    if (payload.length < 4) return ERROR_INVALID_PARAM;
    const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
    micPrivacy.setPolicy(view.getUint32(0, true));
    return SUCCESS;
  }
}
