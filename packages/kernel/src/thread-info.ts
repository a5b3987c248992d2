import { EFAULT, EINVAL, ENOSPC, ENOSYS } from "@sof-ts/kit";
import { Slow } from "./constants.js";
import type { Kernel } from "./kernel.js";
import { ObjType } from "./object.js";
import { InitRule, validate } from "./permissions.js";
import { userMay } from "./syscalls.js";
import { Thread } from "./thread.js";
import type { UserString } from "./user-string.js";

/** What `runtimeStatsGet` fills in (Zephyr's `k_thread_runtime_stats_t`), in cycles. */
export interface RuntimeStats {
  executionCycles: number;
  totalCycles: number;
  idleCycles: number;
}

/** Cycles that `thread` has executed until now, without interrupts taken. */
function executed(thread: Thread): number {
  const cpu = thread.cpu;
  if (cpu === null || cpu.current !== thread || !cpu.online) return thread.cycles;
  return thread.cycles + Math.max(0, cpu.time - cpu.usageStart);
}

/** Zephyr's `k_thread_runtime_stats_get`. @returns 0; -EINVAL without a thread or a buffer */
export function threadRuntimeStats(
  k: Kernel,
  thread: Thread | null | undefined,
  stats: RuntimeStats | null | undefined,
): number {
  k.supervisorOnly("k_thread_runtime_stats_get");
  if (!thread || !stats) return -EINVAL;
  stats.executionCycles = executed(thread);
  stats.totalCycles = stats.executionCycles;
  stats.idleCycles = 0;
  return 0;
}

/** Zephyr's `k_thread_runtime_stats_all_get`. @returns 0; -EINVAL without a buffer */
export function allRuntimeStats(k: Kernel, stats: RuntimeStats | null | undefined): number {
  k.supervisorOnly("k_thread_runtime_stats_all_get");
  if (!stats) return -EINVAL;
  let execution = 0;
  let total = 0;
  let idle = 0;
  for (const cpu of k.cpus) {
    total += cpu.time - cpu.isrCycles;
    idle += cpu.idleCycles;
    execution += cpu.time - cpu.isrCycles - cpu.idleCycles;
  }
  stats.executionCycles = execution;
  stats.totalCycles = total;
  stats.idleCycles = idle;
  return 0;
}

/**
 * Zephyr's `k_thread_name_set`; null names the calling thread.
 *
 * @returns 0; -EFAULT for a string in memory that the user thread cannot read; -EINVAL from user mode for what is
 * no thread, or one without permission; -ENOSYS without names
 */
export function nameSet(k: Kernel, target: unknown, name: string | UserString | null): number {
  if (k.slow !== 0) k.enterCall("k_thread_name_set");
  if (k.options.threadNameMax === 0) return -ENOSYS;
  if (name === null) return -EFAULT;
  let text = name;
  if (typeof text !== "string") {
    // What is beyond the longest name is not looked at.
    const bytes = Math.min(text.text.length + 1, k.options.threadNameMax);
    if ((k.slow & Slow.USER) !== 0 && !userMay(k, text.address, bytes, false)) return -EFAULT;
    text = text.text;
  }
  const thread = target ?? k.current;
  if (
    (k.slow & Slow.USER) !== 0 &&
    validate(thread, ObjType.THREAD, InitRule.ANY, k.current) !== 0
  ) {
    return -EINVAL;
  }
  if (!(thread instanceof Thread)) return -EINVAL;
  thread.setName(text);
  return 0;
}

/**
 * Zephyr's `k_thread_name_copy`: needs no permission on the thread.
 *
 * @param bytes size of the caller's buffer, the terminator included
 * @param buffer where it lies in memory, if it does
 * @returns the name; -ENOSPC; -EFAULT when the user thread cannot write the buffer; -EINVAL for what is no thread,
 * and from user mode for one that has ended; -ENOSYS without names
 */
export function nameCopy(
  k: Kernel,
  target: unknown,
  bytes: number,
  buffer?: number,
): string | number {
  if (k.slow !== 0) k.enterCall("k_thread_name_copy");
  if (k.options.threadNameMax === 0) return -ENOSYS;
  if (!(target instanceof Thread) || target.freed) return -EINVAL;
  if ((k.slow & Slow.USER) !== 0) {
    if (!target.initialised) return -EINVAL;
    if (buffer !== undefined && !userMay(k, buffer, bytes, true)) return -EFAULT;
  }
  return target.name.length + 1 > bytes ? -ENOSPC : target.name;
}
