import { InputError } from "@sof-ts/kit";
import { defaultPlatform, platformNames, type PlatformName } from "@sof-ts/soc";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { DEFAULT_IDLE_MS, FirmwareServer, type ServeAddress } from "../serve/server.js";

/** What the program needs of the process that it runs in. */
export interface ProgramIo {
  out(text: string): void;
  err(text: string): void;
  /** Waits until the user wants the program to end. */
  untilStopped(): Promise<void>;
}

/** Exit codes of `sof-firmware`. */
export const ExitCode = {
  OK: 0,
  /** The command line is wrong. */
  USAGE: 1,
  /** The socket or port cannot be used. */
  BAD_INPUT: 2,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

interface ServeOptions {
  readonly socket?: string;
  readonly tcp?: number;
  readonly platform: PlatformName;
  readonly maxConnections: number;
  readonly idle: number;
  readonly quiet?: boolean;
}

const examples = `
Examples:
  sof-firmware serve --socket /tmp/sof.sock
  sof-firmware serve --socket /tmp/sof.sock --platform lnl --quiet
  sof-firmware serve --tcp 7700 --max-connections 4

Each connection gets a DSP of its own. The protocol is in SOCKET.md of @sof-ts/host, whose SocketLink is a
client. Ports are opened on 127.0.0.1 only. The program ends with SIGINT or SIGTERM.

Exit codes: 0 ok, 1 usage, 2 the socket or port cannot be used.`;

/**
 * Runs one command line. @returns the exit code; errors become one line on `err`, never a stack trace
 *
 * @param args without interpreter and program name
 */
export async function main(args: readonly string[], io: ProgramIo): Promise<ExitCode> {
  try {
    await program(io).parseAsync([...args], { from: "user" });
    return ExitCode.OK;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.OK : ExitCode.USAGE;
    io.err(`sof-firmware: ${error instanceof Error ? error.message : String(error)}\n`);
    return ExitCode.BAD_INPUT;
  }
}

function program(io: ProgramIo): Command {
  const root = new Command("sof-firmware");
  root
    .description("SOF's user-space LL firmware on a model of the DSP.")
    .configureOutput({ writeOut: (text) => io.out(text), writeErr: (text) => io.err(text) })
    .exitOverride()
    .showHelpAfterError("(use --help for the options)")
    .addHelpText("after", examples);
  const serveCommand = root
    .command("serve")
    .description("Offer the host's registers, windows, DMA streams and links on a socket.")
    .addOption(new Option("--socket <path>", "listen on a Unix socket").conflicts("tcp"))
    .addOption(
      new Option("--tcp <port>", "listen on a port of 127.0.0.1; 0 takes a free one").argParser(
        (text) => integer(text, 0, 0xffff),
      ),
    )
    .addOption(
      new Option("--platform <platform>", "DSP to model for clients that do not ask for one")
        .choices(platformNames)
        .default(defaultPlatform),
    )
    .addOption(
      new Option("--max-connections <n>", "clients at a time")
        .argParser((text) => integer(text, 1, 1024))
        .default(16),
    )
    .addOption(
      new Option(
        "--idle <seconds>",
        "how long without traffic before a client may lose its place; 0: never",
      )
        .argParser((text) => integer(text, 0, 86_400))
        .default(DEFAULT_IDLE_MS / 1000),
    )
    .option("--quiet", "do not tell of connections")
    .addHelpText("after", examples)
    .action((options: ServeOptions) => serve(options, io, serveCommand));
  serveCommand.exitOverride().configureOutput(root.configureOutput());
  return root;
}

async function serve(options: ServeOptions, io: ProgramIo, command: Command): Promise<void> {
  const { platform, maxConnections, idle, quiet } = options;
  const address = addressOf(options, command);
  const log = quiet === true ? () => {} : (line: string) => io.err(`${line}\n`);
  const server = new FirmwareServer({ platform, maxConnections, idleMs: idle * 1000, log });
  const listening = await server.listen(address);
  io.out(`listening on ${listening}\n`);
  await io.untilStopped();
  await server.close();
}

function addressOf({ socket, tcp }: ServeOptions, command: Command): ServeAddress {
  if (socket !== undefined) return { path: socket };
  if (tcp !== undefined) return { port: tcp };
  command.error("error: name --socket <path> or --tcp <port>");
  throw new InputError("no address");
}

function integer(text: string, min: number, max: number): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isInteger(value) || value < min || value > max)
    throw new InvalidArgumentError(`It must be ${min} to ${max}.`);
  return value;
}
