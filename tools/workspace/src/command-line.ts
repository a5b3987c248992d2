import { type ParseArgsConfig, parseArgs } from "node:util";

type Options = NonNullable<ParseArgsConfig["options"]>;

/** Bad arguments: shown as one line, exit code 1. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/**
 * Parses the arguments of a tool. `pnpm bench -- --json` hands the `--` on, so a leading one is dropped.
 *
 * @throws UsageError for an option that does not exist or lacks its value
 */
export function parseCommandLine<const T extends Options>(args: readonly string[], options: T) {
  try {
    return parseArgs({
      args: args[0] === "--" ? args.slice(1) : [...args],
      options,
      allowPositionals: true,
      strict: true,
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** Runs the main function of a tool: a usage error becomes one line and exit code 1. */
export async function runMain(
  main: (args: readonly string[]) => number | Promise<number>,
): Promise<void> {
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
