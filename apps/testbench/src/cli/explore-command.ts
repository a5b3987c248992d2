import { type Command, Option } from "commander";
import { exploreCommand, type ExploreCommandOptions } from "../commands/explore.js";
import { lockingOption, platformOption, positiveNumber, wholeNumber } from "./options.js";
import type { Output } from "./output.js";

const exploreHelp = `
Examples:
  sof-testbench explore -t demo.tplg --pcm Music --runs 1000
  sof-testbench explore -t sof-hda-generic-2ch.tplg --pcm "HDA Analog" "HDA Analog:capture"
  sof-testbench explore -t demo.tplg --pcm Music --replay 212x0.1 --trace failed.json

Every run has to carry the same audio, without xruns, errors or leaks. Exit code 4 when one does not: the
line says what went wrong and under which schedule, made as small as it gets.`;

/** Adds `explore`. */
export function addExplore(root: Command, output: Output): void {
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
    .addOption(platformOption())
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
}
