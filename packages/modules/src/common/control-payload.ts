import { ByteReader } from "@sof-ts/kit";

/** Large parameter ids of ALSA controls (SOF's `SOF_IPC4_SWITCH_CONTROL_PARAM_ID` and its neighbours). */
export const SWITCH_PARAM = 200;
export const ENUM_PARAM = 201;

const HEADER_BYTES = 20;

/** Value of one channel of a switch or enum. */
export interface ChannelValue {
  readonly channel: number;
  readonly value: number;
}

/** A switch or enum as it arrives (SOF's `struct sof_ipc4_control_msg_payload`). */
export interface ControlPayload {
  /** Index among the module's controls of this kind. */
  readonly id: number;
  readonly values: readonly ChannelValue[];
}

/** @returns the control, or null when the payload is shorter than it says */
export function parseControl(payload: Uint8Array): ControlPayload | null {
  if (payload.length < HEADER_BYTES) return null;
  const reader = new ByteReader(payload, "control payload");
  const id = reader.u16();
  const count = reader.u16();
  reader.take(16);
  if (reader.remaining < count * 8) return null;
  const values: ChannelValue[] = [];
  for (let i = 0; i < count; i++) values.push({ channel: reader.u32(), value: reader.u32() });
  return { id, values };
}
