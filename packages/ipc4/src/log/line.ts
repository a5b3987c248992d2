import { InputError } from "@sof-ts/kit";
import type { Words } from "../message/word-layout.js";
import { type LinePrefix, type LogTime, readPrefix } from "./line-prefix.js";

/**
 * Which way a message went: `tx` host to DSP, `reply` its answer, `done` the host has taken the answer,
 * `rx` a notification from the DSP, `rx-done` the host has taken it, `firmware-rx` a request as the
 * firmware's own log shows it.
 */
export type LogDirection = "tx" | "reply" | "done" | "rx" | "rx-done" | "firmware-rx";

/** A line that shows a message. */
export interface MessageLine {
  readonly kind: "message";
  readonly time?: LogTime | undefined;
  readonly direction: LogDirection;
  readonly words: Words;
  /** The driver's name for it ("MOD_BIND"), which it may not print. */
  readonly name?: string | undefined;
  /** Bytes of payload that went with it; absent when the line states none. */
  readonly dataSize?: number | undefined;
}

/** A line of a log, taken apart. */
export type LogLine =
  | MessageLine
  /** `Message payload:` with the bytes on the lines that follow. */
  | { readonly kind: "payload-start"; readonly time?: LogTime | undefined }
  /** Bytes of a payload; the offset of the first where the line states it. */
  | {
      readonly kind: "payload";
      readonly time?: LogTime | undefined;
      readonly offset?: number | undefined;
      readonly bytes: Uint8Array;
    }
  /** `FW reported error: 7 - ...` */
  | {
      readonly kind: "status";
      readonly time?: LogTime | undefined;
      readonly status: number;
      /** The driver's words for it. */
      readonly text: string;
    }
  /** `ipc error for msg ...`: the request was refused. */
  | { readonly kind: "error"; readonly time?: LogTime | undefined; readonly words: Words }
  /** `ipc timed out for ...` */
  | { readonly kind: "timeout"; readonly time?: LogTime | undefined; readonly words: Words }
  /** `ipc message send for ... failed: -19`: nothing reached the DSP. */
  | {
      readonly kind: "not-sent";
      readonly time?: LogTime | undefined;
      readonly words: Words;
      /** Negative Linux errno. */
      readonly errno: number;
    }
  /** `Host IPC initiator: ...`: the doorbell registers at a time-out. */
  | {
      readonly kind: "registers";
      readonly time?: LogTime | undefined;
      /** Last request; bit 31 is still set when the DSP has not taken it. */
      readonly initiator: readonly number[];
      /** Last message of the DSP. */
      readonly target: readonly number[];
      readonly control: number;
    }
  /** A line that starts with `#`; a `# gap` says that lines are missing. */
  | { readonly kind: "comment"; readonly text: string; readonly gap: boolean }
  | { readonly kind: "blank" }
  /** Any other line. */
  | {
      readonly kind: "other";
      readonly time?: LogTime | undefined;
      readonly text: string;
      readonly origin?: string | undefined;
    };

const TAG = /^(?:\w+: )?ipc (tx|rx)( reply| done)? *: ?/;
const FIRMWARE_TAG = /^ipc: (?:ipc_cmd: )?rx\s*: ?/;
const WORDS = /^0x([\da-f]{1,8})\|0x([\da-f]{1,8})(?![\da-f])/i;
const TAIL = /^(?:: (\S+))?(?: *\[data size::? ?(\d+)\])?\s*$/;
const PAYLOAD = /^Message payload: ?/;
const DUMP = /^([\da-f]{8}): ((?:[\da-f]{8} ?)+|(?:[\da-f]{2} ?)+)\s*$/i;
const BYTES = /^\s*[\da-f]{2}(?: [\da-f]{2}){0,31}\s*$/i;
const STATUS = /^FW reported error: (\d+)(?: - (.*))?$/;
const ERROR = /^(?:\w+: )?ipc error for msg /;
const TIMEOUT = /^(?:\w+: )?ipc timed out for /;
const NOT_SENT = /^(?:\w+: )?ipc message send for /;
const REGISTERS = /^Host IPC initiator: /;
const REGISTER_VALUES =
  /^0x([\da-f]+)\|0x([\da-f]+)\|0x([\da-f]+), target: 0x([\da-f]+)\|0x([\da-f]+)\|0x([\da-f]+), ctl: 0x([\da-f]+)\s*$/i;

const DIRECTIONS: Readonly<Record<string, LogDirection>> = {
  tx: "tx",
  "tx reply": "reply",
  "tx done": "done",
  rx: "rx",
  "rx done": "rx-done",
};

/**
 * Takes one line of a log apart: of the Linux driver (plain or dynamic debug, dmesg or journalctl, with
 * payload dumps, error lines and register dumps), of a bpftrace script that prints the same, or of the
 * firmware. A line that has nothing to do with IPC is `other`.
 *
 * @param source named in errors
 * @throws InputError for a line that announces a message and does not hold one, with the offset in the line
 */
