// Adds up the results in a folder and prints the closing line: add-up.mjs FOLDER FAILED_STEPS.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const [folder = ".", steps = "0"] = process.argv.slice(2);
const read = (name) => {
  const file = join(folder, name);
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
};

const tests = read("tests.json");
const corpus = read("corpus.json") ?? { passed: 0, failed: 0, skipped: 0 };
const passed = (tests?.numPassedTests ?? 0) + corpus.passed;
const counted = (tests?.numFailedTests ?? 0) + corpus.failed;
const skipped = (tests?.numPendingTests ?? 0) + (tests?.numTodoTests ?? 0) + corpus.skipped;
// A step can fail without a failed test: a type error, a file that does not load, no results at all.
const failed = Math.max(counted, Number(steps), tests ? 0 : 1);
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
process.exitCode = failed > 0 ? 1 : 0;
