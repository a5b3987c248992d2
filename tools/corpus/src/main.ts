import { existsSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { formatTable, parseCommandLine, repoRoot, runMain, UsageError } from "@sof-ts/workspace";
import { expectedFailures } from "./expected.js";
import { columnsOf, judge, type Outcome, type Verdict } from "./outcome.js";
import { type Suite, type SuiteFunction, suites } from "./suites.js";

const usage = `pnpm corpus FOLDER [options]

  FOLDER        folder with topologies, traces and golden audio
  --only NAME   run one suite: ${suites.map(({ name }) => name).join(", ")}
  --failures    print only the rows that failed
  --json        print all rows as JSON`;

/** What the whole run counted; expected failures are counted as passed. */
type Counts = Record<Verdict, number>;

async function runSuite(suite: Suite, folder: string): Promise<readonly unknown[]> {
  const module = (await import(pathToFileURL(join(repoRoot, suite.module)).href)) as Readonly<
    Record<string, unknown>
  >;
  const run = module[suite.run];
  if (typeof run !== "function") throw new Error(`${suite.module} does not export ${suite.run}`);
  return (run as SuiteFunction)(folder);
}

function printTable(outcomes: readonly Outcome[]): void {
  if (outcomes.length === 0) return;
  const columns = columnsOf(outcomes);
  const rows = outcomes.map(({ verdict, cells }) => [
    verdict,
    ...columns.map((name) => cells[name] ?? ""),
  ]);
  console.log(formatTable(["verdict", ...columns], rows));
}

function count(outcomes: readonly Outcome[]): Counts {
  const counts: Counts = { passed: 0, failed: 0, expected: 0, skipped: 0 };
  for (const { verdict } of outcomes) counts[verdict]++;
  return counts;
}

/** Leaves the counts for the continuous-integration script, which adds them to those of the tests. */
function leaveResults({ passed, failed, expected, skipped }: Counts): void {
  const results = process.env["SOF_TS_RESULTS"];
  if (results === undefined) return;
  writeFileSync(
    join(results, "corpus.json"),
    JSON.stringify({ passed: passed + expected, failed, skipped }),
  );
}

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseCommandLine(args, {
    help: { type: "boolean", short: "h" },
    only: { type: "string" },
    failures: { type: "boolean" },
    json: { type: "boolean" },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const [argument] = positionals;
  if (argument === undefined || positionals.length > 1) throw new UsageError(usage);
  const folder = resolve(argument);
  if (!existsSync(folder)) throw new UsageError(`${argument}: no such folder`);
  const chosen = suites.filter(({ name }) => values.only === undefined || values.only === name);
  if (chosen.length === 0) throw new UsageError(`no suite "${values.only}"\n\n${usage}`);

  const total = count([]);
  const json: Record<string, readonly Outcome[]> = {};
  for (const suite of chosen) {
    if (!values.json) console.log(`\n${suite.name}: ${suite.title}\n`);
    let outcomes: readonly Outcome[];
    try {
      const judged = judge(suite.name, await runSuite(suite, folder), expectedFailures);
      const stale = judged.stale.map(({ cells, reason }): Outcome => {
        return {
          verdict: "failed",
          cells: { ...cells, problem: `no longer fails, remove it: ${reason}` },
        };
      });
      outcomes = [...judged.outcomes, ...stale];
    } catch (error) {
      // A suite that cannot run is a failure like any other; the rest runs all the same.
      console.error(error);
      outcomes = [{ verdict: "failed", cells: { problem: (error as Error).message } }];
    }
    json[suite.name] = outcomes;
    const counts = count(outcomes);
    for (const verdict of Object.keys(counts) as Verdict[]) total[verdict] += counts[verdict];
    if (values.json) continue;
    printTable(values.failures ? outcomes.filter(({ verdict }) => verdict === "failed") : outcomes);
    console.log(`\n${suite.name}: ${summary(counts)}`);
  }
  if (values.json) console.log(JSON.stringify(json, null, 2));
  else console.log(`\ncorpus: ${summary(total)}`);
  leaveResults(total);
  return total.failed > 0 ? 1 : 0;
}

function summary({ passed, failed, expected, skipped }: Counts): string {
  const parts = [`${passed} passed`, `${failed} failed`];
  if (expected > 0) parts.push(`${expected} failed as expected`);
  if (skipped > 0) parts.push(`${skipped} skipped`);
  return parts.join(", ");
}

await runMain(main);
