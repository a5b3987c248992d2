/** Draws `src/<module>/transfer.svg` for the modules' READMEs. */
import { writeFileSync } from "node:fs";
import { plots } from "./plots.js";

for (const { folder, make } of plots) {
  const file = new URL(`../src/${folder}/transfer.svg`, import.meta.url);
  const svg = make();
  writeFileSync(file, svg);
  console.log(`${folder}: ${svg.length} bytes`);
}
