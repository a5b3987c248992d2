import { checkBenches, type Result } from "./bench.js";
import { type Effort, measure } from "./measure.js";

/** What the parent tells the process that runs one benchmark file. */
export interface ChildOptions {
  /** `package/file`, the first part of each result's name. */
  readonly file: string;
  readonly filter: string;
  readonly effort: Effort;
  /** Only the benchmark of this number; left out for all. */
  readonly only?: number;
}

/** What the process tells its parent. */
export type ChildMessage = { readonly result: Result } | { readonly separate: number };

/**
 * Runs the benchmarks of one file in this process and sends each result to the parent. A file whose benchmarks
 * want processes of their own says so, and only how many they are is sent.
 */
export function runChild(exported: { benches: unknown; ownProcesses?: unknown }): void {
  const options = JSON.parse(process.argv[2] ?? "{}") as ChildOptions;
  const benches = checkBenches(exported.benches, options.file);
  const send = (message: ChildMessage): void => void process.send?.(message);
  if (exported.ownProcesses === true && options.only === undefined) {
    send({ separate: benches.length });
    return;
  }
  for (const [index, bench] of benches.entries()) {
    if (options.only !== undefined && index !== options.only) continue;
    const name = `${options.file}: ${bench.name}`;
    if (!name.includes(options.filter)) continue;
    // A clean heap: the garbage of one benchmark is not collected in the next.
    (globalThis as { gc?: () => void }).gc?.();
    send({ result: measure(bench, name, options.effort) });
  }
}
