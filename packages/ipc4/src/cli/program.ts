import { Command, CommanderError } from "commander";
import { describe } from "../log/describe.js";
import { decodeLog, type LogEntry } from "../log/log.js";
import { parseWords } from "../message/words-text.js";
import { jsonEntry, renderEntries } from "./render.js";

/** What the program needs of the machine that it runs on. */
export interface CliIo {
  /** Whether standard input is a terminal, on which nobody has pasted anything. */
  readonly stdinIsTerminal: boolean;
  /** Reads all of standard input. */
  readStdin(): string;
  /** Reads a file; throws when it cannot. */
  readFile(path: string): string;
  /** Writes to standard output. */
  out(text: string): void;
  /** Writes to standard error. */
  err(text: string): void;
}

/** Exit code: everything was decoded. */
const EXIT_OK = 0;
/** Exit code: input cannot be read, is damaged, or has no message in it. */
const EXIT_INPUT = 1;
/** Exit code: the command line is wrong. */
const EXIT_USAGE = 2;

const EXAMPLES = `
Examples:
  dmesg | sof-ipc4 decode
  journalctl -k | sof-ipc4 decode --context | less
  sof-ipc4 decode dmesg.txt mtrace.txt
  sof-ipc4 decode --json dmesg.txt | jq '.[] | select(.kind == "timeout")'
  sof-ipc4 words '0x13000004|0x1' 02000000 01000000 00000000

Exit codes: 0 all decoded; 1 input that cannot be read, is damaged or has no IPC4 message in it; 2 wrong
command line.`;

/** Ends the program with a message of one line. */
class CliFailure extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}

/**
 * Runs the program.
 *
 * @param args the command line without interpreter and script
 * @returns the exit code
 */
export function runCli(args: readonly string[], io: CliIo): number {
  let exitCode = EXIT_OK;
  const program = new Command("sof-ipc4")
    .description("Explains the IPC4 conversation between a host and Sound Open Firmware.")
    .addHelpText("after", EXAMPLES);
  const decode = program
    .command("decode")
    .description("explain a log: of the kernel, of journalctl, of the firmware, of bpftrace")
    .argument("[files...]", "logs; standard input when none is given, or for -")
    .option("--json", "print a JSON list of entries")
    .option("--context", "print lines that have nothing to do with IPC, too")
    .addHelpText("after", EXAMPLES)
    .action((files: string[], options: { json?: boolean; context?: boolean }) => {
      exitCode = decodeFiles(files, options, io);
    });
  const words = program
    .command("words")
    .description("explain one message")
    .argument("<words>", "both words, as logs show them: 0x13000004|0x1")
    .argument("[payload...]", "bytes of its payload in hexadecimal")
    .action((text: string, payload: string[]) => {
      io.out(`${explainWords(text, payload.join(""))}\n`);
    });
  for (const command of [program, decode, words]) {
    command.exitOverride().configureOutput({
      writeOut: (text) => io.out(text),
      writeErr: (text) => io.err(text),
    });
  }
  try {
    program.parse(args, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_OK : EXIT_USAGE;
    if (!(error instanceof CliFailure)) throw error;
    io.err(`sof-ipc4: ${error.message}\n`);
    return error.exitCode;
  }
  return exitCode;
}

function decodeFiles(
  files: readonly string[],
  options: { readonly json?: boolean; readonly context?: boolean },
  io: CliIo,
): number {
  const sources = files.length > 0 ? files : ["-"];
  if (sources.includes("-") && io.stdinIsTerminal) {
    throw new CliFailure("no log: name a file, or pipe one in", EXIT_USAGE);
  }
  let exitCode = EXIT_OK;
  const json: object[] = [];
  for (const source of sources) {
    const name = source === "-" ? "standard input" : source;
    const entries = decodeLog(readSource(source, io), name);
    if (!entries.some(isIpc)) {
      io.err(`sof-ipc4: ${name}: no IPC4 message found\n`);
      exitCode = EXIT_INPUT;
    }
    if (options.json) {
      const shown = entries.filter(({ kind }) => options.context === true || kind !== "other");
      const file = files.length > 1 ? { source } : {};
      json.push(...shown.map((entry) => ({ ...file, ...jsonEntry(entry) })));
    } else {
      if (files.length > 1) io.out(`==> ${source} <==\n`);
      const lines = renderEntries(entries, options.context === true);
      if (lines.length > 0) io.out(`${lines.join("\n")}\n`);
    }
    for (const entry of entries) {
      if (entry.kind !== "malformed") continue;
      io.err(`sof-ipc4: ${name}, line ${entry.line}, offset ${entry.offset}: ${entry.reason}\n`);
      exitCode = EXIT_INPUT;
    }
  }
  if (options.json) io.out(`${JSON.stringify(json, null, 2)}\n`);
  return exitCode;
}

const isIpc = ({ kind }: LogEntry): boolean => kind !== "comment" && kind !== "other";

function readSource(source: string, io: CliIo): string {
  try {
    return source === "-" ? io.readStdin() : io.readFile(source);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === "ENOENT" ? "no such file" : code === "EISDIR" ? "is a folder" : message;
    throw new CliFailure(`${source}: ${reason}`, EXIT_INPUT);
  }
}

function explainWords(text: string, payloadText: string): string {
  const words = parseWords(text);
  if (words === undefined) {
    throw new CliFailure(`"${text}" is not two words; write them as 0x13000004|0x1`, EXIT_USAGE);
  }
  const digits = payloadText.replaceAll(/[\s,]/g, "");
  if (!/^(?:[\da-f]{2})*$/i.test(digits)) {
    throw new CliFailure("the payload is not hexadecimal bytes", EXIT_USAGE);
  }
  const payload = Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  return describe(words, payload.length > 0 ? payload : undefined);
}
