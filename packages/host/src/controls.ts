import { ENOENT } from "@sof-ts/kit";
import {
  ALL_CHANNELS,
  controlHeader,
  ControlParam,
  controlParamOfEvent,
  decodeBytesControl,
  decodeChannelControl,
  decodeModuleNotification,
  encodeBytesControl,
  encodeChannelControl,
  gainEntry,
  GainParam,
  type LargeConfigTarget,
} from "@sof-ts/ipc4";
import { type Control, Token } from "@sof-ts/topology";
import {
  checkedValue,
  type ControlValue,
  gainsOf,
  initialValue,
  sameValue,
} from "./control-value.js";
import { HostError } from "./host-error.js";
import type { HostTask } from "./host-task.js";
import type { IpcTransport } from "./ipc-transport.js";
import { largeConfigGet, largeConfigSet } from "./large-config.js";
import type { HostVariant } from "./host-variant.js";
import type { DriverState, WidgetState } from "./widget-state.js";

/** A control as user space sees it. */
export interface ControlInfo {
  /** Full name, with the widget's in front where the topology wants that. */
  readonly name: string;
  readonly widget: string;
  readonly control: Control;
}

interface ControlState extends ControlInfo {
  readonly state: WidgetState;
  /** Gains of a volume by its value; empty for other controls. */
  readonly gains: Uint32Array;
  value: ControlValue;
  /** The firmware changed the value and did not say to what. */
  dirty: boolean;
}

/**
 * Called when a control changed without user space having set it.
 *
 * @param value the new value; null where the firmware did not tell it
 */
export type ControlListener = (info: ControlInfo, value: ControlValue | null) => void;

/**
 * The ALSA controls of a topology. Values are kept here; they go to the firmware when they are set while
 * their module exists, and whenever their module is made.
 */
export class ControlStore {
  /** Takes changes that the firmware makes. */
  onChange: ControlListener | null = null;
  private readonly ipc: IpcTransport;
  private readonly variant: HostVariant;
  private readonly controls: ControlState[] = [];

  constructor(ipc: IpcTransport, state: DriverState, variant: HostVariant) {
    this.ipc = ipc;
    this.variant = variant;
    for (const widgetState of state.widgets.values()) {
      const { widget } = widgetState;
      const plain = (widget.tuples.number(Token.COMP_NO_WNAME_IN_KCONTROL_NAME) ?? 0) !== 0;
      for (const control of widget.controls) {
        this.controls.push({
          name: plain ? control.name : `${widget.name} ${control.name}`,
          widget: widget.name,
          control,
          state: widgetState,
          gains: control.kind === "volume" ? gainsOf(control) : new Uint32Array(0),
          value: initialValue(control),
          dirty: false,
        });
      }
    }
  }

  /** All controls, in the order of the topology. */
  list(): readonly ControlInfo[] {
    return this.controls;
  }

  /**
   * Sets a control.
   *
   * @param value a number stands for all channels; bytes are without ABI header
   * @returns whether that changed it
   * @throws HostError ENOENT for an unknown name, EINVAL for a value it cannot have, or what the firmware
   * answers; the value is then the one from before
   */
  *set(name: string, value: number | ControlValue): HostTask<boolean> {
    const control = this.find(name);
    const next = checkedValue(control.control, value);
    const before = control.value;
    if (sameValue(before, next) && !control.dirty) return false;
    control.value = next;
    control.dirty = false;
    if (control.state.instance === null) return true;
    try {
      yield* this.send(control);
    } catch (error) {
      control.value = before;
      throw error;
    }
    return true;
  }

  /**
   * Gets a control's value; one that the firmware changed is read from there first.
   *
   * @throws HostError ENOENT for an unknown name, or what the firmware answers
   */
  *get(name: string): HostTask<ControlValue> {
    const control = this.find(name);
    if (control.dirty && control.state.instance !== null) yield* this.refresh(control);
    return control.value;
  }

  /** Sends the values of a module that was just made. */
  *sendInitial(state: WidgetState): HostTask<void> {
    for (const control of this.controls) {
      if (control.state !== state) continue;
      if (this.variant.initialControls === "bytes" && control.control.kind !== "bytes") continue;
      yield* this.send(control);
    }
  }

