import { hexWord } from "./text.js";
import { messageName, statusName } from "@sof-ts/ipc4";

interface Common {
  /** Virtual time, microseconds. */
  readonly timeUs: number;
}

/** Two words, and the bytes that went with them. */
interface Message extends Common {
  readonly primary: number;
  readonly extension: number;
  /** Payload in the mailbox; empty when there was none. */
  readonly payload: Uint8Array;
}

/**
 * One line of the conversation with the firmware. `tx` is a request; `reply` its answer; `done` ends a
 * request that succeeded; `rx` is a notification, `rx-done` its acknowledgement; `timeout` a request that
 * was not answered; `unexpected` a reply that answers nothing; `refused` a request that was not sent;
 * `note` is what the driver says besides (widgets made, routes bound, xruns).
 */
export type IpcLogEntry =
  | ({ readonly kind: "tx" | "done" | "rx" | "rx-done" | "unexpected" } & Message)
  | ({ readonly kind: "reply"; readonly status: number } & Message)
  | ({ readonly kind: "timeout" } & Omit<Message, "payload">)
  | ({ readonly kind: "refused"; readonly errno: number } & Omit<Message, "payload">)
  | ({
      readonly kind: "note";
      readonly level: "debug" | "warning" | "error";
      readonly text: string;
    } & Common);

type WithoutTime<E> = E extends IpcLogEntry ? Omit<E, "timeUs"> : never;

/** An entry before it gets its time. */
export type IpcLogEvent = WithoutTime<IpcLogEntry>;

/** Takes the conversation, entry by entry, at the moment it happens. */
export type IpcLogListener = (entry: IpcLogEntry) => void;

const tags = {
  tx: "ipc tx      ",
  reply: "ipc tx reply",
  done: "ipc tx done ",
  rx: "ipc rx      ",
  "rx-done": "ipc rx done ",
} as const;

/** How {@link formatKernelLog} prints. */
export interface KernelLogOptions {
  /** What stands between time and text; the kernel has function, driver and device there. */
  readonly prefix?: string;
  /** Print payloads as the kernel does with `sof_debug` bit 11, in lines of four words. */
  readonly payloads?: boolean;
}

/**
 * Prints an entry in the form of the kernel's log:
 * `[  229.136234] sof-audio: ipc tx      : 0x11000005|0x0: GLB_CREATE_PIPELINE`.
 *
 * @returns lines without line ends
 */
export function formatKernelLog(entry: IpcLogEntry, options: KernelLogOptions = {}): string[] {
  const { prefix = "sof-audio: ", payloads = false } = options;
  const seconds = (entry.timeUs / 1e6).toFixed(6).padStart(12);
  const line = (text: string) => `[${seconds}] ${text}`;
  const words = (message: { primary: number; extension: number }) =>
    `${hexWord(message.primary)}|${hexWord(message.extension)}`;
  switch (entry.kind) {
    case "note":
      return [line(`${prefix}${entry.text}`)];
    case "timeout":
      return [line(`${prefix}ipc timed out for ${words(entry)}`)];
    case "refused":
      return [line(`${prefix}ipc message send for ${words(entry)} failed: -${entry.errno}`)];
    case "unexpected":
      return [line(`${prefix}unexpected ipc reply ${words(entry)}`)];
    default: {
      const sent = (entry.kind === "tx" || entry.kind === "done") && entry.payload.length > 0;
      const size = sent ? ` [data size: ${entry.payload.length}]` : "";
      const lines = [
        line(`${prefix}${tags[entry.kind]}: ${words(entry)}: ${messageName(entry.primary)}${size}`),
      ];
      if (entry.kind === "reply" && entry.status !== 0) {
        lines.push(
          line(`${prefix}FW reported error: ${entry.status} - ${statusName(entry.status)}`),
        );
      }
      if (payloads && (entry.kind === "done" || entry.kind === "rx") && entry.payload.length > 0) {
        lines.push(...payloadLines(entry.payload).map(line));
      }
      return lines;
    }
  }
}

function payloadLines(payload: Uint8Array): string[] {
  const words = Math.ceil(payload.length / 4);
  const padded = new Uint8Array(words * 4);
  padded.set(payload);
  const view = new DataView(padded.buffer);
  const lines: string[] = [];
  for (let first = 0; first < words; first += 4) {
    const row: string[] = [];
    for (let i = first; i < Math.min(first + 4, words); i++) {
      row.push(
        view
          .getUint32(i * 4, true)
          .toString(16)
          .padStart(8, "0"),
      );
    }
    const offset = (first * 4).toString(16).padStart(8, "0");
    lines.push(`Message payload: ${offset}: ${row.join(" ")}`);
  }
  return lines;
}
