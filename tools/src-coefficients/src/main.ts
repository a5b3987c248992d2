import { readFileSync, writeFileSync } from "node:fs";
import { parseCommandLine, runMain, UsageError } from "@sof-ts/workspace";
import { generatedModule } from "./encode.js";
import { markdownReport, textReport } from "./report.js";

const usage = `src-coefficients COMMAND

  generate   write packages/dsp/src/generated/src-coefficients.ts
  check      fail when that file is not what generate would write
  report     measure every conversion and print the table; --markdown for QUALITY.md`;

/** The committed tables. */
export const generatedPath = new URL(
  "../../../packages/dsp/src/generated/src-coefficients.ts",
  import.meta.url,
);

function main(args: readonly string[]): number {
  const { values, positionals } = parseCommandLine(args, { markdown: { type: "boolean" } });
  const [command] = positionals;
  if (command === "generate") {
    writeFileSync(generatedPath, generatedModule());
  } else if (command === "check") {
    return readFileSync(generatedPath, "utf8") === generatedModule() ? 0 : 1;
  } else if (command === "report") {
    console.log(values.markdown === true ? markdownReport() : textReport());
  } else {
    throw new UsageError(usage);
  }
  return 0;
}

await runMain(main);
