import { type Command, Option } from "commander";
import { inspect, type InspectFormat } from "../commands/inspect.js";
import type { Output } from "./output.js";

const examples = `
Examples:
  sof-testbench inspect sof-hda-generic-2ch.tplg
  sof-testbench inspect sof-hda-generic-2ch.tplg --format svg -o graph.svg`;

/** Adds `inspect`. */
export function addInspect(root: Command, output: Output): void {
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
    .addHelpText("after", examples)
    .action(
      async (file: string, options: { format: InspectFormat; json?: boolean; output?: string }) => {
        const format = options.json === true ? "json" : options.format;
        output.out(await inspect(file, { format, output: options.output }));
      },
    );
}
