import { base40, type Lab } from "./lab.js";
import { createPipeline, type End, initInstance, largeSet } from "./messages.js";
import { Scripted } from "./scripted-module.js";

/** A module that takes and gives whatever it is told. */
export const A: End = [Scripted.OBEDIENT, 0];

/** A module without parameters. */
export const PLAIN: End = [Scripted.PLAIN, 0];

/** Bytes of the mailbox. */
export const MAILBOX = 4096;

/** Instances of {@link PLAIN} and {@link A}, and another obedient one. */
export function setUp(lab: Lab): void {
  lab.ok(createPipeline(0), initInstance(PLAIN, 0, base40));
  lab.scripted(0);
  lab.scripted(1);
}

/** Whether two long runs of bytes are the same; comparing them one by one takes long. */
export const same = (a: Uint8Array | undefined, b: Uint8Array): boolean =>
  a !== undefined && Buffer.from(a).equals(b);

/** Bytes that differ all along. */
export const pattern = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8)) & 0xff);

/** Sends the value in fragments, as the driver does. @returns the statuses */
export function sendInFragments(lab: Lab, end: End, param: number, value: Uint8Array): number[] {
  const statuses: number[] = [];
  for (let at = 0; at < value.length; at += MAILBOX) {
    const init = at === 0;
    const final = at + MAILBOX >= value.length;
    const bytes = value.subarray(at, at + MAILBOX);
    const size = init ? value.length : at;
    statuses.push(lab.status(largeSet(end, param, bytes, { init, final }, size)));
  }
  return statuses;
}
