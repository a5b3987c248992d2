import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { benchLocking, type BenchLockingOptions } from "../commands/bench-locking.js";
import { controls, type ControlsOptions } from "../commands/controls.js";
import { exploreCommand, type ExploreCommandOptions } from "../commands/explore.js";
import { inspect, type InspectFormat } from "../commands/inspect.js";
import { replay, type ReplayCommandOptions } from "../commands/replay.js";
import { measure, type MeasureOptions } from "../commands/measure.js";
import { type RunOptions, run } from "../commands/run.js";
import { ExitCode, failureOf } from "./exit-code.js";

/** Where a command writes; the process's own streams, or a test's. */
export interface Output {
  out(text: string): void;
  err(text: string): void;
  /** Whether `err` is a terminal that a progress bar can live on. */
  readonly interactive: boolean;
}

const examples = `
Examples:
  sof-testbench run -t sof-hda-generic-2ch.tplg -i music.wav -o out.wav
  sof-testbench run -t sof-mtl-rt711.tplg --pcm "Jack Out" -i music.wav -o out.wav --platform mtl
  sof-testbench run -t demo.tplg --direction capture -i voice.wav -o captured.wav
  sof-testbench -t bench.tplg -i in.raw -o out.raw -p 1,2 -r 48000 -c 2 -b S32_LE
  sof-testbench run -t demo.tplg -i music.wav -o out.wav --controls volume.sh
  sof-testbench run -t effect.tplg -i music.wav -o out.wav --library effect.ri --key dev.pub
  sof-testbench controls -t sof-hda-generic-2ch.tplg
  sof-testbench measure -t sof-hda-generic-2ch.tplg --pcm "HDA Analog" --plot response.svg
  sof-testbench run -t demo.tplg -i music.wav -o out.wav --trace trace.json
  sof-testbench run -t demo.tplg -i music.wav -o out.wav --checked
  sof-testbench explore -t demo.tplg --pcm Music --runs 1000
  sof-testbench inspect sof-hda-generic-2ch.tplg
  sof-testbench inspect sof-hda-generic-2ch.tplg --format svg -o graph.svg
  sof-testbench replay dmesg.txt
  sof-testbench replay mtrace.txt --platform lnl --module-map 5=copier,16=drc --json
  sof-testbench bench locking

Exit codes: 0 ok, 1 usage, 2 bad input, 3 the firmware answered with an error, 4 firmware fault or
checker violation.`;

const replayHelp = `
Payloads that the log lacks are made up by stated rules, and so is what requests presume where lines are
missing; the table says which and why. Exit codes: 0 when every difference has a reason, 3 when an answer
differs without one, 4 when our firmware halted or did not answer.`;

const benchLockingHelp = `
Each pipeline goes from a host copier through gains and DC blockers to a link of its own. "component mutex" is
the historical user-space scheme, a mutex for each component; "user LL" holds the LL lock for the tick; "kernel
LL" runs the tick privileged. The numbers are the kernel's own counters of a machine that plays, not estimates.

Example:
  sof-testbench bench locking --pipelines 1,4,8 --components 4`;

const exploreHelp = `
Examples:
  sof-testbench explore -t demo.tplg --pcm Music --runs 1000
  sof-testbench explore -t sof-hda-generic-2ch.tplg --pcm "HDA Analog" "HDA Analog:capture"
  sof-testbench explore -t demo.tplg --pcm Music --replay 212x0.1 --trace failed.json

Every run has to carry the same audio, without xruns, errors or leaks. Exit code 4 when one does not: the
line says what went wrong and under which schedule, made as small as it gets.`;

/**
 * Runs one command line. @returns the exit code; errors become one line on `err`, never a stack trace
 *
 * @param args without interpreter and program name
 */
export async function main(args: readonly string[], output: Output): Promise<ExitCode> {
  try {
    await program(output).parseAsync(withDefaultCommand(args), { from: "user" });
    return ExitCode.OK;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.OK : ExitCode.USAGE;
    const { code, message } = failureOf(error);
    output.err(`sof-testbench: ${message}\n`);
    return code;
  }
}

/** The reference testbench has no commands: options alone mean `run`. */
function withDefaultCommand(args: readonly string[]): string[] {
  const [first] = args;
  const bare = first !== undefined && first.startsWith("-") && !["-h", "--help"].includes(first);
  return bare ? ["run", ...args] : [...args];
}

/** A positive number. @throws InvalidArgumentError, which the parser puts the option's name to */
function positiveNumber(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError("Not a positive number.");
}

