import { Command, CommanderError } from "commander";
import { addBench } from "./bench-command.js";
import { addControls } from "./controls-command.js";
import { ExitCode, failureOf } from "./exit-code.js";
import { addExplore } from "./explore-command.js";
import { addInspect } from "./inspect-command.js";
import { addMeasure } from "./measure-command.js";
import type { Output } from "./output.js";
import { addReplay } from "./replay-command.js";
import { addRun } from "./run-command.js";

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

  for (const add of [addRun, addInspect, addControls, addReplay, addMeasure, addBench, addExplore])
    add(root, output);
  for (const command of root.commands)
    for (const each of [command, ...command.commands])
      each.exitOverride().configureOutput(root.configureOutput());
  return root;
}
