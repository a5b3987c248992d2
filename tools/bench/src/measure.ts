import type { Bench, Result } from "./bench.js";

/** How long to measure. */
export interface Effort {
  /** Samples of one benchmark. */
  readonly samples: number;
  /** Milliseconds that one sample should take; a longer iteration makes it longer. */
  readonly sampleMs: number;
  /** Milliseconds of running before the first sample, for the compiler. */
  readonly warmUpMs: number;
}

/** A clock in nanoseconds; replaced in tests. */
export type Clock = () => number;

/**
 * Time that the processor spent on this process: what other programs take of a shared machine is not in it.
 */
const hostClock: Clock = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
};

/**
 * Times one benchmark: runs it warm, doubling the iterations until a run is long enough for the clock, then
 * takes samples of as many iterations as fill their time.
 *
 * @param name full name for the result
 */
export function measure(
  bench: Bench,
  name: string,
  effort: Effort,
  clock: Clock = hostClock,
): Result {
  const time = (iterations: number) => {
    const start = clock();
    bench.run(iterations);
    return clock() - start;
  };
  bench.setUp?.();
  let iterations = 1;
  let elapsed = time(iterations);
  for (let spent = elapsed; spent < effort.warmUpMs * 1e6 || elapsed < 1e5; spent += elapsed) {
    if (elapsed < effort.sampleMs * 5e5) iterations *= 2;
    elapsed = time(iterations);
  }
  iterations = Math.max(1, Math.round((iterations * effort.sampleMs * 1e6) / elapsed));

  const operations = iterations * (bench.perIteration ?? 1);
  const samples = Array.from({ length: effort.samples }, () => time(iterations) / operations);
  samples.sort((a, b) => a - b);
  const medianNs = median(samples);
  const result: Result = {
    name,
    unit: bench.unit ?? "op",
    medianNs,
    minNs: samples[0] ?? 0,
    maxNs: samples.at(-1) ?? 0,
    samples: samples.length,
    iterations,
  };
  if (bench.realTimeMs === undefined) return result;
  const iterationNs = medianNs * (bench.perIteration ?? 1);
  const { reference } = bench;
  return {
    ...result,
    realTime: (bench.realTimeMs * 1e6) / iterationNs,
    ...(reference === undefined ? {} : { reference }),
  };
}

/** The median of sorted values. */
function median(sorted: readonly number[]): number {
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}
