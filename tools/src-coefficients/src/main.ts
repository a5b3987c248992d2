import { readFileSync, writeFileSync } from "node:fs";
import { parseCommandLine, runMain, UsageError } from "@sof-ts/workspace";
import { generatedAsrcModule } from "./asrc-encode.js";
import { recordingsTable } from "./asrc-recordings.js";
import { asrcReport, comparison } from "./asrc-report.js";
import { generatedModule } from "./encode.js";
import { markdownReport, textReport } from "./report.js";

const usage = `src-coefficients COMMAND

  generate        write the tables in packages/dsp/src/generated
  check           fail when they are not what generate would write
  report          measure every synchronous conversion; --markdown for QUALITY.md
  asrc [FOLDER]   measure the asynchronous converter; with a folder of recordings, compare it with them`;

const folder = new URL("../../../packages/dsp/src/generated/", import.meta.url);

/** The committed tables and what makes them. */
const tables: readonly (readonly [file: URL, make: () => string])[] = [
  [new URL("src-coefficients.ts", folder), generatedModule],
  [new URL("asrc-coefficients.ts", folder), generatedAsrcModule],
];

const comparisons = (folder: string): string =>
  `${comparison(`${folder}/vectors`)}\n\n${recordingsTable(folder)}`;

function main(args: readonly string[]): number {
  const { values, positionals } = parseCommandLine(args, { markdown: { type: "boolean" } });
  const [command, argument] = positionals;
  if (command === "generate") {
    for (const [file, make] of tables) writeFileSync(file, make());
  } else if (command === "check") {
    return tables.every(([file, make]) => readFileSync(file, "utf8") === make()) ? 0 : 1;
  } else if (command === "report") {
    console.log(values.markdown === true ? markdownReport() : textReport());
  } else if (command === "asrc") {
    console.log(argument === undefined ? asrcReport() : comparisons(argument));
  } else {
    throw new UsageError(usage);
  }
  return 0;
}

await runMain(main);