/** A positive whole number. @throws InvalidArgumentError, which the parser puts the option's name to */
function wholeNumber(text: string): number {
  const value = positiveNumber(text);
  if (Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError("Not a whole number.");
}

/** Pipeline ids between commas. @throws InvalidArgumentError, which the parser puts the option's name to */
function pipelineIds(text: string): readonly number[] {
  if (/^\d+(,\d+)*$/.test(text)) return text.split(",").map(Number);
  throw new InvalidArgumentError("Not pipeline ids between commas, such as 1,2.");
}

function program(output: Output): Command {
  const root = new Command("sof-testbench");
  root
    .description(
      "Plays and records through a topology, on SOF's user-space LL firmware on a model of the DSP.",
    )
    .configureOutput({ writeOut: (text) => output.out(text), writeErr: (text) => output.err(text) })
    .exitOverride()
    .showHelpAfterError("(use --help for the options)")
    .addHelpText("after", examples);

  root
    .command("run")
    .description("Play a file through a PCM of a topology, or record one.")
    .requiredOption("-t, --topology <file>", "topology (.tplg)")
    .requiredOption("-i, --input <file>", "WAV file, or raw samples")
    .option("-o, --output <file>", "WAV file to write, or raw samples")
    .option("--pcm <name|id>", "PCM to open (default: the first in that direction)")
    .addOption(new Option("--direction <direction>", "which way").choices(["playback", "capture"]))
    .addOption(
      new Option("--platform <platform>", "DSP to model")
        .choices(["tgl", "mtl", "lnl", "ptl"])
        .default("mtl"),
    )
    .addOption(
      new Option("--host <host>", "whose messages to send: the Linux driver's or SOF's testbench's")
        .choices(["linux", "testbench"])
        .default("linux"),
    )
    .option("-r, --rate <hz>", "rate of raw input, or to ask the PCM for", wholeNumber)
    .option("-c, --channels <n>", "channels of raw input, or to ask the PCM for", wholeNumber)
    .option(
      "-b, --bits <format>",
      "sample format of raw input and output, or to ask the PCM for (S32_LE)",
    )
    .option("--controls <script>", "set controls while it runs: amixer, sof-ctl and sleep commands")
    .option("--library <file...>", "libraries (.ri) with modules that the topology needs")
    .option("--key <file...>", "public keys that may sign them (default: anybody's)")
    .option("--duration <seconds>", "stop after so much audio", positiveNumber)
    .option(
      "-p, --pipelines <ids>",
      "open the PCM that runs through these pipelines (1,2), as the reference testbench is told",
      pipelineIds,
    )
    .addOption(lockingOption())
    .option("--json", "print the report as JSON")
    .option("--log-ipc", "print every IPC message")
    .option(
      "--trace <file>",
      "write threads, interrupts, locks and system calls for ui.perfetto.dev",
    )
    .option(
      "--checked",
      "check privilege, lifetimes, locks, caches and races; exit code 4 if broken",
    )
    .action(async (options: RunOptions) => {
      output.out(await run(options, output));
    });

  root
    .command("inspect")
    .description("Show pipelines, widgets, routes, PCMs, controls and formats of a topology.")
    .argument("<file>", "topology (.tplg)")
    .addOption(
      new Option("--format <form>", "how")
        .choices(["table", "json", "dot", "svg"])
        .default("table"),
    )
    .option("--json", "short for --format json")
    .option("-o, --output <file>", "write to a file")
    .action(
      async (file: string, options: { format: InspectFormat; json?: boolean; output?: string }) => {
        const format = options.json === true ? "json" : options.format;
        output.out(await inspect(file, { format, output: options.output }));
      },
    );
  root
    .command("controls")
    .description("List the controls of a topology with kind, range, dB scale and value.")
    .requiredOption("-t, --topology <file>", "topology (.tplg)")
    .option("--pcm <name|id>", "only those that a PCM runs through")
    .addOption(new Option("--direction <direction>", "which way").choices(["playback", "capture"]))
    .addOption(
      new Option("--platform <platform>", "DSP to model")
        .choices(["tgl", "mtl", "lnl", "ptl"])
        .default("mtl"),
    )
    .option("--json", "print JSON")
    .action((options: ControlsOptions) => output.out(controls(options)));

  root
    .command("replay")
    .description("Send the requests of a kernel or firmware log again and compare the answers.")
    .argument("<log>", "log of the kernel, of journalctl, of the firmware or of bpftrace")
    .addOption(
      new Option("--platform <platform>", "DSP to model (default: the log's, else mtl)").choices([
        "tgl",
        "mtl",
        "lnl",
        "ptl",
      ]),
    )
    .option("--module-map <map>", "what the log's module ids are: 4=copier,16=drc")
    .option("--no-fill", "do not make up what the log presumes and does not show")
    .option("--max-wait <ms>", "longest time between two requests (default: 20)", positiveNumber)
    .option("--json", "print the comparison as JSON")
    .addHelpText("after", replayHelp)
    .action((log: string, options: ReplayCommandOptions) =>
      replay(log, options, (text) => output.out(text)),
    );

  root
    .command("measure")
    .description(
      "Measure frequency response, THD+N, latency, level and noise floor of a PCM's path.",
    )
    .requiredOption("-t, --topology <file>", "topology (.tplg)")
    .option("--pcm <name|id>", "PCM to open (default: the first)")
    .addOption(new Option("--direction <direction>", "which way").choices(["playback", "capture"]))
    .addOption(
      new Option("--platform <platform>", "DSP to model")
        .choices(["tgl", "mtl", "lnl", "ptl"])
        .default("mtl"),
    )
    .option("-r, --rate <hz>", "rate of the PCM (default: 48000 if it can)", wholeNumber)
    .option("-c, --channels <n>", "channels of the PCM (default: 2 if it can)", wholeNumber)
    .option("-b, --bits <format>", "sample format of the PCM (default: the widest)")
    .option("--level <dBFS>", "peak of the stimulus, in dB relative to full scale", "-6")
    .option("--ramp <seconds>", "time for gains to ramp first", positiveNumber, 1)
    .option("--controls <script>", "set controls first: amixer, sof-ctl and sleep commands")
    .option("--library <file...>", "libraries (.ri) with modules that the topology needs")
    .option("--key <file...>", "public keys that may sign them (default: anybody's)")
    .option("--json", "print the report as JSON")
    .option("--plot <file>", "draw the frequency response into an SVG file")
    .action(async (options: MeasureOptions) => output.out(await measure(options, output)));

  const bench = root
    .command("bench")
    .description("Count what the firmware's own work costs, in operations and virtual cycles.");
  bench
    .command("locking")
    .description(
      "Count system calls, lock operations and cycles per tick for each locking strategy.",
    )
    .option("--pipelines <list>", "numbers of pipelines that play at once", "1-8")
    .option("--components <list>", "numbers of components in each pipeline", "2-8")
    .option("--ticks <n>", "ticks to count over", wholeNumber, 50)
    .addOption(
      new Option("--platform <platform>", "DSP to model")
        .choices(["tgl", "mtl", "lnl", "ptl"])
        .default("mtl"),
    )
    .option("--json", "print the counts as JSON")
    .addHelpText("after", benchLockingHelp)
    .action((options: BenchLockingOptions) => output.out(benchLocking(options)));

  root
    .command("explore")
    .description(
      "Start and stop streams under many orders of interrupts, threads and cores; find one that breaks.",
    )
    .requiredOption("-t, --topology <file>", "topology (.tplg)")
    .option(
      "--pcm <name...>",
      "PCMs, NAME or NAME:capture; the first stops and starts beside the others (default: the first)",
    )
    .addOption(
      new Option("--platform <platform>", "DSP to model")
        .choices(["tgl", "mtl", "lnl", "ptl"])
        .default("mtl"),
    )
    .addOption(lockingOption())
    .addOption(
      new Option("--strategy <strategy>", "how orders are picked")
        .choices(["sparse", "random", "exhaustive"])
        .default("sparse"),
    )
    .option("--runs <n>", "orders to try at most", wholeNumber, 100)
    .option("--changes <n>", "decisions off the default order in a run", wholeNumber, 3)
    .option("--seed <n>", "of the first run", wholeNumber, 1)
    .option("--phase <ms>", "length of each phase", positiveNumber, 60)
    .option("--replay <schedule>", "repeat the run that an earlier one printed")
    .option("--trace <file>", "write the run that failed, or the replay, for ui.perfetto.dev")
    .option("--json", "print the report as JSON")
    .addHelpText("after", exploreHelp)
    .action((options: ExploreCommandOptions) => output.out(exploreCommand(options, output)));

  for (const command of [...root.commands, ...bench.commands])
    command.exitOverride().configureOutput(root.configureOutput());
  return root;
}

const lockingOption = (): Option =>
  new Option("--locking <strategy>", "what keeps the graph whole beside the tick")
    .choices(["user-ll", "kernel-ll", "component-mutex"])
    .default("user-ll");
