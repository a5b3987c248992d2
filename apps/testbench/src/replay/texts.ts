import { type Exchange, Status, statusName } from "@sof-ts/ipc4";
import type { Answer } from "./replay-machine.js";

/** The line of a description that says what a message is. */
export const firstLine = (text: string): string => text.split("\n")[0] ?? "";

/** What the log says came of a request. */
export function expectedText({ status, outcome }: Exchange): string {
  if (status !== undefined) return statusText(status);
  return outcome === "timeout" ? "timed out" : "no reply in the log";
}

/** What our firmware answered. */
export function answerText({ reply, fault }: Answer): string {
  if (reply === null) return fault === null ? "no reply" : "halted";
  return statusText(reply.primary & 0xff_ffff);
}

function statusText(status: number): string {
  if (status === Status.SUCCESS) return "0";
  const name = statusName(status);
  return name === String(status) ? name : `${status} ${name}`;
}
