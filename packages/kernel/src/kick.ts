import type { Cycles } from "@sof-ts/kit";
import type { Cpu } from "./cpu.js";
import type { Kernel } from "./kernel.js";

/** Has `cpu` act at `at`, or as soon after it as it can. */
export function kick(k: Kernel, cpu: Cpu, at: Cycles): void {
  if (cpu === k.cpu) {
    // It executes this very operation: end its run at the next point between operations.
    if (!cpu.masked) k.limit = Number.NEGATIVE_INFINITY as Cycles;
    return;
  }
  if (cpu.masked) return;
  const due = at > cpu.time ? at : cpu.time;
  if (due >= cpu.nextAt) return;
  cpu.nextAt = due;
  const limit = due - k.skew;
  if (limit < k.limit) k.limit = limit as Cycles;
}
