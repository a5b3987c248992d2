import type { LockingName } from "@sof-ts/firmware";
import type { PlatformName } from "@sof-ts/soc";
import Table from "cli-table3";
import { type LockingCost, measureLockingCost, strategies } from "../bench/locking-cost.js";
import { UsageError } from "../errors.js";

/** Options of `sof-testbench bench locking`, as the command line gives them. */
export interface BenchLockingOptions {
  readonly platform: PlatformName;
  readonly pipelines: string;
  readonly components: string;
  readonly ticks: number;
  readonly json?: boolean;
}

/** Streams that the smallest platform has host DMA channels and links for. */
const MOST_PIPELINES = 8;
const FEWEST_COMPONENTS = 2;
const MOST_COMPONENTS = 8;

/** Counts what a tick costs under each locking strategy. @returns the report, as text or JSON */
export function benchLocking(options: BenchLockingOptions): string {
  const { platform, ticks } = options;
  const pipelines = range("--pipelines", options.pipelines, 1, MOST_PIPELINES);
  const components = range("--components", options.components, FEWEST_COMPONENTS, MOST_COMPONENTS);
  if (!Number.isInteger(ticks)) throw new UsageError("--ticks wants a whole number");
  const rows = measureLockingCost({ platform, pipelines, components, ticks });
  if (options.json === true) return `${JSON.stringify({ platform, ticks, rows }, null, 2)}\n`;
  return `${tableOf(rows)}\n${note(platform, ticks)}\n`;
}

/** `3`, `1-8` or `1,2,8`. */
function range(option: string, text: string, least: number, most: number): readonly number[] {
  const numbers = text.split(",").flatMap((part) => {
    const [from, to = from] = part.split("-").map(Number);
    if (from === undefined || to === undefined || !Number.isInteger(from) || !Number.isInteger(to))
      throw new UsageError(`${option} wants numbers or ranges as in 1-4,8, not "${text}"`);
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  });
  if (numbers.length === 0 || numbers.some((number) => number < least || number > most))
    throw new UsageError(`${option} wants numbers from ${least} to ${most}, not "${text}"`);
  return [...new Set(numbers)].sort((a, b) => a - b);
}

const titles: Readonly<Record<LockingName, string>> = {
  "component-mutex": "component mutex",
  "user-ll": "user LL",
  "kernel-ll": "kernel LL",
};

function tableOf(rows: readonly LockingCost[]): string {
  const table = new Table({ style: { head: [], border: [], compact: true } });
  table.push([
    { content: "pipelines", rowSpan: 2 },
    { content: "components\neach", rowSpan: 2 },
    ...strategies.map((locking) => ({ content: titles[locking], colSpan: 4 })),
  ]);
  table.push(strategies.flatMap(() => ["system calls", "lock ops", "cycles", "overhead"]));
  for (const { pipelines, components, perTick } of rows) {
    const costs = strategies.flatMap((locking) => {
      const { systemCalls, lockOperations, cycles, overheadCycles } = perTick[locking];
      return [short(systemCalls), short(lockOperations), short(cycles), short(overheadCycles)];
    });
    table.push([pipelines, components, ...costs].map((content) => ({ content, hAlign: "right" })));
  }
  return table.toString();
}

function short(value: number): string {
  return value >= 100 ? value.toFixed(0) : String(Math.round(value * 10) / 10);
}

function note(platform: PlatformName, ticks: number): string {
  return (
    `Per tick of the LL thread of core 0 of ${platform}, counted over ${ticks} ticks of 1 ms. Lock operations\n` +
    "are locks and unlocks of mutexes; overhead is the cycles that no component was charged for. With the\n" +
    "component mutex, 2 lock operations of each component and 2 of each pipeline are those by which the walk\n" +
    "finds the next component safely; the historical scheme went without them, and could meet a freed one."
  );
}
