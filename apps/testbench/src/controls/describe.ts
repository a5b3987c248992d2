import type { ControlValue } from "@sof-ts/host";
import { type Control, type DbScale, SOF_ABI_HEADER_BYTES, volumeDb } from "@sof-ts/topology";
import type { NumberedControl } from "./find-control.js";

/** A control's decibel scale, as a mixer shows it. */
export interface ScaleDescription {
  readonly minDb: number;
  readonly maxDb: number;
  readonly stepDb: number;
  /** The lowest value mutes. */
  readonly mute: boolean;
}

/** What there is to know of a control before setting it. Lists that do not apply to its kind are null. */
export interface ControlSummary {
  readonly numid: number;
  readonly name: string;
  readonly widget: string;
  readonly kind: Control["kind"];
  readonly channels: number | null;
  readonly range: readonly [min: number, max: number] | null;
  readonly scale: ScaleDescription | null;
  readonly items: readonly string[] | null;
  /** Most payload bytes, and the parameter that they set. */
  readonly bytes: { readonly max: number; readonly paramId: number } | null;
  readonly access: string;
  /** A number for each channel; hexadecimal bytes. */
  readonly value: readonly number[] | string;
  /** The value in decibels, items or on and off. */
  readonly meaning: string;
}

/** Describes a control with its value. */
export function describeControl(info: NumberedControl, value: ControlValue): ControlSummary {
  const { numid, name, widget, control } = info;
  const { access } = control;
  const read = access.read || access.tlvRead;
  const write = access.write || access.tlvWrite;
  return {
    numid,
    name,
    widget,
    kind: control.kind,
    channels: control.kind === "bytes" ? null : control.channels.length,
    range:
      control.kind === "volume" || control.kind === "switch" ? [control.min, control.max] : null,
    scale:
      control.kind === "volume" && control.scale !== null
        ? describeScale(control.scale, control.max)
        : null,
    items: control.kind === "enum" ? control.items : null,
    bytes:
      control.kind === "bytes"
        ? { max: Math.max(0, control.maxBytes - SOF_ABI_HEADER_BYTES), paramId: control.paramId }
        : null,
    access: `${read ? "r" : "-"}${write ? "w" : "-"}`,
    value: value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value,
    meaning: meaningOf(control, value),
  };
}

function describeScale(scale: DbScale, max: number): ScaleDescription {
  const first = scale.mute ? 1 : 0;
  return {
    minDb: volumeDb(scale, first),
    maxDb: volumeDb(scale, max),
    stepDb: scale.stepCentiDb / 100,
    mute: scale.mute,
  };
}

/** What a value means: decibels, items, on and off. */
export function meaningOf(control: Control, value: ControlValue): string {
  if (value instanceof Uint8Array) return value.length === 0 ? "empty" : `${value.length} bytes`;
  const texts = value.map((entry) => {
    switch (control.kind) {
      case "volume":
        return control.scale === null ? `${entry} of ${control.max}` : dbText(control.scale, entry);
      case "switch":
        return entry === 0 ? "off" : "on";
      case "enum":
        return control.items[entry] ?? "?";
      case "bytes":
        return "";
    }
  });
  return texts.every((text) => text === texts[0]) ? (texts[0] ?? "") : texts.join(", ");
}

function dbText(scale: DbScale, value: number): string {
  const db = volumeDb(scale, value);
  return db === Number.NEGATIVE_INFINITY ? "mute" : `${db.toFixed(2)} dB`;
}