  /** Takes a module's notification; anything that is not a change of a control is left alone. */
  notify(payload: Uint8Array): void {
    const notification = decodeModuleNotification(payload);
    const param = controlParamOfEvent(notification.eventId);
    if (param === undefined) return;
    const { id, numElems } = controlHeader.decode(notification.data);
    const changed = this.controls.find(({ state, control }) => {
      const { instance } = state;
      return (
        instance !== null &&
        instance.module.moduleId === notification.moduleId &&
        instance.instanceId === notification.instanceId &&
        paramOf(control) === param &&
        control.index === id
      );
    });
    if (changed === undefined) return;
    if (numElems === 0) changed.dirty = true;
    else {
      changed.dirty = false;
      changed.value = valueIn(changed.control, notification.data, changed.value);
    }
    this.onChange?.(changed, changed.dirty ? null : changed.value);
  }

  private find(name: string): ControlState {
    const control = this.controls.find((candidate) => candidate.name === name);
    if (control === undefined) throw new HostError(`no control "${name}"`, { errno: ENOENT });
    return control;
  }

  private *send(state: ControlState): HostTask<void> {
    const { control, value } = state;
    if (control.kind === "volume") {
      yield* this.sendVolume(state, value as readonly number[]);
      return;
    }
    const data = payloadOf(control, value);
    if (data.length === 0) return;
    yield* this.sendParameter(state, paramOf(control), data);
  }

  /** One message when all channels agree, else one for each. */
  private *sendVolume(state: ControlState, value: readonly number[]): HostTask<void> {
    const { gains } = state;
    const { gain } = state.state.widget;
    const first = value[0];
    const equal = value.every((index) => index === first);
    const entries = equal ? [[ALL_CHANNELS, first ?? 0] as const] : value.entries();
    for (const [channelId, index] of entries) {
      const data = gainEntry.encode({
        channelId,
        targetVolume: gains[index] ?? 0,
        curveType: gain?.rampType ?? 0,
        curveDuration: BigInt(gain?.rampDuration ?? 0),
      });
      yield* this.sendParameter(state, GainParam.VOLUME, data);
    }
  }

  private *sendParameter(state: ControlState, paramId: number, data: Uint8Array): HostTask<void> {
    yield* largeConfigSet(this.ipc, targetOf(state, paramId), data, this.variant.chunkBytes);
  }

  private *refresh(state: ControlState): HostTask<void> {
    const { control } = state;
    const paramId = paramOf(control);
    const bytes = control.kind === "bytes";
    const numElems = bytes ? control.maxBytes : control.channels.length;
    const wrapped = isWrapped(control);
    const header = controlHeader.encode({ id: control.index, numElems });
    const data = yield* largeConfigGet(
      this.ipc,
      targetOf(state, paramId),
      (wrapped ? header.length : 0) + (bytes ? numElems : 8 * numElems),
      wrapped ? header : undefined,
    );
    state.value = wrapped ? valueIn(control, data, state.value) : data;
    state.dirty = false;
  }
}

/** Large parameter of a control; a volume's own is not among those that carry controls. */
function paramOf(control: Control): number {
  switch (control.kind) {
    case "volume":
      return GainParam.VOLUME;
    case "switch":
      return ControlParam.SWITCH;
    case "enum":
      return ControlParam.ENUM;
    case "bytes":
      return control.paramId;
  }
}

/** Whether the value travels behind a control header. */
const isWrapped = (control: Control): boolean =>
  control.kind !== "bytes" || control.paramId === ControlParam.BYTES;

function targetOf({ state }: ControlState, paramId: number): LargeConfigTarget {
  const { module, instanceId } = state.running;
  return { moduleId: module.moduleId, instanceId, paramId };
}

function payloadOf(control: Control, value: ControlValue): Uint8Array {
  if (value instanceof Uint8Array) {
    return isWrapped(control) && value.length > 0
      ? encodeBytesControl({ id: control.index, data: value })
      : value;
  }
  const values = value.map((entry, channel) => ({ channel, value: entry }));
  return encodeChannelControl({ id: control.index, values });
}

/** Reads a value from behind a control header; channels that it does not name keep theirs. */
function valueIn(control: Control, payload: Uint8Array, before: ControlValue): ControlValue {
  if (control.kind === "bytes") return decodeBytesControl(payload).data;
  const next = [...before];
  for (const { channel, value } of decodeChannelControl(payload).values) {
    if (channel < next.length) next[channel] = value;
  }
  return next;
}
