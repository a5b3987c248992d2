import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseCommandLine, repoRoot, runMain } from "@sof-ts/workspace";
import { drawArchitecture, picturePath } from "./picture.js";

async function main(args: readonly string[]): Promise<number> {
  parseCommandLine(args, {});
  const file = join(repoRoot, picturePath);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, await drawArchitecture());
  console.log(`${picturePath} written`);
  return 0;
}

await runMain(main);
