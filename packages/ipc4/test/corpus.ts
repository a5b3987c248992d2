import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  conversationOf,
  decodeLog,
  decodeNotification,
  decodeReply,
  decodeRequest,
  encodeNotification,
  encodeReply,
  encodeRequest,
  type Exchange,
  isNotification,
  isReply,
  type LogEntry,
  messageName,
  replyWords,
  type Words,
} from "../src/index.js";

/** One log of the corpus. */
export interface TraceRow {
  readonly file: string;
  /** What was found in it, or what is wrong with it. */
  readonly result: string;
  readonly ok: boolean;
}

/**
 * Decodes every log in the folder `traces` of a corpus and checks what must hold in any log: each line that
 * mentions a message is read as one, names are those of the words, words survive decode and encode, replies
 * echo their requests, and payloads have the size that their messages state unless the log is cut there.
 */
export async function corpusTraces(folder: string): Promise<readonly TraceRow[]> {
  const traces = join(folder, "traces");
  const files = readdirSync(traces).filter((name) => name.endsWith(".log"));
  return files.sort().map((file) => {
    const problems: string[] = [];
    const text = readFileSync(join(traces, file), "utf8");
    const entries = decodeLog(text, file);
    const exchanges = conversationOf(entries).filter((item) => item.kind === "exchange");
    checkLines(text, entries, problems);
    for (const entry of entries) checkEntry(entry, problems);
    checkPayloads(entries, problems);
    for (const exchange of exchanges) checkExchange(exchange, problems);
    const ok = problems.length === 0;
    return { file, result: ok ? summary(entries, exchanges) : problems.join("; "), ok };
  });
}

/** Whatever looks like an IPC line must have become an entry that is none of text. */
function checkLines(text: string, entries: readonly LogEntry[], problems: string[]): void {
  const plain = new Set(
    entries.filter(({ kind }) => kind === "other" || kind === "comment").map(({ line }) => line),
  );
  text.split("\n").forEach((line, index) => {
    const looksLikeIpc = /0x[\da-f]+\|0x[\da-f]+|Message payload|FW reported/i.test(line);
    if (looksLikeIpc && !line.startsWith("#") && plain.has(index + 1)) {
      problems.push(`line ${index + 1} was not understood`);
    }
  });
}

function checkEntry(entry: LogEntry, problems: string[]): void {
  if (entry.kind === "malformed") problems.push(`line ${entry.line}: ${entry.reason}`);
  if (entry.kind !== "message") return;
  const { words, name, direction, line } = entry;
  if (name !== undefined && name !== messageName(words.primary)) {
    problems.push(`line ${line}: ${name} is named ${messageName(words.primary)}`);
  }
  if (isReply(words.primary) !== (direction === "reply")) {
    problems.push(`line ${line}: ${direction} with the wrong reply bit`);
  }
  const again = roundTrip(words);
  if (again.primary !== words.primary || again.extension !== words.extension) {
    problems.push(`line ${line}: words do not survive decode and encode`);
  }
}

function roundTrip({ primary, extension }: Words): Words {
  if (isReply(primary)) return encodeReply(decodeReply(primary, extension));
  if (isNotification(primary)) return encodeNotification(decodeNotification(primary, extension));
  return encodeRequest(decodeRequest(primary, extension));
}

function checkPayloads(entries: readonly LogEntry[], problems: string[]): void {
  entries.forEach((entry, index) => {
    if (entry.kind !== "message" || entry.payload === undefined) return;
    const found = entry.payload.length;
    // A payload that a gap cuts is handed to its request as well, some entries before the gap.
    const cut = entries.slice(index).find(({ kind }) => kind === "comment");
    const isCut = cut?.kind === "comment" && cut.gap && found < (entry.dataSize ?? 0);
    if (found !== entry.dataSize && !isCut) {
      problems.push(`line ${entry.line}: ${found} bytes of payload, ${entry.dataSize} stated`);
    }
  });
}

function checkExchange({ request, reply, status, line }: Exchange, problems: string[]): void {
  if (request === undefined || reply === undefined) return;
  const expected = replyWords(request, status ?? 0);
  if (expected.primary !== reply.primary || expected.extension !== reply.extension) {
    problems.push(`line ${line}: the reply does not echo its request`);
  }
}

function summary(entries: readonly LogEntry[], exchanges: readonly Exchange[]): string {
  const messages = entries.filter(({ kind }) => kind === "message").length;
  const payloads = entries.filter((entry) => "payload" in entry && entry.payload !== undefined);
  const refused = exchanges.filter(({ status }) => status !== undefined && status !== 0);
  const lost = exchanges.filter(({ outcome }) => outcome === "timeout");
  const statuses = refused.map(({ status }) => status).join(", ");
  return [
    `${messages} messages`,
    `${exchanges.length} requests`,
    ...(payloads.length > 0 ? [`${payloads.length} payloads`] : []),
    ...(refused.length > 0 ? [`refused with ${statuses}`] : []),
    ...(lost.length > 0 ? [`${lost.length} timed out`] : []),
  ].join(", ");
}
