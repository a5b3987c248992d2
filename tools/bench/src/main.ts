import { fork } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { cpus } from "node:os";
import { basename, join } from "node:path";
import { parseCommandLine, readWorkspace, repoRoot, runMain, UsageError } from "@sof-ts/workspace";
import type { Result } from "./bench.js";
import { bundle } from "./bundle.js";
import type { ChildMessage, ChildOptions } from "./child.js";
import type { Effort } from "./measure.js";
import { formatReport, type Report } from "./report.js";

const usage = `pnpm bench [filter] [options]

  filter            run benchmarks whose "package/file: name" holds this text
  --list            name the benchmark files, run nothing
  --quick           few short samples: for a first look, not for a comparison
  --json            print the results as JSON
  --baseline FILE   compare with results that --json printed before`;

const careful: Effort = { samples: 15, sampleMs: 50, warmUpMs: 1000 };
const quick: Effort = { samples: 5, sampleMs: 10, warmUpMs: 200 };

interface BenchFile {
  /** `package/file`. */
  readonly name: string;
  readonly path: string;
}

/** Every TypeScript file in the `bench` folder of a package or an application. */
function benchFiles(): readonly BenchFile[] {
  return readWorkspace()
    .packages.filter(({ group, dir }) => group !== "tools" && existsSync(join(dir, "bench")))
    .flatMap(({ dir }) =>
      readdirSync(join(dir, "bench"))
        .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
        .sort()
        .map((file) => ({
          name: `${basename(dir)}/${file.replace(/(\.bench)?\.ts$/, "")}`,
          path: join(dir, "bench", file),
        })),
    );
}

/** Runs each benchmark of a file in a process of its own. */
async function runSeparately(
  bundled: string,
  options: ChildOptions,
  count: number,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (let only = 0; only < count; only++) {
    results.push(...(await runFile(bundled, { ...options, only })));
  }
  return results;
}

/** Runs one bundled file in a process of its own, so that no benchmark shapes the code of another. */
function runFile(bundled: string, options: ChildOptions): Promise<readonly Result[]> {
  return new Promise((resolve, reject) => {
    const results: Result[] = [];
    let separate = 0;
    // The results own standard output; what a benchmark prints goes to standard error.
    const child = fork(bundled, [JSON.stringify(options)], {
      execArgv: ["--expose-gc"],
      stdio: ["ignore", 2, 2, "ipc"],
    });
    child.on("message", (sent) => {
      const message = sent as ChildMessage;
      if ("result" in message) results.push(message.result);
      else separate = message.separate;
    });
    child.on("error", reject);
    child.on("exit", (code) => {
      if (code === 0) resolve(separate === 0 ? results : runSeparately(bundled, options, separate));
      else reject(new Error(`${options.file}: exit code ${code}`));
    });
  });
}

function readBaseline(path: string): Report {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Report;
  } catch (error) {
    throw new UsageError(`${path}: ${(error as Error).message}`);
  }
}

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseCommandLine(args, {
    help: { type: "boolean", short: "h" },
    list: { type: "boolean" },
    quick: { type: "boolean" },
    json: { type: "boolean" },
    baseline: { type: "string" },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const baseline = values.baseline === undefined ? undefined : readBaseline(values.baseline);
  const filter = positionals.join(" ");
  const outDir = join(repoRoot, "node_modules/.cache/bench");
  mkdirSync(outDir, { recursive: true });

  const results: Result[] = [];
  for (const { name, path } of benchFiles()) {
    const bundled = await bundle(path, outDir, name.replace("/", "-"));
    if (bundled === undefined) continue;
    if (values.list) {
      console.log(name);
      continue;
    }
    if (!values.json) process.stderr.write(`${name} …\n`);
    results.push(
      ...(await runFile(bundled, { file: name, filter, effort: values.quick ? quick : careful })),
    );
  }
  if (values.list) return 0;
  if (results.length === 0) throw new UsageError(`no benchmark matches "${filter}"`);
  const report: Report = { node: process.version, cpu: cpus()[0]?.model ?? "unknown", results };
  console.log(values.json ? JSON.stringify(report, null, 2) : formatReport(report, baseline));
  return 0;
}

await runMain(main);
