import { assert, ByteReader } from "@sof-ts/kit";
import { reserved, u16, u32 } from "../fields.js";
import { type Codec, struct } from "../struct.js";
import { concat, encodeArray } from "./lists.js";

/** Large parameters that carry ALSA controls (SOF's `SOF_IPC4_SWITCH_CONTROL_PARAM_ID` and its kin). */
export const ControlParam = {
  SWITCH: 200,
  ENUM: 201,
  BYTES: 202,
} as const;
export type ControlParam = (typeof ControlParam)[keyof typeof ControlParam];

/** Head of a control's payload (SOF's `struct sof_ipc4_control_msg_payload`); alone in a GET request. */
export interface ControlHeader {
  /** Index among the controls of its kind in the module. */
  readonly id: number;
  /** Channel entries, or bytes for {@link ControlParam.BYTES}. */
  readonly numElems: number;
  readonly reserved?: Uint8Array | undefined;
}

/** Reads and writes the 20 bytes of a {@link ControlHeader}. */
export const controlHeader: Codec<ControlHeader> = struct("control_msg_payload", 20, {
  id: u16(0),
  numElems: u16(2),
  reserved: reserved(4, 16),
});

/** Value of a switch or enum control for one channel (SOF's `struct sof_ipc4_ctrl_value_chan`). */
export interface ChannelValue {
  readonly channel: number;
  readonly value: number;
}

const channelValue = struct("ctrl_value_chan", 8, { channel: u32(0), value: u32(4) });

/** A switch or enum control. */
export interface ChannelControl {
  readonly id: number;
  readonly values: readonly ChannelValue[];
  readonly reserved?: Uint8Array | undefined;
}

/** A bytes control. */
export interface BytesControl {
  readonly id: number;
  /** At most 65535 bytes. */
  readonly data: Uint8Array;
  readonly reserved?: Uint8Array | undefined;
}

/**
 * Reads a switch or enum control.
 *
 * @throws InputError when the payload is shorter than its number of entries asks for
 */
export function decodeChannelControl(
  payload: Uint8Array,
  source = "switch or enum control",
): ChannelControl {
  const reader = new ByteReader(payload, source);
  const { id, numElems, ...rest } = controlHeader.read(reader);
  const values: ChannelValue[] = [];
  for (let i = 0; i < numElems; i++) values.push(channelValue.read(reader));
  return { id, values, ...rest };
}

/** @returns 20 bytes and 8 for each channel */
export function encodeChannelControl(control: ChannelControl): Uint8Array {
  const { id, values } = control;
  const head = controlHeader.encode({ id, numElems: values.length, reserved: control.reserved });
  return concat(head, encodeArray(channelValue, values));
}

/**
 * Reads a bytes control.
 *
 * @throws InputError when the payload is shorter than its number of bytes asks for
 */
export function decodeBytesControl(payload: Uint8Array, source = "bytes control"): BytesControl {
  const reader = new ByteReader(payload, source);
  const { id, numElems, ...rest } = controlHeader.read(reader);
  return { id, data: new Uint8Array(reader.take(numElems, "control data")), ...rest };
}

/** @returns 20 bytes and the data */
export function encodeBytesControl(control: BytesControl): Uint8Array {
  const { id, data, reserved } = control;
  assert(data.length <= 0xffff, `bytes control of ${data.length} bytes`);
  const head = controlHeader.encode({ id, numElems: data.length, reserved });
  return concat(head, data);
}
