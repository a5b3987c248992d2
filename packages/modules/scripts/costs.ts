/** Writes `src/generated/costs.ts`: what the manifest entries say of the modules' costs. */
import { mkdirSync, writeFileSync } from "node:fs";
import { generatedCosts } from "./measure-costs.js";

const folder = new URL("../src/generated/", import.meta.url);
mkdirSync(folder, { recursive: true });
const text = generatedCosts();
writeFileSync(new URL("costs.ts", folder), text);
console.log(`costs: ${text.length} bytes`);
