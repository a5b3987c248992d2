import { errnoName } from "@sof-ts/kit";
import { describe } from "../log/describe.js";
import { formatTime } from "../log/line-prefix.js";
import type { LogEntry } from "../log/log.js";
import { decodeWords } from "../message/message.js";
import { statusName } from "../message/status.js";
import { formatWords } from "../message/words-text.js";
import { hex } from "../names.js";

/**
 * Shows a log to a reader: a column for the time, where the log has times, one for what the line is, one
 * for what it means.
 *
 * @param withContext also lines that have nothing to do with IPC
 * @returns lines without an end
 */
export function renderEntries(entries: readonly LogEntry[], withContext: boolean): string[] {
  const stamps = entries.map((entry) =>
    "time" in entry && entry.time !== undefined ? formatTime(entry.time) : "",
  );
  const width = Math.max(0, ...stamps.map((stamp) => stamp.length));
  const gap = width === 0 ? "" : " ";
  return entries.flatMap((entry, index) => {
    if (entry.kind === "comment") return [`# ${entry.text}`];
    if (entry.kind === "other" && !withContext) return [];
    const [what, text, ...below] = textOf(entry);
    const head = `${(stamps[index] ?? "").padStart(width)}${gap}${what.padEnd(11)} ${text}`;
    const indent = " ".repeat(width + gap.length + 12);
    return [head.trimEnd(), ...below.map((line) => `${indent}${line}`)];
  });
}

/** What an entry is, what it says, and further lines. */
function textOf(
  entry: Exclude<LogEntry, { readonly kind: "comment" }>,
): [string, string, ...string[]] {
  switch (entry.kind) {
    case "message": {
      const { direction, words, payload } = entry;
      // What a request says is shown once, not again when it is done.
      const repeated = direction === "done" || direction === "rx-done";
      const [head = "", ...below] = repeated ? [] : describe(words, payload).split("\n");
      return [direction, `${formatWords(words).padEnd(21)} ${head}`, ...below];
    }
    case "payload":
      return ["payload", `${entry.payload.length} bytes of a message that is not shown`];
    case "status": {
      const text = entry.text === "" ? "" : ` - ${entry.text}`;
      return ["error", `firmware reported ${statusText(entry.status)}${text}`];
    }
    case "error":
      return ["error", `refused: ${failed(entry)}`];
    case "timeout":
      return ["error", `timed out: ${failed(entry)}`];
    case "not-sent":
      return ["error", `not sent (${errnoName(entry.errno)}): ${failed(entry)}`];
    case "registers":
      return ["error", registersText(entry.initiator, entry.target, entry.control)];
    case "malformed":
      return ["?", `line ${entry.line} is damaged: ${entry.reason}`];
    case "other":
      return ["", entry.text];
  }
}

const statusText = (status: number): string => {
  const name = statusName(status);
  return name === String(status) ? `status ${status}` : `${name} (${status})`;
};

type Failed = Extract<LogEntry, { kind: "error" | "timeout" | "not-sent" }>;

const failed = ({ words }: Failed): string => `${formatWords(words)} ${describe(words)}`;

function registersText(
  initiator: readonly number[],
  target: readonly number[],
  control: number,
): string {
  const [request = 0, extension = 0] = initiator;
  const [answer = 0, answerExtension = 0] = target;
  const taken = request >= 0x8000_0000 ? "not taken by the DSP" : "taken by the DSP";
  const last = answer === 0 ? "none" : formatWords({ primary: answer, extension: answerExtension });
  return (
    `doorbell: request ${formatWords({ primary: request % 0x8000_0000, extension })} ${taken}, ` +
    `last message of the DSP ${last}, control ${hex(control)}`
  );
}

/** An entry as JSON shows it: words as text, payload as hexadecimal, and the message taken apart. */
export function jsonEntry(entry: LogEntry): object {
  const { line, kind } = entry;
  const time = "time" in entry && entry.time !== undefined ? { time: entry.time } : {};
  switch (entry.kind) {
    case "message": {
      const { direction, words, name, dataSize, payload } = entry;
      return {
        line,
        kind,
        ...time,
        direction,
        words: formatWords(words),
        ...(name === undefined ? {} : { name }),
        ...(dataSize === undefined ? {} : { dataSize }),
        ...(payload === undefined ? {} : { payload: hexText(payload) }),
        message: decodeWords(words.primary, words.extension),
        meaning: describe(words, payload),
      };
    }
    case "payload":
      return { line, kind, payload: hexText(entry.payload) };
    case "error":
    case "timeout":
      return { line, kind, ...time, words: formatWords(entry.words) };
    case "not-sent":
      return { line, kind, ...time, words: formatWords(entry.words), errno: entry.errno };
    default:
      return entry;
  }
}

const hexText = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
