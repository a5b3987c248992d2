import type { Lab } from "./lab.js";
import { type End, largeGet, largeSet } from "./messages.js";

/** The base firmware. */
export const BASE: End = [0, 0];

/** Bytes of the mailbox. */
export const MAILBOX = 4096;

/** What the base firmware says. */
export interface Answer {
  readonly status: number;
  readonly bytes: number;
  readonly view: DataView;
  readonly payload: Uint8Array;
  readonly extension: number;
}

/** Asks the base firmware for a parameter. */
export function ask(lab: Lab, param: number, request?: Uint8Array): Answer {
  const reply = lab.send(largeGet(BASE, param, MAILBOX, { final: false }, request));
  const status = reply.primary & 0xff_ffff;
  const bytes = status === 0 ? reply.extension & 0xf_ffff : 0;
  const payload = reply.payload.subarray(0, bytes);
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  return { status, bytes, view, payload, extension: reply.extension };
}

/** Sets a parameter in one block. @returns the status */
export const put = (lab: Lab, param: number, value: Uint8Array): number =>
  lab.status(largeSet(BASE, param, value));

/** The value of SYSTEM_TIME. */
export function time(us: bigint): Uint8Array {
  return new Uint8Array(BigUint64Array.of(us).buffer);
}
