import type { Command } from "commander";
import { measure, type MeasureOptions } from "../commands/measure.js";
import { directionOption, platformOption, positiveNumber, wholeNumber } from "./options.js";
import type { Output } from "./output.js";

const examples = `
Examples:
  sof-testbench measure -t sof-hda-generic-2ch.tplg --pcm "HDA Analog" --plot response.svg
  sof-testbench measure -t sof-hda-generic-2ch.tplg --controls tuning.sh --level -20 --json`;

/** Adds `measure`. */
export function addMeasure(root: Command, output: Output): void {
  root
    .command("measure")
    .description(
      "Measure frequency response, THD+N, latency, level and noise floor of a PCM's path.",
    )
    .requiredOption("-t, --topology <file>", "topology (.tplg)")
    .option("--pcm <name|id>", "PCM to open (default: the first)")
    .addOption(directionOption())
    .addOption(platformOption())
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
    .addHelpText("after", examples)
    .action(async (options: MeasureOptions) => output.out(await measure(options, output)));
}
