import { checkBenches } from "./bench.js";
import { type Effort, measure } from "./measure.js";

/** What the parent tells the process that runs one benchmark file. */
export interface ChildOptions {
  /** `package/file`, the first part of each result's name. */
  readonly file: string;
  readonly filter: string;
  readonly effort: Effort;
}

/** Runs the benchmarks of one file in this process and sends each result to the parent. */
export function runChild(exported: unknown): void {
  const options = JSON.parse(process.argv[2] ?? "{}") as ChildOptions;
  for (const bench of checkBenches(exported, options.file)) {
    const name = `${options.file}: ${bench.name}`;
    if (!name.includes(options.filter)) continue;
    // A clean heap: the garbage of one benchmark is not collected in the next.
    (globalThis as { gc?: () => void }).gc?.();
    process.send?.(measure(bench, name, options.effort));
  }
}
