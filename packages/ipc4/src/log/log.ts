import { InputError } from "@sof-ts/kit";
import { concat } from "../payload/lists.js";
import { decodeLogLine, type LogLine, type MessageLine } from "./line.js";

/** A message of a log with the payload that the log shows for it. */
export interface LogMessage extends MessageLine {
  /** What the log has of the payload. */
  readonly payload?: Uint8Array | undefined;
}

type Standing = Exclude<
  LogLine,
  { readonly kind: "message" | "payload" | "payload-start" | "blank" }
>;

/** What a log says, in its order. `line` counts from 1. */
export type LogEntry = (
  | LogMessage
  | Standing
  /** A payload whose message the log does not show. */
  | { readonly kind: "payload"; readonly payload: Uint8Array }
  /** A line that announces something and does not hold it: cut, or damaged. */
  | {
      readonly kind: "malformed";
      readonly reason: string;
      /** Offset in the line. */
      readonly offset: number;
    }
) & { readonly line: number };

/**
 * Takes a whole log apart. Payload bytes go to the message that they belong to: those behind a `done` line
 * also to the request that it repeats. A damaged line becomes an entry of its own, so one cut line does not
 * hide the rest. Plain function; time and memory grow with the text.
 *
 * @param source named in the reasons of malformed lines
 */
export function decodeLog(text: string, source = "log"): LogEntry[] {
  const decoder = new LogDecoder(source);
  text.split("\n").forEach((line, index) => decoder.push(line, index + 1));
  return decoder.finish();
}

/** A payload that is being collected. */
interface OpenPayload {
  readonly line: number;
  readonly parts: Uint8Array[];
  length: number;
}

class LogDecoder {
  private readonly source: string;
  private readonly entries: LogEntry[] = [];
  /** Index of the message that a payload on the next lines belongs to. */
  private owner: number | null = null;
  private payload: OpenPayload | null = null;

  constructor(source: string) {
    this.source = source;
  }

  push(text: string, line: number): void {
    let decoded: LogLine;
    try {
      decoded = decodeLogLine(text, `${this.source}, line ${line}`);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.closePayload();
      // What follows may belong to the message that cannot be read.
      this.owner = null;
      const { reason, offset = 0 } = error;
      this.entries.push({ kind: "malformed", reason, offset, line });
      return;
    }
    if (decoded.kind === "payload-start") {
      this.closePayload();
      this.payload = { line, parts: [], length: 0 };
    } else if (decoded.kind === "payload") {
      this.pushPayload(decoded.bytes, decoded.offset, text, line);
    } else {
      this.closePayload();
      if (decoded.kind !== "blank") this.pushEntry({ ...decoded, line });
    }
  }

  finish(): LogEntry[] {
    this.closePayload();
    return this.entries;
  }

  private pushEntry(entry: LogEntry): void {
    this.entries.push(entry);
    // A firmware log shows no payloads, and behind missing lines nothing is known.
    if (entry.kind === "message") {
      this.owner = entry.direction === "firmware-rx" ? null : this.entries.length - 1;
    } else if (entry.kind === "comment") this.owner = null;
  }

  private pushPayload(
    bytes: Uint8Array,
    offset: number | undefined,
    text: string,
    line: number,
  ): void {
    // Pairs of digits mean something only under a line that announces them.
    if (offset === undefined && this.payload === null) {
      this.pushEntry({ kind: "other", text, line });
      return;
    }
    if (offset === 0) this.closePayload();
    this.payload ??= { line, parts: [], length: 0 };
    if (offset !== undefined && offset !== this.payload.length) {
      const expected = `0x${this.payload.length.toString(16)}`;
      this.closePayload();
      const reason = `payload goes on at 0x${offset.toString(16)} instead of ${expected}`;
      this.entries.push({ kind: "malformed", reason, offset: 0, line });
      return;
    }
    this.payload.parts.push(bytes);
    this.payload.length += bytes.length;
  }

  private closePayload(): void {
    const { payload, owner } = this;
    this.payload = null;
    if (payload === null || payload.length === 0) return;
    const bytes = concat(...payload.parts);
    const message = owner === null ? undefined : this.entries[owner];
    if (owner === null || message?.kind !== "message" || message.payload !== undefined) {
      this.entries.push({ kind: "payload", payload: bytes, line: payload.line });
      return;
    }
    this.entries[owner] = { ...message, payload: bytes };
    if (message.direction === "done") this.giveToRequest(owner, message, bytes);
  }

  /** Hands the payload behind a `done` line to the request that the line repeats. */
  private giveToRequest(doneIndex: number, done: LogMessage, payload: Uint8Array): void {
    for (let i = doneIndex - 1; i >= 0; i--) {
      const entry = this.entries[i] as LogEntry;
      if (entry.kind === "comment" && entry.gap) return;
      if (entry.kind !== "message" || entry.direction !== "tx") continue;
      const same =
        entry.words.primary === done.words.primary &&
        entry.words.extension === done.words.extension;
      if (same && entry.payload === undefined) {
        this.entries[i] = { ...entry, payload };
        return;
      }
    }
  }
}
