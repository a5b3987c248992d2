import type { Command } from "commander";
import { benchLocking, type BenchLockingOptions } from "../commands/bench-locking.js";
import { platformOption, wholeNumber } from "./options.js";
import type { Output } from "./output.js";

const benchLockingHelp = `
Each pipeline goes from a host copier through gains and DC blockers to a link of its own. "component mutex" is
the historical user-space scheme, a mutex for each component; "user LL" holds the LL lock for the tick; "kernel
LL" runs the tick privileged. The numbers are the kernel's own counters of a machine that plays, not estimates.

Example:
  sof-testbench bench locking --pipelines 1,4,8 --components 4`;

/** Adds `bench` and what it can count. */
export function addBench(root: Command, output: Output): void {
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
    .addOption(platformOption())
    .option("--json", "print the counts as JSON")
    .addHelpText("after", benchLockingHelp)
    .action((options: BenchLockingOptions) => output.out(benchLocking(options)));
}
