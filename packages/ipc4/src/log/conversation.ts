import type { Words } from "../message/word-layout.js";
import { messageType } from "../message/types.js";
import type { LogEntry, LogMessage } from "./log.js";
import type { LogTime } from "./line-prefix.js";

/** How a request of a log ended. */
export type ExchangeOutcome =
  /** The reply is in the log; `status` says what it was. */
  | "replied"
  /** The host waited in vain. */
  | "timeout"
  /** The host did not send it. */
  | "not-sent"
  /** The log does not say: it is cut, or it is a firmware log. */
  | "unknown";

/** A request and what became of it. */
export interface Exchange {
  readonly kind: "exchange";
  /** Line of the log at which it begins. */
  readonly line: number;
  readonly time?: LogTime | undefined;
  /** Absent when the log has only the reply. */
  readonly request?: Words | undefined;
  /** Whether the log shows the request itself and not only what was said about it later. */
  readonly shown: boolean;
  /** Bytes of payload that the log states. */
  readonly dataSize?: number | undefined;
  /** What the log has of them. */
  readonly payload?: Uint8Array | undefined;
  readonly reply?: Words | undefined;
  /** Status of the reply, seen or reported. */
  readonly status?: number | undefined;
  readonly outcome: ExchangeOutcome;
}

/** What a log tells about the conversation, in its order. */
export type ConversationItem =
  | Exchange
  | {
      readonly kind: "notification";
      readonly line: number;
      readonly time?: LogTime | undefined;
      readonly words: Words;
    }
  | { readonly kind: "gap"; readonly line: number; readonly text: string }
  | {
      readonly kind: "registers";
      readonly line: number;
      readonly initiator: readonly number[];
      readonly target: readonly number[];
    };

type Draft = { -readonly [K in keyof Exchange]: Exchange[K] };

const BUSY = 0x8000_0000;
const same = (a: Words, b: Words) => a.primary === b.primary && a.extension === b.extension;

/**
 * Pairs the requests of a log with their replies, errors and time-outs. One request is open at a time, as
 * in the driver; notifications may come between it and its reply. What the log shows only from behind
 * (a reply after a gap, an error line alone) becomes an exchange that is not `shown`.
 */
export function conversationOf(entries: readonly LogEntry[]): ConversationItem[] {
  const pairing = new Pairing();
  for (const entry of entries) pairing.push(entry);
  return pairing.items;
}

class Pairing {
  readonly items: ConversationItem[] = [];
  /** The request that waits for its reply. */
  private open: Draft | null = null;
  /** The exchange that came last, which lines behind its reply speak of. */
  private last: Draft | null = null;
  /** Status that an error line told of. */
  private reported: number | undefined;

  push(entry: LogEntry): void {
    const { line } = entry;
    switch (entry.kind) {
      case "message":
        this.message(entry, line);
        break;
      case "status":
        this.reported = entry.status;
        break;
      case "error": {
        const draft = this.end(entry.words, line, entry.time, "replied");
        draft.status ??= this.reported;
        this.reported = undefined;
        break;
      }
      case "timeout":
      case "not-sent":
        this.end(entry.words, line, entry.time, entry.kind);
        break;
      case "registers": {
        const { kind, initiator, target } = entry;
        this.items.push({ kind, line, initiator, target });
        break;
      }
      case "comment":
        if (entry.gap) this.gap(entry.text, line);
        break;
      default:
        break;
    }
  }

  private message(message: LogMessage, line: number): void {
    const { direction, words, time, dataSize, payload } = message;
    switch (direction) {
      case "tx":
        this.open = this.begin({ line, time, request: words, shown: true, dataSize, payload });
        break;
      case "firmware-rx": {
        // Old firmware logs the doorbell register, whose busy bit is set.
        const request = { ...words, primary: (words.primary & ~BUSY) >>> 0 };
        this.begin({ line, time, request, shown: true });
        break;
      }
      case "reply": {
        const draft = this.open ?? this.begin({ line, time, shown: false });
        draft.reply = words;
        draft.status = words.primary & 0xff_ffff;
        draft.outcome = "replied";
        this.open = null;
        break;
      }
      case "done": {
        const draft = this.end(words, line, time, "replied");
        draft.status ??= 0;
        draft.dataSize ??= dataSize;
        draft.payload ??= payload;
        break;
      }
      case "rx":
        this.items.push({ kind: "notification", line, time, words });
        break;
      case "rx-done":
        break;
    }
  }

  private gap(text: string, line: number): void {
    this.items.push({ kind: "gap", line, text });
    this.open = null;
    this.last = null;
  }

  private begin(start: Omit<Draft, "kind" | "outcome">): Draft {
    const draft: Draft = { kind: "exchange", ...start, outcome: "unknown" };
    this.items.push(draft);
    this.open = null;
    this.last = draft;
    if (start.shown) this.reported = undefined;
    return draft;
  }

  /** Ends the exchange that a line names by its request; makes one when the log has not shown it. */
  private end(
    request: Words,
    line: number,
    time: LogTime | undefined,
    outcome: ExchangeOutcome,
  ): Draft {
    const draft = this.named(request) ?? this.begin({ line, time, request, shown: false });
    draft.request = request;
    draft.outcome = outcome;
    this.open = null;
    return draft;
  }

  private named(request: Words): Draft | null {
    const draft = this.open ?? this.last;
    if (draft === null) return null;
    if (draft.request === undefined) return fits(draft, request) ? draft : null;
    const over = draft.outcome === "timeout" || draft.outcome === "not-sent";
    return !over && same(draft.request, request) ? draft : null;
  }
}

/** Whether the reply of an exchange without a request can be to this one. */
function fits(draft: Draft, request: Words): boolean {
  return (
    draft.reply !== undefined &&
    messageType(draft.reply.primary) === messageType(request.primary) &&
    ((draft.reply.primary ^ request.primary) & 0x4000_0000) === 0 &&
    draft.reply.extension === request.extension
  );
}
