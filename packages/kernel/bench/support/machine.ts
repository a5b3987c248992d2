import { EventQueue } from "@sof-ts/kit";
import { Kernel, type KernelOptions } from "../../src/index.js";

/** One entry of a benchmark file: `run` does the measured thing `iterations` times. */
export interface Bench {
  readonly name: string;
  readonly unit?: string;
  /** Measured things in one iteration; 1 if not given. */
  readonly perIteration?: number;
  run(iterations: number): void;
}

/** A 400 MHz machine with all its CPUs up. */
export function machine(cpus = 1, options: KernelOptions = {}): Kernel {
  const kernel = new Kernel({
    cpus,
    cyclesPerSecond: 400_000_000,
    ticksPerSecond: 15_000,
    events: new EventQueue(),
    options,
  });
  for (let id = 1; id < cpus; id++) kernel.startCpu(id);
  return kernel;
}

/** Runs to the end and makes sure that it was the natural one. */
export function finish(kernel: Kernel): void {
  const { reason, fatal } = kernel.run();
  if (reason !== "idle") throw new Error(`run ended with ${reason}: ${fatal?.message ?? ""}`);
}