export function decodeLogLine(line: string, source = "log line"): LogLine {
  const text = line.replace(/\r?\n?$/, "");
  if (text.trim() === "") return { kind: "blank" };
  if (text.startsWith("#")) {
    return { kind: "comment", text: text.slice(1).trim(), gap: /^#\s*gap\b/.test(text) };
  }
  const prefix = readPrefix(text);
  const body = new LineBody(text, prefix, source);
  return (
    messageLine(body) ??
    payloadLine(body) ??
    failureLine(body) ?? {
      kind: "other",
      time: prefix.time,
      text: text.slice(prefix.length),
      origin: prefix.origin,
    }
  );
}

/** The part of a line behind its prefix, read from the left. */
class LineBody {
  readonly time: LogTime | undefined;
  readonly prefix: LinePrefix;
  offset: number;
  private readonly text: string;
  private readonly source: string;

  constructor(text: string, prefix: LinePrefix, source: string) {
    this.text = text;
    this.prefix = prefix;
    this.time = prefix.time;
    this.source = source;
    this.offset = prefix.length;
  }

  get rest(): string {
    return this.text.slice(this.offset);
  }

  /** Matches at the current place and moves behind what was found. */
  match(pattern: RegExp): RegExpExecArray | null {
    const found = pattern.exec(this.rest);
    if (found !== null) this.offset += found[0].length;
    return found;
  }

  words(): Words {
    const found = this.match(WORDS);
    if (found === null) {
      throw this.error(
        `"${this.rest.slice(0, 24)}" is not two words`,
        "Expected 0xPRIMARY|0xEXTENSION",
      );
    }
    return { primary: hexadecimal(found[1]), extension: hexadecimal(found[2]) };
  }

  error(reason: string, remedy?: string): InputError {
    return new InputError(reason, { source: this.source, offset: this.offset, remedy });
  }
}

const hexadecimal = (digits = ""): number => Number.parseInt(digits, 16);

function messageLine(body: LineBody): LogLine | undefined {
  let direction: LogDirection | undefined;
  if (body.prefix.level !== undefined) {
    if (body.match(FIRMWARE_TAG) !== null) direction = "firmware-rx";
  } else {
    const tag = body.match(TAG);
    if (tag !== null) direction = DIRECTIONS[`${tag[1]}${tag[2] ?? ""}`];
  }
  if (direction === undefined) return undefined;
  const words = body.words();
  const tail = body.match(TAIL);
  if (tail === null) throw body.error(`"${body.rest.slice(0, 24)}" follows the words`);
  const [, name, size] = tail;
  const dataSize = size === undefined ? undefined : Number(size);
  return { kind: "message", time: body.time, direction, words, name, dataSize };
}

function payloadLine(body: LineBody): LogLine | undefined {
  if (body.match(PAYLOAD) === null) {
    if (body.prefix.length > 0 || !BYTES.test(body.rest)) return undefined;
    return { kind: "payload", time: body.time, bytes: bytesOf(body.rest) };
  }
  if (body.rest.trim() === "") return { kind: "payload-start", time: body.time };
  const dump = body.match(DUMP);
  if (dump === null) {
    throw body.error(`"${body.rest.slice(0, 24)}" is not an offset and hexadecimal bytes`);
  }
  const bytes = bytesOf(dump[2] ?? "");
  return { kind: "payload", time: body.time, offset: hexadecimal(dump[1]), bytes };
}

/** Bytes of a dump: pairs of digits as they are, eight digits as a little-endian word. */
function bytesOf(dump: string): Uint8Array {
  return Uint8Array.from(
    dump
      .trim()
      .split(/\s+/)
      .flatMap((group) => (group.match(/../g) ?? []).map(hexadecimal).reverse()),
  );
}

function failureLine(body: LineBody): LogLine | undefined {
  const { time } = body;
  const status = body.match(STATUS);
  if (status !== null) {
    return { kind: "status", time, status: Number(status[1]), text: (status[2] ?? "").trim() };
  }
  if (body.match(ERROR) !== null) return { kind: "error", time, words: body.words() };
  if (body.match(TIMEOUT) !== null) return { kind: "timeout", time, words: body.words() };
  if (body.match(NOT_SENT) !== null) {
    const words = body.words();
    const errno = body.match(/^ failed: (-\d+)/);
    if (errno === null) throw body.error(`"${body.rest.slice(0, 24)}" is not an error number`);
    return { kind: "not-sent", time, words, errno: Number(errno[1]) };
  }
  if (body.match(REGISTERS) !== null) {
    const values = body.match(REGISTER_VALUES);
    if (values === null) throw body.error(`"${body.rest.slice(0, 24)}" is not a register dump`);
    const numbers = values.slice(1).map(hexadecimal);
    return {
      kind: "registers",
      time,
      initiator: numbers.slice(0, 3),
      target: numbers.slice(3, 6),
      control: numbers[6] as number,
    };
  }
  return undefined;
}
