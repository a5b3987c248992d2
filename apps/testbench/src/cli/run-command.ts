import { type Command, Option } from "commander";
import { type RunOptions, run } from "../commands/run.js";
import {
  directionOption,
  lockingOption,
  pipelineIds,
  platformOption,
  positiveNumber,
  wholeNumber,
} from "./options.js";
import type { Output } from "./output.js";

const examples = `
Examples:
  sof-testbench run -t sof-hda-generic-2ch.tplg -i music.wav -o out.wav
  sof-testbench run -t sof-mtl-rt711.tplg --pcm "Jack Out" -i music.wav -o out.wav --platform mtl
  sof-testbench run -t demo.tplg --direction capture -i voice.wav -o captured.wav
  sof-testbench -t bench.tplg -i in.raw -o out.raw -p 1,2 -r 48000 -c 2 -b S32_LE
  sof-testbench run -t demo.tplg -i music.wav -o out.wav --controls volume.sh
  sof-testbench run -t effect.tplg -i music.wav -o out.wav --library effect.ri --key dev.pub
  sof-testbench run -t demo.tplg -i music.wav -o out.wav --trace trace.json --checked`;

/** Adds `run`. */
export function addRun(root: Command, output: Output): void {
  root
    .command("run")
    .description("Play a file through a PCM of a topology, or record one.")
    .requiredOption("-t, --topology <file>", "topology (.tplg)")
    .requiredOption("-i, --input <file>", "WAV file, or raw samples")
    .option("-o, --output <file>", "WAV file to write, or raw samples")
    .option("--pcm <name|id>", "PCM to open (default: the first in that direction)")
    .addOption(directionOption())
    .addOption(platformOption())
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
    .addHelpText("after", examples)
    .action(async (options: RunOptions) => {
      output.out(await run(options, output));
    });
}
