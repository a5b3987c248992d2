import { EINVAL } from "@sof-ts/kit";
import {
  type Control,
  SOF_ABI_HEADER_BYTES,
  UNITY_Q31,
  volumeTable,
  type VolumeControl,
} from "@sof-ts/topology";
import { HostError } from "./host-error.js";

/** Value of a control: one number for each channel (index, switch position, item), or bytes. */
export type ControlValue = readonly number[] | Uint8Array;

/** A volume's gains by index, Q1.31. */
export function gainsOf(control: VolumeControl): Uint32Array {
  if (control.scale !== null) return volumeTable(control.scale, control.max);
  // Without a decibel scale the index is taken as a linear share of full scale.
  return Uint32Array.from({ length: control.max + 1 }, (_, index) =>
    Math.floor((UNITY_Q31 * index) / control.max),
  );
}

/**
 * The value that a control has before anyone sets it, as the Linux driver loads it: 0 dB, on, the first
 * item, the bytes of the topology.
 */
export function initialValue(control: Control): ControlValue {
  switch (control.kind) {
    case "volume": {
      const gains = gainsOf(control);
      const unity = gains.indexOf(UNITY_Q31);
      return channelValues(control.channels.length, unity < 0 ? control.max : unity);
    }
    case "switch":
      return channelValues(control.channels.length, 1);
    case "enum":
      return channelValues(control.channels.length, 0);
    case "bytes":
      return control.data ?? new Uint8Array(0);
  }
}

const channelValues = (channels: number, value: number): number[] =>
  Array.from({ length: channels }, () => value);

/**
 * Brings what a caller sets into the form of {@link ControlValue}.
 *
 * @param value a number stands for all channels
 * @throws HostError EINVAL for a value that the control cannot have
 */
export function checkedValue(control: Control, value: number | ControlValue): ControlValue {
  const refuse = (what: string): never => {
    throw new HostError(`control "${control.name}" ${what}`, { errno: EINVAL });
  };
  if (control.kind === "bytes") {
    if (!(value instanceof Uint8Array)) return refuse("takes bytes");
    // The limit of the topology counts the header, which user space sends along and this driver does not.
    const limit = control.maxBytes - SOF_ABI_HEADER_BYTES;
    if (value.length > limit) return refuse(`takes at most ${limit} bytes, not ${value.length}`);
    return value.slice();
  }
  if (value instanceof Uint8Array) return refuse("takes a number for each channel");
  const channels = control.channels.length;
  const values = typeof value === "number" ? channelValues(channels, value) : value;
  if (values.length !== channels) return refuse(`has ${channels} channels, not ${values.length}`);
  const [low, high] =
    control.kind === "enum" ? [0, control.items.length - 1] : [control.min, control.max];
  for (const channel of values) {
    if (!Number.isInteger(channel) || channel < low || channel > high) {
      return refuse(`takes ${low}..${high}, not ${channel}`);
    }
  }
  return [...values];
}

/** Whether two values are the same. */
export function sameValue(a: ControlValue, b: ControlValue): boolean {
  return a.length === b.length && a.every((entry, i) => entry === b[i]);
}
