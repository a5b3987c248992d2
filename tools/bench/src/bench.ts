/**
 * A benchmark. Modules in the `bench/` folder of a package export `benches`, a list of these; they need not
 * import this type.
 */
export interface Bench {
  readonly name: string;
  /** Makes what the work needs, before anything is timed. */
  setUp?(): void;
  /** Does the work `iterations` times. The loop is the benchmark's own, so that nothing comes between. */
  run(iterations: number): void;
  /** What one operation is ("switch", "frame"); "op" if not given. */
  readonly unit?: string;
  /** Operations that one iteration makes; 1 if not given. */
  readonly perIteration?: number;
  /** Milliseconds of audio that one iteration makes; the table then shows multiples of real time. */
  readonly realTimeMs?: number;
  /** Multiple of real time that the C implementation reaches at the same work; the table then compares. */
  readonly reference?: number;
}

/** What was measured, in nanoseconds for one operation. */
export interface Result {
  /** `package/file: name`. */
  readonly name: string;
  readonly unit: string;
  readonly medianNs: number;
  readonly minNs: number;
  readonly maxNs: number;
  readonly samples: number;
  /** Iterations of one sample. */
  readonly iterations: number;
  /** Median as a multiple of real time. */
  readonly realTime?: number;
  /** Multiple of real time that the C implementation reaches. */
  readonly reference?: number;
}

/**
 * Checks that a module's `benches` are benchmarks.
 *
 * @throws Error that names the file and the field
 */
export function checkBenches(benches: unknown, file: string): readonly Bench[] {
  if (!Array.isArray(benches)) throw new Error(`${file}: benches is not a list`);
  const optional = [
    ["unit", "string"],
    ["perIteration", "number"],
    ["realTimeMs", "number"],
    ["reference", "number"],
    ["setUp", "function"],
  ] as const;
  for (const [index, bench] of (benches as Partial<Bench>[]).entries()) {
    const where = `${file}: benches[${index}]`;
    if (typeof bench.name !== "string") throw new Error(`${where}.name is not a string`);
    if (typeof bench.run !== "function") throw new Error(`${where}.run is not a function`);
    for (const [field, type] of optional) {
      if (bench[field] !== undefined && typeof bench[field] !== type) {
        throw new Error(`${where}.${field} is not a ${type}`);
      }
    }
  }
  return benches as Bench[];
}
