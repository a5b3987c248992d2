import type { Thread } from "./thread.js";

/**
 * Whether `a` goes strictly before `b` in the run queue and in every wait queue: better priority, and
 * inside a priority the earlier deadline (Zephyr's `z_sched_prio_cmp`).
 *
 * @param narrow deadlines are 32 bits wide and compare by signed difference
 */
export function ranksBefore(a: Thread, b: Thread, narrow: boolean): boolean {
  if (a.priority !== b.priority) return a.priority < b.priority;
  if (a.deadline === b.deadline) return false;
  return narrow ? ((a.deadline - b.deadline) | 0) < 0 : a.deadline < b.deadline;
}
