import type { Command } from "commander";
import { controls, type ControlsOptions } from "../commands/controls.js";
import { directionOption, platformOption } from "./options.js";
import type { Output } from "./output.js";

const examples = `
Examples:
  sof-testbench controls -t sof-hda-generic-2ch.tplg
  sof-testbench controls -t sof-hda-generic-2ch.tplg --pcm "HDA Analog" --json`;

/** Adds `controls`. */
export function addControls(root: Command, output: Output): void {
  root
    .command("controls")
    .description("List the controls of a topology with kind, range, dB scale and value.")
    .requiredOption("-t, --topology <file>", "topology (.tplg)")
    .option("--pcm <name|id>", "only those that a PCM runs through")
    .addOption(directionOption())
    .addOption(platformOption())
    .option("--json", "print JSON")
    .addHelpText("after", examples)
    .action((options: ControlsOptions) => output.out(controls(options)));
}
