import { defaultPlatform, platformNames } from "@sof-ts/soc";
import { type Command, Option } from "commander";
import { replay, type ReplayCommandOptions } from "../commands/replay.js";
import { positiveNumber } from "./options.js";
import type { Output } from "./output.js";

const replayHelp = `
Examples:
  sof-testbench replay dmesg.txt
  journalctl -k | sof-testbench replay -
  sof-testbench replay mtrace.txt --platform lnl --module-map 5=copier,16=drc --json

Payloads that the log lacks are made up by stated rules, and so is what requests presume where lines are
missing; the table says which and why. Exit codes: 0 when every difference has a reason, 3 when an answer
differs without one, 4 when our firmware halted or did not answer.`;

/** Adds `replay`. */
export function addReplay(root: Command, output: Output): void {
  root
    .command("replay")
    .description("Send the requests of a kernel or firmware log again and compare the answers.")
    .argument(
      "<log>",
      "log of the kernel, of journalctl, of the firmware or of bpftrace; - reads standard input",
    )
    .addOption(
      new Option(
        "--platform <platform>",
        `DSP to model (default: the log's, else ${defaultPlatform})`,
      ).choices(platformNames),
    )
    .option("--module-map <map>", "what the log's module ids are: 4=copier,16=drc")
    .option("--no-fill", "do not make up what the log presumes and does not show")
    .option("--max-wait <ms>", "longest time between two requests (default: 20)", positiveNumber)
    .option("--json", "print the comparison as JSON")
    .addHelpText("after", replayHelp)
    .action((log: string, options: ReplayCommandOptions) =>
      replay(log, options, (text) => output.out(text)),
    );
}
